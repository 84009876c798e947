#pragma once

#include "core/image/Codec.h"
#include "core/image/Image.h"
#include "core/image/Resample.h"

#include <QImage>
#include <QString>
#include <QStringList>

#include <stop_token>

namespace crossiter::ui {

/// A photo, decoded.
struct LoadedPhoto
{
    QString path; ///< absolute
    int width = 0; ///< of the file's picture, pixels, after EXIF rotation
    int height = 0;
    Image clean; ///< in image space, 299x299; empty when loading was stopped
};

/// PNG and JPEG by core's own limited decoders, told apart by content; GIF, BMP, PNM, icons and,
/// with Debian's qt6-image-formats-plugins, WebP and TIFF through QImageReader, within the same
/// limits of size, memory and time. Alpha is laid over white, the EXIF tag turns the picture. For a
/// worker thread. Throws Error(BadInput).
[[nodiscard]] LoadedPhoto loadPhoto(const QString& path, CropRule crop,
    const DecodeLimits& limits = {}, const std::stop_token& stop = {});

/// The middle of a photo, side x side pixels, out of what was loaded by `crop`: nothing is decoded
/// again. Null when there is no photo.
[[nodiscard]] QImage thumbnailOf(const LoadedPhoto& photo, CropRule crop, int side);

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
