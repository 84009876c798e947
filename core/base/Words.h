#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// Without the blanks at both ends; empty when there is nothing else. Points into `text`.
/// blanks: which bytes count.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

/// The pieces between the marks, empty ones too: at least one. They point into `text`.
[[nodiscard]] std::vector<std::string_view> splitAt(std::string_view text, char mark);

/// A to Z as a to z; every other byte stays.
[[nodiscard]] std::string lowerCase(std::string text);

} // namespace crossiter
