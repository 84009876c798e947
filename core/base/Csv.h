#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace crossiter {

struct CsvRow
{
    int line = 0; ///< 1-based line of the file on which the row begins
    std::vector<std::string> fields;
};

/// What is not RFC 4180's.
struct CsvStyle
{
    char separator = ',';
    /// Spaces (and tabs, where they do not separate) round fields and quotes are none of the text.
    bool blanksRoundFields = false;
    std::size_t mostRows = std::numeric_limits<std::size_t>::max(); ///< the first so many
};

/// RFC 4180: commas, quotes, quoted line breaks, LF or CRLF, UTF-8 BOM skipped; empty lines are
/// skipped. A quote inside an unquoted field is an ordinary character. At most 64 MB and 2 million
/// fields. Throws Error(BadInput) with file and line: unclosed quote, text after a closing quote,
/// NUL byte.
[[nodiscard]] std::vector<CsvRow> readCsv(const std::filesystem::path& path);
[[nodiscard]] std::vector<CsvRow> parseCsv(
    const std::string& text, const std::string& place, const CsvStyle& style = {});
/// The bytes of a file of at most 64 MB, for parseCsv.
[[nodiscard]] std::string readCsvText(const std::filesystem::path& path);

/// Quotes a field when it needs it.
[[nodiscard]] std::string csvField(const std::string& text);

} // namespace crossiter
