#pragma once

#include "app/cli/Options.h"
#include "core/defense/DefenseRequest.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crossiter::cli {

/// The defense options of `defend` and `sweep`. Stages stand in the order in which they were typed.
class DefenseOptions
{
public:
    void addTo(CLI::App& command);

    /// After the arguments were read. seed: --seed's value, which counts when it was typed.
    /// Throws Error(Usage).
    [[nodiscard]] DefenseRequest request(const CLI::App& command, std::uint64_t seed) const;

private:
    void takeStage(
        DefenseRequest& request, const std::string& name, const std::string& value) const;

    std::string m_text;
    std::vector<std::string> m_resize;
    std::vector<std::string> m_jpeg;
    std::vector<std::string> m_bits;
    std::vector<std::string> m_median;
    std::vector<std::string> m_purify;
    std::string m_dropout;
    std::string m_samples;
};

} // namespace crossiter::cli
