#pragma once

#include <QByteArray>

#include <cstdio> // jpeglib.h needs FILE
#include <cstdlib>
#include <jpeglib.h>
#include <vector>

namespace crossiter::test {

/// A colour JPEG of 64x48 with smooth ramps and some noise, in these scans (none: one interleaved
/// baseline scan).
inline QByteArray jpegInScans(std::vector<jpeg_scan_info> scans)
{
    jpeg_compress_struct jpeg {};
    jpeg_error_mgr errors {};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = 64;
    jpeg.image_height = 48;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    if (!scans.empty()) {
        jpeg.scan_info = scans.data();
        jpeg.num_scans = static_cast<int>(scans.size());
    }
    jpeg_start_compress(&jpeg, TRUE);
    std::vector<unsigned char> row(std::size_t { 64 } * 3);
    for (unsigned y = 0; y < 48; ++y) {
        for (unsigned x = 0; x < 64; ++x) {
            row[3 * x] = static_cast<unsigned char>(x * 4);
            row[3 * x + 1] = static_cast<unsigned char>(y * 5);
            row[3 * x + 2] = static_cast<unsigned char>((x * 7 + y * 13) % 256);
        }
        JSAMPROW line = row.data();
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    const QByteArray made(reinterpret_cast<const char*>(bytes), static_cast<qsizetype>(size));
    std::free(bytes);
    return made;
}

/// Where the n-th scan begins, n from 0; -1 when there are fewer.
inline qsizetype scanAt(const QByteArray& jpeg, int n)
{
    qsizetype at = -1;
    for (int i = 0; i <= n; ++i) {
        at = jpeg.indexOf("\xff\xda", at + 1);
        if (at < 0)
            return -1;
    }
    return at;
}

} // namespace crossiter::test
