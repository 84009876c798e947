#pragma once

#include "core/image/Image.h"

#include <QByteArray>

#include <avif/avif.h>
#include <cstring>
#include <gif_lib.h>
#include <lcms2.h>
#include <tiffio.h>
#include <vector>
#include <webp/encode.h>

// Small pictures of every format, by the libraries' own encoders or byte by byte.
namespace crossiter::test {

/// No two rows or columns alike.
inline Image pattern(int width, int height)
{
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            std::uint8_t* pixel = image.rgb.data() + image.offset(x, y);
            pixel[0] = static_cast<std::uint8_t>(x * 255 / width);
            pixel[1] = static_cast<std::uint8_t>(y * 255 / height);
            pixel[2] = static_cast<std::uint8_t>((x * 7 + y * 13) % 256);
        }
    }
    return image;
}

inline std::uint8_t alphaAt(int x, int y)
{
    return static_cast<std::uint8_t>((x * 9 + y * 3) % 256);
}

/// The pattern's pixels and alphaAt, 4 bytes each.
inline std::vector<std::uint8_t> withAlpha(const Image& image)
{
    std::vector<std::uint8_t> rgba;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const auto* pixel = image.rgb.data() + image.offset(x, y);
            rgba.insert(rgba.end(), { pixel[0], pixel[1], pixel[2], alphaAt(x, y) });
        }
    }
    return rgba;
}

/// What a person sees of that.
inline Image overWhite(Image image)
{
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            for (std::size_t c = 0; c < 3; ++c) {
                std::uint8_t& value = image.rgb[image.offset(x, y) + c];
                const unsigned alpha = alphaAt(x, y);
                value = static_cast<std::uint8_t>(
                    (value * alpha + 255U * (255U - alpha) + 127U) / 255U);
            }
        }
    }
    return image;
}

/// As EXIF's orientation 1..8 wants a stored picture shown.
inline Image oriented(const Image& stored, int orientation)
{
    const bool swapped = orientation >= 5;
    Image shown(swapped ? stored.height : stored.width, swapped ? stored.width : stored.height);
    const int w = stored.width - 1;
    const int h = stored.height - 1;
    for (int y = 0; y < shown.height; ++y) {
        for (int x = 0; x < shown.width; ++x) {
            const int at[9][2] = { { 0, 0 }, { x, y }, { w - x, y }, { w - x, h - y }, { x, h - y },
                { y, x }, { y, h - x }, { w - y, h - x }, { w - y, x } };
            std::memcpy(shown.rgb.data() + shown.offset(x, y),
                stored.rgb.data() + stored.offset(at[orientation][0], at[orientation][1]), 3);
        }
    }
    return shown;
}

inline QByteArray littleEndian(quint64 value, int size)
{
    QByteArray bytes;
    for (int i = 0; i < size; ++i)
        bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

inline QByteArray losslessWebp(const std::vector<std::uint8_t>& pixels, int width, int channels)
{
    std::uint8_t* out = nullptr;
    const int height = static_cast<int>(pixels.size()) / width / channels;
    WebPConfig config;
    WebPPicture picture;
    if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0)
        return {};
    config.lossless = 1;
    config.exact = 1; // colours stay where nothing is seen of them
    picture.use_argb = 1;
    picture.width = width;
    picture.height = height;
    WebPMemoryWriter writer;
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    const bool fine = (channels == 4 ? WebPPictureImportRGBA(&picture, pixels.data(), width * 4)
                                     : WebPPictureImportRGB(&picture, pixels.data(), width * 3))
            != 0
        && WebPEncode(&config, &picture) != 0;
    out = writer.mem;
    const QByteArray bytes = fine
        ? QByteArray(reinterpret_cast<const char*>(out), static_cast<qsizetype>(writer.size))
        : QByteArray();
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&writer);
    return bytes;
}

inline QByteArray webpChunk(const QByteArray& type, const QByteArray& data)
{
    return type + littleEndian(static_cast<quint64>(data.size()), 4) + data
        + QByteArray(data.size() % 2, '\0');
}

/// A container round the chunks of a simple WebP. flags: 2 animation, 8 EXIF, 16 alpha, 32 ICC.
inline QByteArray extendedWebp(
    int width, int height, int flags, const QByteArray& before, const QByteArray& after)
{
    const QByteArray canvas = littleEndian(static_cast<quint64>(flags), 4)
        + littleEndian(static_cast<quint64>(width - 1), 3)
        + littleEndian(static_cast<quint64>(height - 1), 3);
    const QByteArray body = "WEBP" + webpChunk("VP8X", canvas) + before + after;
    return "RIFF" + littleEndian(static_cast<quint64>(body.size()), 4) + body;
}

/// EXIF's TIFF block with an orientation.
inline QByteArray exifOf(int orientation)
{
    return QByteArray::fromHex("49492a000800000001001201030001000000")
        + littleEndian(static_cast<quint64>(orientation), 4) + QByteArray(4, '\0');
}

/// YUV 4:4:4 with the identity matrix, so that no colour changes; samples: 3 or 4 a pixel.
inline QByteArray losslessAvif(const std::vector<std::uint8_t>& pixels, int width, int channels,
    int turns = 0, int mirror = -1, const QByteArray& profile = {})
{
    const int height = static_cast<int>(pixels.size()) / width / channels;
    avifImage* image = avifImageCreate(static_cast<std::uint32_t>(width),
        static_cast<std::uint32_t>(height), 8, AVIF_PIXEL_FORMAT_YUV444);
    image->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_IDENTITY;
    image->yuvRange = AVIF_RANGE_FULL;
    if (turns != 0) {
        image->transformFlags |= AVIF_TRANSFORM_IROT;
        image->irot.angle = static_cast<std::uint8_t>(turns);
    }
    if (mirror >= 0) {
        image->transformFlags |= AVIF_TRANSFORM_IMIR;
        image->imir.mode = static_cast<std::uint8_t>(mirror);
    }
    if (!profile.isEmpty())
        avifImageSetProfileICC(image, reinterpret_cast<const std::uint8_t*>(profile.constData()),
            static_cast<std::size_t>(profile.size()));
    avifRGBImage rgb {};
    avifRGBImageSetDefaults(&rgb, image);
    rgb.format = channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
    std::vector<std::uint8_t> copy = pixels;
    rgb.pixels = copy.data();
    rgb.rowBytes = static_cast<std::uint32_t>(width * channels);
    QByteArray bytes;
    avifEncoder* encoder = avifEncoderCreate();
    encoder->minQuantizer = encoder->maxQuantizer = AVIF_QUANTIZER_LOSSLESS;
    encoder->minQuantizerAlpha = encoder->maxQuantizerAlpha = AVIF_QUANTIZER_LOSSLESS;
    encoder->speed = 10;
    encoder->codecChoice = AVIF_CODEC_CHOICE_AOM;
    avifRWData out = AVIF_DATA_EMPTY;
    if (avifImageRGBToYUV(image, &rgb) == AVIF_RESULT_OK
        && avifEncoderWrite(encoder, image, &out) == AVIF_RESULT_OK)
        bytes =
            QByteArray(reinterpret_cast<const char*>(out.data), static_cast<qsizetype>(out.size));
    avifRWDataFree(&out);
    avifEncoderDestroy(encoder);
    avifImageDestroy(image);
    return bytes;
}

/// A profile with the primaries of Display P3 and sRGB's curve, or sRGB itself.
inline QByteArray profileOf(bool p3)
{
    cmsHPROFILE profile = nullptr;
    if (p3) {
        const cmsCIExyY white { 0.3127, 0.3290, 1.0 };
        const cmsCIExyYTRIPLE primaries { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 },
            { 0.150, 0.060, 1 } };
        const cmsFloat64Number curve[] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
        cmsToneCurve* tone = cmsBuildParametricToneCurve(nullptr, 4, curve);
        cmsToneCurve* tones[] = { tone, tone, tone };
        profile = cmsCreateRGBProfile(&white, &primaries, tones);
        cmsFreeToneCurve(tone);
    } else {
        profile = cmsCreate_sRGBProfile();
    }
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile, nullptr, &size);
    QByteArray bytes(static_cast<qsizetype>(size), '\0');
    cmsSaveProfileToMem(profile, bytes.data(), &size);
    cmsCloseProfile(profile);
    return bytes;
}

} // namespace crossiter::test
