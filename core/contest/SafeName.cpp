#include "core/contest/SafeName.h"

#include "core/base/Error.h"
#include "core/base/SafeText.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crossiter {

namespace {

constexpr std::size_t kMaxNameBytes = 200; // leaves room for endings within the usual 255

/// UTF-8 without characters that a reader cannot see.
bool isPlainText(std::string_view text)
{
    while (!text.empty()) {
        const std::optional<std::uint32_t> character = takeCharacter(text);
        if (!character || isHiddenCharacter(*character))
            return false;
    }
    return true;
}

} // namespace

bool isSafeFileName(const std::string& name)
{
    return !name.empty() && name.size() <= kMaxNameBytes
        && std::string(".=+-@").find(name.front()) == std::string::npos
        && name.find_first_of("/\\") == std::string::npos && isPlainText(name);
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
