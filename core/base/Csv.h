#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

struct CsvRow
{
    int line = 0; ///< 1-based line of the file on which the row begins
    std::vector<std::string> fields;
};

/// RFC 4180: commas, quotes, quoted line breaks, LF or CRLF, UTF-8 BOM skipped; empty lines are
/// skipped. A quote inside an unquoted field is an ordinary character. At most 64 MB and 2 million
/// fields. Throws Error(BadInput) with file and line: unclosed quote, text after a closing quote,
/// NUL byte.
[[nodiscard]] std::vector<CsvRow> readCsv(const std::filesystem::path& path);
[[nodiscard]] std::vector<CsvRow> parseCsv(const std::string& text, const std::string& place);

/// Quotes a field when it needs it.
[[nodiscard]] std::string csvField(const std::string& text);

} // namespace crossiter
