#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <cstdint>
#include <span>
#include <zlib.h>

#include "tests/support/TestPaths.h"

/// PNG files made chunk by chunk, and the pictures of tests/data.
namespace crossiter::test {

inline QByteArray contents(const char* name)
{
    QFile file(QString::fromStdString((test::dataDir() / "images" / name).string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline std::span<const std::uint8_t> bytesOf(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

inline QByteArray bigEndian(quint32 value)
{
    QByteArray bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

inline quint32 crcOf(const QByteArray& bytes)
{
    return static_cast<quint32>(crc32(
        0, reinterpret_cast<const Bytef*>(bytes.constData()), static_cast<uInt>(bytes.size())));
}

inline QByteArray chunk(const QByteArray& type, const QByteArray& data)
{
    return bigEndian(static_cast<quint32>(data.size())) + type + data
        + bigEndian(crcOf(type + data));
}

inline QByteArray packed(const QByteArray& data)
{
    return qCompress(data).mid(4); // Qt puts the length before the zlib stream
}

/// Colour type 0 with one bit a sample, all 0: the largest picture for its bytes.
inline QByteArray blackPng(int width, int height, bool interlaced, const QByteArray& extra = {})
{
    QByteArray header = bigEndian(static_cast<quint32>(width))
        + bigEndian(static_cast<quint32>(height)) + QByteArray::fromHex("0100000000");
    header[12] = interlaced ? 1 : 0;
    // More zeros than any layout of passes needs do no harm.
    const QByteArray rows((static_cast<qsizetype>(width) / 8 + 10) * (height + 16), '\0');
    return QByteArray::fromHex("89504e470d0a1a0a") + chunk("IHDR", header) + extra
        + chunk("IDAT", packed(rows)) + chunk("IEND", {});
}

/// 3x2 pixels, with `extra` chunks before the data.
inline QByteArray smallPng(const QByteArray& extra)
{
    const QByteArray rows = QByteArray::fromHex("00ff000000ff000000ff"
                                                "00010203040506070809");
    return QByteArray::fromHex("89504e470d0a1a0a")
        + chunk("IHDR", QByteArray::fromHex("00000003000000020802000000")) + extra
        + chunk("IDAT", packed(rows)) + chunk("IEND", {});
}

} // namespace crossiter::test
