#include "core/base/Suggestion.h"

#include "core/base/Nearest.h"

#include <optional>

namespace crossiter {

std::string foundWord(const std::string& word, const std::vector<std::string>& known, bool quoted)
{
    const std::string found = quoted ? "'" + word + "'" : word;
    const std::optional<std::string> nearest = nearestWord(word, known);
    return nearest ? found + "; did you mean " + *nearest + "?" : found;
}

std::string foundName(const std::string& word, const std::vector<std::string>& names)
{
    const std::optional<std::string> nearest = nearestName(word, names);
    return nearest ? word + "; did you mean " + *nearest + "?" : word;
}

} // namespace crossiter
