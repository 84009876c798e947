#include "core/base/Nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace crossiter {

namespace {

constexpr std::size_t kLongest = 200; // nobody types more; the table of edits is its square
constexpr std::size_t kShortestBeginning = 3;

std::string lower(std::string text)
{
    std::ranges::transform(
        text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Optimal string alignment: insertion, deletion, substitution, swap of two neighbours.
std::size_t editsBetween(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> table((a.size() + 1) * (b.size() + 1));
    const auto edits = [&](std::size_t i, std::size_t j) -> std::size_t& {
        return table[i * (b.size() + 1) + j];
    };
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                edits(i, j) = i + j;
                continue;
            }
            const std::size_t changed = edits(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
            edits(i, j) = std::min({ changed, edits(i - 1, j) + 1, edits(i, j - 1) + 1 });
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                edits(i, j) = std::min(edits(i, j), edits(i - 2, j - 2) + 1);
        }
    }
    return table.back();
}

/// From a typed word (small letters) to a wanted one; nothing: too many edits.
std::optional<std::size_t> distance(const std::string& typed, const std::string& candidate)
{
    const auto [shorter, longer] = std::minmax({ typed.size(), candidate.size() });
    if (shorter == 0 || longer > kLongest)
        return std::nullopt;
    const std::size_t most = std::max<std::size_t>(1, longer / 3);
    const bool far = longer - shorter > most; // at least so many edits
    const bool mayBegin = typed.size() >= kShortestBeginning && candidate.size() > typed.size();
    if (far && !mayBegin)
        return std::nullopt;
    const std::string wanted = lower(candidate);
    if (mayBegin && wanted.starts_with(typed))
        return 1;
    const std::size_t edits = far ? most + 1 : editsBetween(typed, wanted);
    return edits <= most ? std::optional(edits) : std::nullopt;
}

std::vector<std::string> wordsOf(const std::string& name)
{
    std::vector<std::string> words(1);
    for (const char c : name)
        if (c == ' ' || c == '-' || c == '_')
            words.emplace_back();
        else
            words.back() += c;
    return words;
}

std::optional<std::string> nearest(
    const std::string& word, const std::vector<std::string>& known, bool alsoOneWord)
{
    if (word.empty() || word.size() > kLongest)
        return std::nullopt;
    const std::string typed = lower(word);
    std::optional<std::string> best;
    std::size_t fewest = 0; // in halves, so that a whole name wins
    const auto offer = [&](const std::string& candidate, const std::string& name, bool whole) {
        const auto edits = distance(typed, candidate);
        const std::size_t halves = edits ? 2 * *edits + (whole ? 0 : 1) : 0;
        if (edits && (!best || halves < fewest)) {
            best = name;
            fewest = halves;
        }
    };
    for (const std::string& name : known) {
        offer(name, name, true);
        const std::vector<std::string> words = wordsOf(name);
        if (!alsoOneWord || words.size() < 2 || typed.size() < kShortestBeginning)
            continue;
        for (const std::string& one : words)
            if (one.size() >= kShortestBeginning)
                offer(one, name, false);
    }
    return best;
}

} // namespace

std::optional<std::string> nearestWord(
    const std::string& word, const std::vector<std::string>& known)
{
    return nearest(word, known, false);
}

std::optional<std::string> nearestName(
    const std::string& word, const std::vector<std::string>& names)
{
    return nearest(word, names, true);
}

std::string oneOf(const std::vector<std::string>& known)
{
    if (known.empty())
        return "none is known";
    std::string text;
    for (std::size_t i = 0; i < known.size(); ++i)
        text += (i == 0 ? "" : ", ") + known[i];
    return text;
}

} // namespace crossiter
