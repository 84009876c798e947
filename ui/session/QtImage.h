#pragma once

#include "core/image/Image.h"

#include <QImage>

namespace crossiter {
struct FloatImage;
}

namespace crossiter::ui {

/// A deep copy as Format_RGB32 (the format that paints fastest). Null for an empty image.
[[nodiscard]] QImage toQImage(const Image& image);

/// The attack's float image for looking at, rounded to the nearest grey level: not what is saved.
/// `side`: width and height (299 in the engine). Null when the sizes do not fit.
[[nodiscard]] QImage toQImage(const FloatImage& floats, int side = kImageSide);

} // namespace crossiter::ui
