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

std::string padded(std::uint64_t value, int digits, int base)
{
    std::array<char, 20> text {}; // the longest: 2^64 - 1 in decimal
    const auto [end, fault] = std::to_chars(text.data(), text.data() + text.size(), value, base);
    const std::string plain(text.data(), fault == std::errc() ? end : text.data());
    const auto wanted = static_cast<std::size_t>(std::clamp(digits, 0, kMostDigits));
    return std::string(wanted - std::min(wanted, plain.size()), '0') + plain;
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

std::string paddedText(std::uint64_t value, int digits)
{
    return padded(value, digits, 10);
}

std::string hexText(std::uint64_t value, int digits)
{
    return padded(value, digits, 16);
}

} // namespace crossiter
