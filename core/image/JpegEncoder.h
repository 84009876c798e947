#pragma once

#include "core/image/Image.h"

#include <cstdint>
#include <vector>

namespace crossiter {

/// Baseline JPEG of libjpeg's defaults: YCbCr, colour halved in both directions (4:2:0), standard
/// Huffman tables, accurate integer DCT; what Pillow and TensorFlow write. Equal images give equal
/// bytes with one version of the library. quality 1..100 (Error(Usage) else); not empty, else
/// Error(Internal).
[[nodiscard]] std::vector<std::uint8_t> encodeJpeg(const Image& image, int quality);

} // namespace crossiter
