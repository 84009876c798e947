#include "core/report/ColourMap.h"

#include <algorithm>
#include <cmath>

namespace crossiter {

namespace {

using Triple = std::array<double, 3>;

constexpr Triple kLow { 0x00, 0x20, 0x4d };
constexpr Triple kHigh { 0xff, 0xea, 0x46 };

double toLinear(double byte)
{
    const double s = byte / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
}

double toByte(double linear)
{
    const double s =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1.0 / 2.4) - 0.055;
    return std::clamp(s, 0.0, 1.0) * 255.0;
}

Triple toOklab(const Triple& rgb)
{
    const double r = toLinear(rgb[0]);
    const double g = toLinear(rgb[1]);
    const double b = toLinear(rgb[2]);
    const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return { 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}

Triple toRgb(const Triple& lab)
{
    const auto cube = [](double x) { return x * x * x; };
    const double l = cube(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]);
    const double m = cube(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]);
    const double s = cube(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]);
    return { toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        toByte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s) };
}

} // namespace

std::array<std::uint8_t, 3> heatColour(double value)
{
    const double t = value > 0.0 ? std::min(value, 1.0) : 0.0; // NaN compares false
    const Triple low = toOklab(kLow);
    const Triple high = toOklab(kHigh);
    const Triple rgb = toRgb({ low[0] + t * (high[0] - low[0]), low[1] + t * (high[1] - low[1]),
        low[2] + t * (high[2] - low[2]) });
    return { static_cast<std::uint8_t>(std::lround(rgb[0])),
        static_cast<std::uint8_t>(std::lround(rgb[1])),
        static_cast<std::uint8_t>(std::lround(rgb[2])) };
}

} // namespace crossiter
