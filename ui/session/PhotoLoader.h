#pragma once

#include "core/image/Codec.h"
#include "core/image/Image.h"
#include "core/image/PictureSize.h"
#include "core/image/Resample.h"
#include "core/jobs/SeriesFiles.h"

#include <QImage>
#include <QString>
#include <QStringList>

#include <optional>
#include <stop_token>
#include <vector>

namespace crossiter::ui {

/// How a photo's file becomes a picture in image space.
struct PhotoRule
{
    CropRule crop = CropRule::Whole;
    ColourRule colour = ColourRule::Ignore;

    PhotoRule(CropRule cropRule, ColourRule colourRule = ColourRule::Ignore) // NOLINT: meant
        : crop(cropRule)
        , colour(colourRule)
    {
    }
};

/// A photo, decoded.
struct LoadedPhoto
{
    QString path; ///< absolute
    int width = 0; ///< of the file's picture, pixels, after EXIF rotation
    int height = 0;
    FoundProfile profile; ///< the file's colour profile, under either rule
    Image clean; ///< in image space, 299x299; empty when loading was stopped
};

/// All that core reads (core/image/Codec.h), told by content; PNM, XBM, XPM and icons through
/// QImageReader, within the same limits of size, memory and time. Alpha is laid over white, the
/// picture's orientation turns it. For a worker thread. Throws Error(BadInput).
[[nodiscard]] LoadedPhoto loadPhoto(const QString& path, PhotoRule rule,
    const DecodeLimits& limits = {}, const std::stop_token& stop = {});

/// The middle of a photo, side x side pixels, out of what was loaded by `crop`: nothing is decoded
/// again. Null when there is no photo.
[[nodiscard]] QImage thumbnailOf(const LoadedPhoto& photo, CropRule crop, int side);

/// A clean photo and what another program made of it.
struct LoadedPair
{
    LoadedPhoto photo; ///< as loadPhoto gives it
    LoadedPhoto other; ///< `clean` is the file's picture as it is, of the size asked for
    /// Of a series: all of its pictures; `other` then has no picture of its own.
    std::vector<OtherPicture> series;
    Image clean; ///< the photo brought to that size
    PictureSize found; ///< of the other file's picture
    /// It has the size asked for; else `other` and `clean` hold no picture, and somebody must say
    /// what the pair is to be compared at.
    bool fits = false;
};

/// size: nothing: 299x299. Reads both as loadPhoto does. Throws Error(BadInput), also when the
/// other picture is not of a size that was asked for. Stopped: pictures are missing.
[[nodiscard]] LoadedPair loadPair(const QString& photo, const QString& other, PhotoRule rule,
    const std::optional<PictureSize>& size, const DecodeLimits& limits = {},
    const std::stop_token& stop = {});

/// The same of a series. Its pictures are read by core alone. Throws Error(BadInput), also when
/// they are not all of one size.
[[nodiscard]] LoadedPair loadSeries(const QString& photo, const SeriesSource& series,
    PhotoRule rule, const std::optional<PictureSize>& size, const std::stop_token& stop = {});

/// The pictures in the folder of `path` (or in `path` itself when it is a folder), by name; at most
/// 10,000. By file name ending alone: nothing is opened.
[[nodiscard]] QStringList photosBeside(const QString& path);

/// The picture `offset` places behind `path` among them; empty: there is none.
[[nodiscard]] QString photoBeside(const QString& path, int offset);

/// "*.png", "*.jpg", ...: what a file dialog offers.
[[nodiscard]] QStringList photoFilters();

/// The folder of the photos that scripts/setup or a package brought; empty when there is none.
[[nodiscard]] QString embeddedPhotosFolder();
/// The photo that a first start opens (the Dalmatian); empty when it is not there.
[[nodiscard]] QString firstPhoto(const QString& folder);

} // namespace crossiter::ui
