#pragma once

#include "app/cli/Options.h"
#include "core/defense/DefenseRequest.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace crossiter::cli {

/// The defense options of `defend` and `sweep`. Stages stand in the order in which they were typed.
class DefenseOptions
{
public:
    /// The options stay alive as long as this.
    void addTo(CLI::App& command);

    /// After the arguments were read. seed: --seed's value, which counts when it was typed.
    /// Throws Error(Usage).
    [[nodiscard]] DefenseRequest request(const CLI::App& command, std::uint64_t seed) const;

private:
    void takeItem(DefenseRequest& request, const std::string& key, const std::string& value) const;

    std::string m_text;
    std::string m_samples;
    // Where CLI11 puts values; they are read from the options, in the order typed.
    std::map<std::string, std::vector<std::string>> m_typed;
    std::map<std::string, std::string> m_flags;
};

} // namespace crossiter::cli
