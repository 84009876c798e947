#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crossiter {

/// How other people's text (names of files, models and submissions, notes, messages) reaches a
/// reader. What is escaped everywhere: C0 and C1 controls, DEL, line and paragraph separators,
/// controls of writing direction, characters without width, tags, and bytes that are no UTF-8.
/// \n, \t and \xNN stand for bytes, \uNNNN (or \UNNNNNNNN) for characters.

/// One line without anything that a terminal would obey. All else stays as it is; never cut.
[[nodiscard]] std::string forTerminal(std::string_view text);

/// The same, but line feeds and tabs stay: for texts of our own that have lines.
[[nodiscard]] std::string linesForTerminal(std::string_view text);

/// One field of a CSV file that people open: as forTerminal, an apostrophe before what a
/// spreadsheet would take for a formula (after blanks: = + - @ and their full-width forms), and
/// quoted as RFC 4180 wants it. Not for numbers, and not for the competition's files, which refuse
/// such names (core/contest/SafeName.h).
[[nodiscard]] std::string forCsvCell(std::string_view text);

/// Inside a line or a table's cell of Markdown: as forTerminal, and no character begins a mark-up,
/// a tag, a link or another cell. What stands in plain names (letters, digits, . _ - inside a word)
/// stays as it is.
[[nodiscard]] std::string forMarkdown(std::string_view text);

/// Text or a quoted attribute of HTML: as forTerminal, and & < > " ' as entities.
[[nodiscard]] std::string forHtml(std::string_view text);

/// JSON that means the same and may stand in a script element: < > & and the characters that are
/// escaped everywhere as \u00NN. `json` must be JSON; its own line ends stay.
[[nodiscard]] std::string jsonForScript(std::string_view json);

/// JSON that means the same, with the characters that are escaped everywhere as \uNNNN; < > & and
/// line ends stay. For JSON that is printed or opened.
[[nodiscard]] std::string jsonForReaders(std::string_view json);

/// Whether a character is one of those that are escaped everywhere.
[[nodiscard]] bool isHiddenCharacter(std::uint32_t character);

/// Takes one character of UTF-8 (no overlong forms, no surrogates, at most U+10FFFF) from the front
/// of a text that is not empty; nothing, and one byte less, when it does not begin with one.
[[nodiscard]] std::optional<std::uint32_t> takeCharacter(std::string_view& text);

} // namespace crossiter
