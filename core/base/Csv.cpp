#include "core/base/Csv.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Words.h"

namespace crossiter {

namespace {

constexpr std::uint64_t kMaxCsvBytes = 64ULL << 20U;
constexpr std::size_t kMaxFields = 2'000'000; // a file of commas alone would take 30 times its size

/// One pass over the text; `m_at` stands on the next character.
class CsvParser
{
public:
    CsvParser(const std::string& text, const std::string& place, const CsvStyle& style)
        : m_text(text)
        , m_place(place)
        , m_style(style)
        , m_at(text.starts_with("\xef\xbb\xbf") ? 3 : 0)
    {
    }

    std::vector<CsvRow> parse()
    {
        std::vector<CsvRow> rows;
        while (m_at < m_text.size() && rows.size() < m_style.mostRows) {
            CsvRow row = parseRow();
            if (!row.fields.empty())
                rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    [[noreturn]] void fail(const std::string& what, int line, const std::string& expected,
        const std::string& found) const
    {
        throw Error(
            ErrorKind::BadInput, what, m_place + " line " + std::to_string(line), expected, found);
    }

    /// Steps over LF or CRLF. A CR alone is an ordinary character.
    bool skipLineEnd()
    {
        if (m_at < m_text.size() && m_text[m_at] == '\n')
            m_at += 1;
        else if (m_text.compare(m_at, 2, "\r\n") == 0)
            m_at += 2;
        else
            return false;
        ++m_line;
        return true;
    }

    CsvRow parseRow()
    {
        CsvRow row { m_line, {} };
        if (skipLineEnd()) // an empty line
            return row;
        for (;;) {
            skipBlanks();
            const bool quoted = m_at < m_text.size() && m_text[m_at] == '"';
            row.fields.push_back(quoted ? parseQuoted() : parsePlain());
            skipBlanks();
            if (++m_fields > kMaxFields)
                fail("CSV file too large", m_line,
                    "at most " + std::to_string(kMaxFields) + " fields", "more");
            if (m_at >= m_text.size() || skipLineEnd())
                return row;
            if (m_text[m_at] != m_style.separator)
                fail("text after a closing quote in a CSV field", m_line,
                    separatorName() + " or a line end", std::string("'") + m_text[m_at] + "'");
            ++m_at;
        }
    }

    [[nodiscard]] std::string separatorName() const
    {
        if (m_style.separator == ',')
            return "a comma";
        return m_style.separator == '\t' ? "a tab" : "a semicolon";
    }

    [[nodiscard]] std::string_view blanks() const
    {
        return m_style.separator == '\t' ? " " : " \t";
    }

    void skipBlanks()
    {
        while (m_style.blanksRoundFields && m_at < m_text.size()
            && blanks().find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
    }

    std::string parsePlain()
    {
        const std::size_t start = m_at;
        while (m_at < m_text.size() && m_text[m_at] != m_style.separator && m_text[m_at] != '\n'
            && m_text.compare(m_at, 2, "\r\n") != 0)
            ++m_at;
        const auto field = std::string_view(m_text).substr(start, m_at - start);
        return std::string(m_style.blanksRoundFields ? trimmed(field, blanks()) : field);
    }

    std::string parseQuoted()
    {
        const int startLine = m_line;
        std::string field;
        ++m_at;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c != '"') {
                m_line += c == '\n' ? 1 : 0;
                field += c;
            } else if (m_at < m_text.size() && m_text[m_at] == '"') {
                field += '"';
                ++m_at;
            } else {
                return field;
            }
        }
        fail("unclosed quote in a CSV field", startLine, "a closing quote", "the end of the file");
    }

    const std::string& m_text;
    const std::string& m_place;
    const CsvStyle& m_style;
    std::size_t m_at;
    int m_line = 1;
    std::size_t m_fields = 0;
};

} // namespace

std::vector<CsvRow> readCsv(const std::filesystem::path& path)
{
    return parseCsv(readCsvText(path), path.string());
}

std::string readCsvText(const std::filesystem::path& path)
{
    const std::vector<std::uint8_t> bytes = readFile(path, kMaxCsvBytes);
    return { bytes.begin(), bytes.end() };
}

std::vector<CsvRow> parseCsv(
    const std::string& text, const std::string& place, const CsvStyle& style)
{
    int line = 1;
    for (const char c : text) {
        if (c == '\0')
            throw Error(ErrorKind::BadInput, "NUL byte in a CSV file",
                place + " line " + std::to_string(line), "text", "a NUL byte");
        line += c == '\n' ? 1 : 0;
    }
    return CsvParser(text, place, style).parse();
}

std::string csvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace crossiter
