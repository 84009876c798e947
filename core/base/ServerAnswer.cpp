#include "core/base/ServerAnswer.h"

#include "core/base/Numbers.h"
#include "core/base/Words.h"

#include <algorithm>
#include <cctype>

namespace crossiter::detail {

namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string lowered(std::string text)
{
    std::ranges::transform(
        text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

} // namespace

void ServerAnswer::take(std::string_view line)
{
    if (line.starts_with("HTTP/")) {
        ServerAnswer next;
        next.responses = responses + 1;
        next.linkedEtag = linkedEtag; // these two come with the first response only
        next.linkedSize = linkedSize;
        *this = next;
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return;
    const std::string name = lowered(std::string(trimmed(line.substr(0, colon), kBlanks)));
    const std::string value(trimmed(line.substr(colon + 1), kBlanks));
    if (name == "content-length")
        length = parseNumber<std::uint64_t>(value);
    else if (name == "content-range")
        range = value;
    else if (name == "etag")
        etag = value.starts_with("W/") ? std::string() : value;
    else if (name == "retry-after")
        retryAfter = static_cast<double>(parseNumber<std::uint64_t>(value).value_or(0));
    else if (name == "x-linked-etag" && responses == 1)
        linkedEtag = value;
    else if (name == "x-linked-size" && responses == 1)
        linkedSize = parseNumber<std::uint64_t>(value);
}

std::string sha256OfTag(std::string etag)
{
    if (etag.starts_with("W/"))
        etag.erase(0, 2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
        etag = etag.substr(1, etag.size() - 2);
    etag = lowered(etag);
    const bool fits =
        etag.size() == 64 && etag.find_first_not_of("0123456789abcdef") == std::string::npos;
    return fits ? etag : std::string();
}

} // namespace crossiter::detail
