#include "core/contest/SafeName.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace crossiter {

namespace {

constexpr std::size_t kMaxNameBytes = 200; // leaves room for endings within the usual 255

/// Well-formed UTF-8 without overlong forms, surrogates and values above U+10FFFF.
bool isUtf8(const std::string& text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        std::size_t following = 0;
        std::uint32_t smallest = 0;
        std::uint32_t value = lead;
        if (lead >= 0xF0 && lead <= 0xF4) {
            following = 3;
            smallest = 0x10000;
            value = lead & 0x07U;
        } else if (lead >= 0xE0 && lead < 0xF0) {
            following = 2;
            smallest = 0x800;
            value = lead & 0x0FU;
        } else if (lead >= 0xC2 && lead < 0xE0) {
            following = 1;
            smallest = 0x80;
            value = lead & 0x1FU;
        } else if (lead >= 0x80) {
            return false;
        }
        if (following >= text.size() - at && following > 0)
            return false;
        for (std::size_t i = 1; i <= following; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            if ((byte & 0xC0U) != 0x80U)
                return false;
            value = (value << 6U) | (byte & 0x3FU);
        }
        if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
            return false;
        at += following + 1;
    }
    return true;
}

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

} // namespace

bool isSafeFileName(const std::string& name)
{
    return !name.empty() && name.size() <= kMaxNameBytes
        && std::string(".=+-@").find(name.front()) == std::string::npos
        && name.find_first_of("/\\") == std::string::npos
        && std::none_of(name.begin(), name.end(), isControl) && isUtf8(name);
}

void requireSafeFileName(const std::string& name, const std::string& place)
{
    if (!isSafeFileName(name))
        throw Error(ErrorKind::BadInput, "not usable as a file name", place,
            "1 to 200 bytes of UTF-8 without slashes and control characters, not beginning with . "
            "= "
            "+ - or @",
            name.empty() ? "nothing" : name);
}

void requireSubmissionName(const std::string& name, const std::string& place)
{
    requireSafeFileName(name, place);
    if (name.find_first_of(",\"") != std::string::npos)
        throw Error(ErrorKind::BadInput, "not usable as a submission's name", place,
            "a name without commas and quotes", name);
}

} // namespace crossiter
