#include "core/base/Error.h"

#include <cstdio>

namespace crossiter {

namespace {

std::string compose(const std::string& text, const std::string& place, const std::string& expected,
    const std::string& found)
{
    std::string line = oneLine(text);
    if (!place.empty())
        line += ", " + oneLine(place);
    if (!expected.empty())
        line += ": expected " + oneLine(expected);
    if (!found.empty())
        line += (expected.empty() ? ": found " : ", found ") + oneLine(found);
    return line;
}

} // namespace

// All texts by value, so that one way of calling does for all four.
// NOLINTBEGIN(performance-unnecessary-value-param)
Error::Error(
    ErrorKind kind, std::string text, std::string place, std::string expected, std::string found)
    : std::runtime_error(compose(text, place, expected, found))
    , m_kind(kind)
    , m_text(std::move(text))
    , m_place(std::move(place))
{
}
// NOLINTEND(performance-unnecessary-value-param)

std::string Error::whatElse() const
{
    std::string line = what();
    if (!m_place.empty())
        line.erase(oneLine(m_text).size(), 2 + oneLine(m_place).size()); // ", PLACE"
    return line;
}

int exitCodeOf(ErrorKind kind) noexcept
{
    switch (kind) {
    case ErrorKind::Usage:
        return 2;
    case ErrorKind::Device:
        return 3;
    case ErrorKind::BadInput:
    case ErrorKind::Internal:
        break;
    }
    return 1;
}

std::string oneLine(const std::string& text, std::size_t maxBytes)
{
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            char hex[8] = {};
            std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(byte));
            out += hex;
        } else {
            out += c;
        }
        if (out.size() >= maxBytes) {
            // A cut may not leave half a UTF-8 character behind.
            while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U)
                out.pop_back();
            if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0U)
                out.pop_back();
            return out + "...";
        }
    }
    return out;
}

} // namespace crossiter
