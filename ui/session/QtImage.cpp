#include "ui/session/QtImage.h"

#include "core/attack/AttackTrace.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstring>

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

Image fromQImage(const QImage& image)
{
    if (image.isNull())
        return {};
    QImage flat = image;
    if (image.hasAlphaChannel()) {
        flat = QImage(image.size(), QImage::Format_RGB32);
        flat.fill(Qt::white);
        QPainter painter(&flat);
        painter.drawImage(QRect(QPoint(0, 0), image.size()), image);
    }
    flat = flat.convertToFormat(QImage::Format_RGB888);
    Image result(flat.width(), flat.height());
    const auto bytes = static_cast<std::size_t>(flat.width()) * 3U;
    for (int y = 0; y < flat.height(); ++y)
        std::memcpy(result.rgb.data() + result.offset(0, y), flat.constScanLine(y), bytes);
    return result;
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
