#pragma once

#include "core/image/Decoding.h"

#include <vector>

namespace crossiter::detail {

/// What a walk over the chunks tells before a decoder sees a byte.
struct PngHeader
{
    int width = 0;
    int height = 0;
    int bitDepth = 0; ///< 1, 2, 4, 8 or 16, legal for the colour type
    int colourType = 0; ///< 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha
    bool interlaced = false;
    std::uint64_t dataBytes = 0; ///< of all IDAT chunks together
    /// TIFF block of the eXIf chunk, else of a "Raw profile type exif"; empty when absent, its
    /// first 64 KB when longer.
    std::vector<std::uint8_t> exif;
    ProfileBytes profile; ///< of the iCCP chunk, where the job wants it
};

/// Checks signature, every chunk's length against the bytes left, IHDR, the limits, and that the
/// compressed data can hold as many rows as IHDR claims. Data of other chunks are passed over.
/// Throws Error(BadInput), OutOfTime.
/// Format: PNG specification, https://www.w3.org/TR/png-3/
[[nodiscard]] PngHeader walkPngChunks(const DecodeJob& job);

} // namespace crossiter::detail
