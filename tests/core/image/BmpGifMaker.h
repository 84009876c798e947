#pragma once

#include <array>
#include <bit>

#include "tests/core/image/PictureMaker.h"

namespace crossiter::test {

// ---- GIF, by giflib ----

inline int gifIndex(int x, int y, int colours)
{
    return (x * 3 + y * 5) % colours;
}

inline std::array<std::uint8_t, 3> gifColour(int index, int colours)
{
    return { static_cast<std::uint8_t>(index * 255 / (colours - 1)),
        static_cast<std::uint8_t>(255 - index), static_cast<std::uint8_t>(index * 37 % 256) };
}

inline Image gifPicture(int width, int height, int colours)
{
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto colour = gifColour(gifIndex(x, y, colours), colours);
            std::copy_n(colour.data(), 3, image.rgb.data() + image.offset(x, y));
        }
    }
    return image;
}

struct GifFrame
{
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
    bool interlaced = false;
    int transparent = -1; ///< index
};

inline QByteArray gifOf(int width, int height, int colours, const std::vector<GifFrame>& frames)
{
    QByteArray bytes;
    int error = 0;
    GifFileType* gif = EGifOpen(
        &bytes,
        [](GifFileType* file, const GifByteType* from, int size) {
            static_cast<QByteArray*>(file->UserData)
                ->append(reinterpret_cast<const char*>(from), size);
            return size;
        },
        &error);
    ColorMapObject* map = GifMakeMapObject(colours, nullptr);
    for (int i = 0; i < colours; ++i) {
        const auto colour = gifColour(i, colours);
        map->Colors[i] = { colour[0], colour[1], colour[2] };
    }
    EGifSetGifVersion(gif, true);
    EGifPutScreenDesc(gif, width, height, 8, 0, map);
    for (const GifFrame& frame : frames) {
        GraphicsControlBlock control { DISPOSAL_UNSPECIFIED, false, 10, frame.transparent };
        GifByteType extension[4];
        EGifGCBToExtension(&control, extension);
        EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, extension);
        EGifPutImageDesc(
            gif, frame.left, frame.top, frame.width, frame.height, frame.interlaced, nullptr);
        const int starts[] = { 0, 4, 2, 1 };
        const int steps[] = { 8, 8, 4, 2 };
        for (int pass = 0; pass < (frame.interlaced ? 4 : 1); ++pass) {
            for (int y = frame.interlaced ? starts[pass] : 0; y < frame.height;
                 y += frame.interlaced ? steps[pass] : 1) {
                std::vector<GifPixelType> row;
                for (int x = 0; x < frame.width; ++x)
                    row.push_back(static_cast<GifPixelType>(gifIndex(x, y, colours)));
                EGifPutLine(gif, row.data(), frame.width);
            }
        }
    }
    GifFreeMapObject(map);
    EGifCloseFile(gif, &error);
    return bytes;
}

// ---- BMP, byte by byte ----

inline std::array<std::uint8_t, 3> bmpColour(int index)
{
    return { static_cast<std::uint8_t>(index * 17), static_cast<std::uint8_t>(255 - index),
        static_cast<std::uint8_t>(index * 37 % 256) };
}

struct BmpMade
{
    QByteArray bytes;
    Image person;
    Image contest;
};

/// The rest of a header behind its first 40 bytes: masks where the size has them, zeros else.
inline QByteArray bmpHeader(
    int size, int width, int height, int bits, int packing, const std::array<quint32, 4>& masks)
{
    QByteArray header = littleEndian(static_cast<quint64>(size), 4);
    if (size == 12)
        return header + littleEndian(static_cast<quint64>(width), 2)
            + littleEndian(static_cast<quint64>(height), 2) + littleEndian(1, 2)
            + littleEndian(static_cast<quint64>(bits), 2);
    header += littleEndian(static_cast<quint64>(width), 4)
        + littleEndian(static_cast<quint64>(height), 4) + littleEndian(1, 2)
        + littleEndian(static_cast<quint64>(bits), 2);
    if (size > 16)
        header += littleEndian(static_cast<quint64>(packing), 4) + QByteArray(20, '\0');
    for (const quint32 mask : masks)
        if (header.size() < size)
            header += littleEndian(mask, 4);
    return header + QByteArray(std::max<qsizetype>(0, size - header.size()), '\0');
}

inline QByteArray bmpFile(
    const QByteArray& header, const QByteArray& palette, const QByteArray& data)
{
    const auto at = static_cast<quint64>(14 + header.size() + palette.size());
    return "BM" + littleEndian(at + static_cast<quint64>(data.size()), 4) + littleEndian(0, 4)
        + littleEndian(at, 4) + header + palette + data;
}

inline QByteArray bmpPalette(int bits, int header)
{
    QByteArray palette;
    for (int i = 0; bits <= 8 && i < 1 << bits; ++i) {
        const auto colour = bmpColour(i);
        palette += static_cast<char>(colour[2]);
        palette += static_cast<char>(colour[1]);
        palette += static_cast<char>(colour[0]);
        if (header != 12)
            palette += '\0';
    }
    return palette;
}

inline QByteArray packedBmp(int width, int height, int bits, const QByteArray& data)
{
    return bmpFile(
        bmpHeader(40, width, height, bits, bits == 8 ? 1 : 2, {}), bmpPalette(bits, 40), data);
}

/// A row of palette indices; the pixels become the palette's colours.
inline QByteArray bmpRowOfIndices(std::uint8_t* pixels, int width, int y, int bits)
{
    QByteArray row;
    const int inByte = 8 / bits;
    int bitsOfByte = 0;
    for (int x = 0; x < width; ++x) {
        const int index = (x * 3 + y * 5) % (1 << bits);
        const auto colour = bmpColour(index);
        std::copy_n(colour.data(), 3, pixels + std::ptrdiff_t(3) * x);
        bitsOfByte = bitsOfByte << bits | index;
        if (x % inByte == inByte - 1 || x == width - 1) {
            bitsOfByte <<= bits * (inByte - 1 - x % inByte);
            row += static_cast<char>(bitsOfByte);
            bitsOfByte = 0;
        }
    }
    return row;
}

/// A row of 16 or 32 bits a pixel; the pixels become what these can hold.
inline QByteArray bmpRowOfFields(
    std::uint8_t* pixels, int width, int y, int bits, const std::array<quint32, 4>& masks)
{
    QByteArray row;
    for (int x = 0; x < width; ++x) {
        quint32 value = masks[3] != 0 ? quint32 { alphaAt(x, y) } << 24U : 0;
        for (std::size_t c = 0; c < 3; ++c) {
            std::uint8_t& channel = pixels[std::size_t(3) * static_cast<std::size_t>(x) + c];
            const int shift = std::countr_zero(masks.at(c));
            const quint32 most = masks.at(c) >> shift;
            const quint32 sample = channel * most / 255;
            value |= sample << shift;
            channel = static_cast<std::uint8_t>(sample * 255 / most);
        }
        row += littleEndian(value, bits / 8);
    }
    return row;
}

inline std::array<quint32, 4> bmpMasks(int bits, bool masked, bool alpha)
{
    if (bits == 16)
        return masked ? std::array<quint32, 4> { 0xf800, 0x07e0, 0x001f, 0 }
                      : std::array<quint32, 4> { 0x7c00, 0x03e0, 0x001f, 0 };
    return { 0xff0000, 0xff00, 0xff, alpha ? 0xff000000 : 0 };
}

/// 16 bits: 565 by masks where the header may have them, else 555; 32 bits: with alpha where the
/// header has a mask of it.
inline BmpMade bmpOf(int width, int height, int bits, int header, bool topDown)
{
    const bool masked = (bits == 16 || bits == 32) && header >= 40 && header != 64;
    const bool alpha = masked && bits == 32 && header >= 56;
    const std::array<quint32, 4> masks = bmpMasks(bits, masked, alpha);
    const Image image = pattern(width, height);
    BmpMade made { {}, image, image };
    QByteArray data;
    for (int line = 0; line < height; ++line) {
        const int y = topDown ? line : height - 1 - line;
        std::uint8_t* pixels = made.contest.rgb.data() + image.offset(0, y);
        QByteArray row;
        if (bits <= 8)
            row = bmpRowOfIndices(pixels, width, y, bits);
        else if (bits == 24)
            for (int x = 0; x < width * 3; ++x)
                row += static_cast<char>(pixels[x / 3 * 3 + 2 - x % 3]);
        else
            row = bmpRowOfFields(pixels, width, y, bits, masks);
        data += row + QByteArray((4 - row.size() % 4) % 4, '\0');
    }
    made.person = alpha ? overWhite(made.contest) : made.contest;
    QByteArray head = bmpHeader(header, width, topDown ? -height : height, bits, masked ? 3 : 0,
        masked ? masks : std::array<quint32, 4> {});
    if (masked && header == 40)
        for (std::size_t c = 0; c < 3; ++c)
            head += littleEndian(masks.at(c), 4);
    made.bytes = bmpFile(head, bmpPalette(bits, header), data);
    return made;
}

} // namespace crossiter::test
