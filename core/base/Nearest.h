#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// The known word that somebody who typed `word` most likely meant: fewest edits (a letter added,
/// left out, changed, or two neighbours swapped), case ignored; the first of several. A known word
/// that begins with `word` counts as one edit, when `word` has at least three letters. Nothing:
/// none is nearer than a third of the longer word's letters (at least one edit is allowed).
[[nodiscard]] std::optional<std::string> nearestWord(
    const std::string& word, const std::vector<std::string>& known);

/// The same among names of several words: one word of a name counts as well ("bulldogg" finds
/// "French bulldog"), when `word` has at least three letters. The whole name wins where both are as
/// near.
[[nodiscard]] std::optional<std::string> nearestName(
    const std::string& word, const std::vector<std::string>& names);

/// What an error expects of a word that is not known: "bim, fgsm"; "none is known" without any.
/// What it found is foundWord's (core/base/Suggestion.h).
[[nodiscard]] std::string oneOf(const std::vector<std::string>& known);

} // namespace crossiter
