#include "core/base/ByteCount.h"

#include "core/base/Error.h"

#include <charconv>
#include <limits>
#include <string_view>

namespace crossiter {

std::uint64_t parseByteCount(const std::string& option, const std::string& text)
{
    std::string_view digits = text;
    std::uint64_t unit = 1;
    constexpr std::string_view kUnits = "KMGT";
    if (!digits.empty() && kUnits.find(digits.back()) != std::string_view::npos) {
        unit = std::uint64_t { 1 } << (10 * (kUnits.find(digits.back()) + 1));
        digits.remove_suffix(1);
    }
    std::uint64_t count = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, fault] = std::from_chars(digits.data(), end, count);
    if (fault != std::errc() || stopped != end
        || count > std::numeric_limits<std::uint64_t>::max() / unit)
        throw Error(ErrorKind::Usage, "wrong value", option, "a size such as 512M or 4G", text);
    return count * unit;
}

} // namespace crossiter
