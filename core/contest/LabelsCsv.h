#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// What a defense, ours or another's, wrote.
struct DefenseOutput
{
    std::map<std::string, int> labels; ///< by image name without .png or .jpg; the last row counts
    std::vector<int> skippedLines; ///< not "NAME,INTEGER": skipped, as the toolkit does
};

/// Reads it as the toolkit's runner does: rows without a name and a whole number are skipped, a
/// label may be any integer (one that is no label never counts as right). Throws Error(BadInput):
/// not readable, no CSV (an open quote, a NUL byte), too large.
[[nodiscard]] DefenseOutput readDefenseOutput(const std::filesystem::path& csv);

/// An integer as the toolkit's int() reads plain ones: blanks round it and one sign are allowed.
[[nodiscard]] std::optional<int> toolkitInteger(std::string_view text);

} // namespace crossiter
