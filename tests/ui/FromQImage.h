#pragma once

#include "core/image/Image.h"

#include <QImage>
#include <QPainter>

#include <cstring>

namespace crossiter::test {

/// What a picture of Qt's holds, as core's 8-bit RGB; transparent pixels over white.
inline Image fromQImage(const QImage& image)
{
    QImage flat = image;
    if (image.hasAlphaChannel()) {
        flat = QImage(image.size(), QImage::Format_RGB32);
        flat.fill(Qt::white);
        QPainter(&flat).drawImage(QPoint(0, 0), image);
    }
    flat = flat.convertToFormat(QImage::Format_RGB888);
    Image result(flat.width(), flat.height());
    const auto bytes = static_cast<std::size_t>(flat.width()) * 3U;
    for (int y = 0; y < flat.height(); ++y)
        std::memcpy(result.rgb.data() + result.offset(0, y), flat.constScanLine(y), bytes);
    return result;
}

} // namespace crossiter::test
