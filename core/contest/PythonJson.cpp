#include "core/contest/PythonJson.h"

#include "core/base/Error.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace crossiter {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The length of a number of JSON's grammar at the beginning; 0: none.
std::size_t numberLength(std::string_view text)
{
    const auto digits = [&](std::size_t at) {
        while (at < text.size() && isDigit(text[at]))
            ++at;
        return at;
    };
    const auto is = [&](std::size_t at, char c) { return at < text.size() && text[at] == c; };
    const std::size_t begin = is(0, '-') ? 1 : 0;
    std::size_t end = is(begin, '0') ? begin + 1 : digits(begin);
    if (end == begin)
        return 0;
    if (is(end, '.') && digits(end + 1) > end + 1)
        end = digits(end + 1);
    if (is(end, 'e') || is(end, 'E')) {
        const std::size_t power = end + (is(end + 1, '+') || is(end + 1, '-') ? 2 : 1);
        end = digits(power) > power ? digits(power) : end;
    }
    return end;
}

/// The code unit of \uXXXX at the beginning; -1: none.
int escapedUnit(std::string_view text)
{
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    int unit = 0;
    for (const char c : text.substr(2, 4)) {
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0)
            return -1;
        unit = unit * 16 + (isDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

/// Takes a text's escapes over; a lone surrogate becomes U+FFFD.
std::size_t copyEscape(std::string_view text, std::string& out)
{
    const int unit = escapedUnit(text);
    if (unit < 0xD800 || unit > 0xDFFF) {
        out += text.substr(0, 2);
        return std::min<std::size_t>(2, text.size());
    }
    const int next = escapedUnit(text.substr(6));
    if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
        out += text.substr(0, 12);
        return 12;
    }
    out += "\\ufffd";
    return 6;
}

/// What Python takes and JSON does not, written as JSON. Line breaks stay where they are.
std::string asJson(std::string_view text)
{
    constexpr std::array<std::string_view, 3> kWords { "-Infinity", "Infinity", "NaN" };
    std::string out;
    out.reserve(text.size());
    bool inText = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (inText && rest[0] == '\\') {
            at += copyEscape(rest, out);
            continue;
        }
        std::size_t number = inText ? 0 : numberLength(rest);
        for (const std::string_view word : kWords)
            number = !inText && rest.starts_with(word) ? word.size() : number;
        if (number > 0) {
            out += '0';
            at += number;
            continue;
        }
        inText = (rest[0] == '"') != inText;
        out += rest[0];
        ++at;
    }
    return out;
}

} // namespace

Json parsePythonJson(
    std::string_view text, const std::string& place, std::vector<std::string>* repeated)
{
    if (text.starts_with("\xEF\xBB\xBF")) // our own files may have one, Python's json refuses it
        throw Error(ErrorKind::BadInput, kMetadataJson.fault, place + ", line 1, column 1",
            "JSON in UTF-8 without a byte order mark", "one");
    return parseJson(asJson(text), place, kMetadataJson, repeated);
}

} // namespace crossiter
