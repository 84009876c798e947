#include "core/attack/ExportRule.h"

#include <algorithm>
#include <cmath>

namespace crossiter {

namespace {

std::uint8_t judgeClip(int value, int clean, int epsilon255)
{
    const int low = std::max(clean - epsilon255, 0);
    const int high = std::min(clean + epsilon255, 255);
    return static_cast<std::uint8_t>(std::clamp(value, low, high));
}

template <typename T>
Image exportAs(const std::vector<T>& planes, const Image& clean, SaveRule rule, int epsilon255)
{
    T low = T(-1);
    T scale = T(1);
    if (rule == SaveRule::LegacyStretch) {
        const auto [least, most] = std::minmax_element(planes.begin(), planes.end());
        low = *least;
        // A flat image has no range to stretch: it becomes black, as the old writer made it.
        scale = *most > *least ? T(255) / (*most - *least) : T(0);
    }
    Image out(clean.width, clean.height);
    const std::size_t pixels = planes.size() / 3;
    for (std::size_t plane = 0; plane < 3; ++plane) {
        for (std::size_t i = 0; i < pixels; ++i) {
            const T x = planes[plane * pixels + i];
            T value = T(0);
            switch (rule) {
            case SaveRule::Floor:
                value = (x + T(1)) * T(0.5) * T(255);
                break;
            case SaveRule::Round:
                value = std::nearbyint((x + T(1)) * T(127.5)); // halves to even, as NumPy rounds
                break;
            case SaveRule::LegacyStretch:
                value = (x - low) * scale + T(0.5);
                break;
            }
            const int level = static_cast<int>(std::clamp(value, T(0), T(255)));
            const std::size_t at = i * 3 + plane;
            out.rgb[at] = judgeClip(level, clean.rgb[at], epsilon255);
        }
    }
    return out;
}

} // namespace

Image exportImage(const FloatImage& floats, const Image& clean, SaveRule rule, int epsilon255)
{
    return floats.f64.empty() ? exportAs(floats.f32, clean, rule, epsilon255)
                              : exportAs(floats.f64, clean, rule, epsilon255);
}

} // namespace crossiter
