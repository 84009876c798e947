#pragma once

#include "core/image/Codec.h"
#include "core/image/Image.h"
#include "core/image/Resample.h"

#include <QString>
#include <QStringList>

namespace crossiter::ui {

/// A photo, decoded.
struct LoadedPhoto
{
    QString path; ///< absolute
    int width = 0; ///< of the file's picture, pixels, after EXIF rotation
    int height = 0;
    Image clean; ///< in image space, 299x299
};

/// PNG and JPEG by core's own limited decoders, told apart by content; whatever other pixels
/// QImageReader reads (GIF, WebP, BMP, ...; no drawings such as SVG) through it, within the same
/// limits of size, memory and time. Alpha is laid over white, the EXIF tag turns the picture. For a
/// worker thread. Throws Error(BadInput).
[[nodiscard]] LoadedPhoto loadPhoto(
    const QString& path, CropRule crop, const DecodeLimits& limits = {});

/// The pictures in the folder of `path` (or in `path` itself when it is a folder), by name; at most
/// 10,000. By file name ending alone: nothing is opened.
[[nodiscard]] QStringList photosBeside(const QString& path);

/// "*.png", "*.jpg", ...: what a file dialog offers.
[[nodiscard]] QStringList photoFilters();

/// The folder of the photos that scripts/setup or a package brought; empty when there is none.
[[nodiscard]] QString embeddedPhotosFolder();
/// The photo that a first start opens (the Dalmatian); empty when it is not there.
[[nodiscard]] QString firstPhoto(const QString& folder);

} // namespace crossiter::ui
