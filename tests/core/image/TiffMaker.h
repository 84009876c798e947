#pragma once

#include <QFile>
#include <QTemporaryDir>

#include <functional>

#include "tests/core/image/PictureMaker.h"

namespace crossiter::test {

/// What a TIFF is written as.
struct TiffKind
{
    int bits = 8;
    int samples = 3;
    int photometric = PHOTOMETRIC_RGB;
    int compression = COMPRESSION_NONE;
    bool apart = false; ///< planes
    int tile = 0; ///< side, a multiple of 16; 0: strips
    int rowsPerStrip = 7;
    const char* mode = "w"; ///< libtiff's: wl, wb, w8 (BigTIFF)
    int extra = -1; ///< EXTRASAMPLE_*; -1: not told
    int orientation = 0; ///< 0: not told
    std::function<void(TIFF*)> more; ///< further tags
};

/// Packed samples of a row, of one plane (-1: of all).
using TiffRow = std::function<std::vector<std::uint8_t>(int y, int plane)>;

inline void writeTiffParts(
    TIFF* tiff, const TiffKind& kind, int width, int height, const TiffRow& row)
{
    const int planes = kind.apart ? kind.samples : 1;
    const int sampleBytes = kind.bits / 8;
    const int inRow = kind.apart ? 1 : kind.samples;
    for (int plane = 0; plane < planes; ++plane) {
        if (kind.tile == 0) {
            for (int y = 0; y < height; ++y) {
                std::vector<std::uint8_t> bytes = row(y, kind.apart ? plane : -1);
                TIFFWriteScanline(tiff, bytes.data(), static_cast<std::uint32_t>(y),
                    static_cast<std::uint16_t>(plane));
            }
            continue;
        }
        const auto pixel = static_cast<std::size_t>(sampleBytes * inRow);
        const auto side = static_cast<std::size_t>(kind.tile);
        for (int top = 0; top < height; top += kind.tile) {
            for (int left = 0; left < width; left += kind.tile) {
                std::vector<std::uint8_t> tile(side * side * pixel);
                for (int y = top; y < std::min(height, top + kind.tile); ++y) {
                    const auto bytes = row(y, kind.apart ? plane : -1);
                    const auto count =
                        static_cast<std::size_t>(std::min(width - left, kind.tile)) * pixel;
                    std::memcpy(&tile[static_cast<std::size_t>(y - top) * side * pixel],
                        &bytes[static_cast<std::size_t>(left) * pixel], count);
                }
                TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(left),
                    static_cast<std::uint32_t>(top), 0, static_cast<std::uint16_t>(plane));
            }
        }
    }
}

inline QByteArray tiffOf(const TiffKind& kind, int width, int height, const TiffRow& row)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("made.tif");
    TIFF* tiff = TIFFOpen(path.toUtf8().constData(), kind.mode);
    if (tiff == nullptr)
        return {};
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
    TIFFSetField(
        tiff, TIFFTAG_PLANARCONFIG, kind.apart ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (kind.tile > 0) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind.tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind.tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rowsPerStrip);
    }
    if (kind.extra >= 0) {
        const auto extra = static_cast<std::uint16_t>(kind.extra);
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
    }
    if (kind.orientation > 0)
        TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
    if (kind.more)
        kind.more(tiff);
    writeTiffParts(tiff, kind, width, height, row);
    TIFFClose(tiff);
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Rows of bytes that hold `channels` samples a pixel, as samples of 8 or 16 bits (the low byte is
/// another one, so that it must not count).
inline TiffRow rowsOfBytes(
    const std::vector<std::uint8_t>& bytes, int width, int channels, int bits = 8)
{
    return [=](int y, int plane) {
        std::vector<std::uint8_t> row;
        for (int i = 0; i < width * channels; ++i) {
            if (plane >= 0 && i % channels != plane)
                continue;
            const std::uint8_t value = bytes[static_cast<std::size_t>(y * width * channels + i)];
            if (bits == 16)
                row.push_back(static_cast<std::uint8_t>(255 - value));
            row.push_back(value);
        }
        return row;
    };
}

} // namespace crossiter::test
