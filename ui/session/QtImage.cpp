#include "ui/session/QtImage.h"

#include "core/attack/AttackTrace.h"

#include <algorithm>
#include <cmath>

namespace crossiter::ui {
namespace {

/// planes: 3 x side x side in [-1, 1]; values outside are clipped.
template <typename Value>
QImage fromPlanes(const std::vector<Value>& planes, int side)
{
    const auto area = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    QImage image(side, side, QImage::Format_RGB32);
    const auto level = [](Value value) {
        const double scaled = (static_cast<double>(value) + 1.0) * 127.5;
        return static_cast<int>(std::lround(std::clamp(scaled, 0.0, 255.0)));
    };
    for (int y = 0; y < side; ++y) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
        const std::size_t start = static_cast<std::size_t>(y) * static_cast<std::size_t>(side);
        for (int x = 0; x < side; ++x) {
            const std::size_t at = start + static_cast<std::size_t>(x);
            line[x] =
                qRgb(level(planes[at]), level(planes[at + area]), level(planes[at + 2 * area]));
        }
    }
    return image;
}

} // namespace

QImage toQImage(const Image& image)
{
    if (image.empty())
        return {};
    return QImage(image.rgb.data(), image.width, image.height,
        static_cast<qsizetype>(image.width) * 3, QImage::Format_RGB888)
        .convertToFormat(QImage::Format_RGB32);
}

QImage toQImage(const FloatImage& floats, int side)
{
    const auto size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3U;
    if (side > 0 && floats.f64.size() == size)
        return fromPlanes(floats.f64, side);
    if (side > 0 && floats.f32.size() == size)
        return fromPlanes(floats.f32, side);
    return {};
}

} // namespace crossiter::ui
