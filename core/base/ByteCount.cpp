#include "core/base/ByteCount.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace crossiter {

namespace {

struct Unit
{
    std::uint64_t bytes;
    const char* name;
};

Unit unitOf(std::uint64_t bytes)
{
    constexpr std::array<Unit, 4> kUnits = { { { std::uint64_t { 1 } << 40U, " TB" },
        { std::uint64_t { 1 } << 30U, " GB" }, { std::uint64_t { 1 } << 20U, " MB" },
        { std::uint64_t { 1 } << 10U, " KB" } } };
    const auto* const found =
        std::ranges::find_if(kUnits, [bytes](const Unit& unit) { return bytes >= unit.bytes; });
    return found != kUnits.end() ? *found : Unit { 1, " bytes" };
}

std::string inUnit(std::uint64_t bytes, const Unit& unit, int decimals)
{
    if (unit.bytes == 1)
        return std::to_string(bytes) + unit.name;
    std::string number =
        fixedText(static_cast<double>(bytes) / static_cast<double>(unit.bytes), decimals);
    if (number.find('.') != std::string::npos) {
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.')
            number.pop_back();
    }
    return number + unit.name;
}

} // namespace

std::string sizeText(std::uint64_t bytes, int decimals)
{
    return inUnit(bytes, unitOf(bytes), decimals);
}

SizeTexts sizeTexts(std::uint64_t limit, std::uint64_t found)
{
    const Unit unit = unitOf(limit);
    for (int decimals = 1; decimals <= 3; ++decimals) {
        SizeTexts texts { inUnit(limit, unit, decimals), inUnit(found, unit, decimals) };
        if (texts.limit != texts.found || limit == found)
            return texts;
    }
    return { std::to_string(limit) + " bytes", std::to_string(found) + " bytes" };
}

std::uint64_t parseByteCount(const std::string& option, const std::string& text)
{
    std::string_view digits = text;
    std::uint64_t unit = 1;
    constexpr std::string_view kUnits = "KMGT";
    if (!digits.empty() && kUnits.find(digits.back()) != std::string_view::npos) {
        unit = std::uint64_t { 1 } << (10 * (kUnits.find(digits.back()) + 1));
        digits.remove_suffix(1);
    }
    const auto count = parseNumber<std::uint64_t>(digits);
    if (!count || *count > std::numeric_limits<std::uint64_t>::max() / unit)
        throw Error(ErrorKind::Usage, "wrong value", option, "a size such as 512M or 4G", text);
    return *count * unit;
}

} // namespace crossiter
