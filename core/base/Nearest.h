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

/// What an error expects of a word that is not known: "is 'fgsm' meant? One of: bim, fgsm", or
/// "one of: bim, fgsm"; "none is known" without any.
[[nodiscard]] std::string oneOf(const std::string& word, const std::vector<std::string>& known);

} // namespace crossiter
