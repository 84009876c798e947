#include "core/base/Error.h"

#include "core/base/SafeText.h"

#include <string_view>

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
    , m_expected(std::move(expected))
    , m_found(std::move(found))
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

Error Error::at(const std::string& place) const
{
    return { m_kind, m_text, place, m_expected, m_found };
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
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view before = rest;
        (void)takeCharacter(rest);
        const std::string shown = forTerminal(before.substr(0, before.size() - rest.size()));
        if (out.size() + shown.size() > maxBytes)
            return out + "...";
        out += shown;
    }
    return out;
}

} // namespace crossiter
