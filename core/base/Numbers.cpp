#include "core/base/Numbers.h"

#include <algorithm>
#include <array>

namespace crossiter {

namespace {

constexpr int kMostDigits = 60;
// The largest double has 309 digits before its point; a sign, the point and the digits behind it.
constexpr std::size_t kRoom = 309 + 2 + kMostDigits + 8;

template <typename... Format>
std::string written(double value, Format... format)
{
    std::array<char, kRoom> text {};
    const auto [end, fault] =
        std::to_chars(text.data(), text.data() + text.size(), value, format...);
    return fault == std::errc() ? std::string(text.data(), end) : std::string();
}

} // namespace

std::string numberText(double value)
{
    return written(value, std::chars_format::general, 9);
}

std::string fixedText(double value, int digits)
{
    return written(value, std::chars_format::fixed, std::clamp(digits, 0, kMostDigits));
}

std::string shortestText(double value)
{
    return written(value);
}

std::string briefText(double value)
{
    return written(value, std::chars_format::general, 6);
}

} // namespace crossiter
