#pragma once

#include <string>
#include <vector>

namespace crossiter {

/// What an error says it found: the word, and the nearest known one if there is one (nearestWord):
/// "'bmi'; did you mean bim?". The word stands in quotes when `quoted`.
[[nodiscard]] std::string foundWord(
    const std::string& word, const std::vector<std::string>& known, bool quoted = true);

/// The same among names of several words (nearestName), without quotes.
[[nodiscard]] std::string foundName(const std::string& word, const std::vector<std::string>& names);

} // namespace crossiter
