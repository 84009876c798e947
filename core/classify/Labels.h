#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// Competition labels: 0 = background, 1..1000 = the ImageNet classes in their usual order + 1.
inline constexpr int kLabelCount = 1001;

/// Short English name ("Dalmatian"); "background" for 0; unique for every label.
/// Throws Error(BadInput) outside 0..1000.
[[nodiscard]] const std::string& labelName(int label);
/// All 1001 of them, by label.
[[nodiscard]] const std::vector<std::string>& labelNames();

/// A number 0..1000, a name (case and '_' / '-' / ' ' not distinguished) or a WordNet id
/// ("n02110341"). Nothing when unknown.
[[nodiscard]] std::optional<int> findLabel(std::string_view text);

/// The same, and WordNet's other names of a class ("laptop"). Not for names of folders: "site" is
/// one of them.
[[nodiscard]] std::optional<int> findLabelOrSynonym(std::string_view text);
/// All of these other names, by label; none of them belongs to two classes.
[[nodiscard]] const std::vector<std::string>& labelSynonyms();

} // namespace crossiter
