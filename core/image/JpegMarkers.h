#pragma once

#include "core/image/Decoding.h"

#include <vector>

namespace crossiter::detail {

/// What a walk over the markers tells before libjpeg sees a byte.
struct JpegHeader
{
    int width = 0;
    int height = 0;
    int components = 0;
    bool progressive = false;
    int scans = 0; ///< that were walked over: all of a picture of several, else 1
    std::vector<std::uint8_t> exif; ///< TIFF block of the first EXIF segment; empty when absent
    ProfileBytes profile; ///< out of the APP2 segments, where the job wants it
};

/// Walks over every marker: lengths against the bytes left, kind of coding, the limits, and of a
/// picture that comes in several scans that they bring each coefficient of each component to its
/// last bit (libjpeg paints grey or coarse blocks for what is missing and says nothing). Takes time
/// and memory that grow with the file's bytes, not with what its markers claim. Throws
/// Error(BadInput).
/// Format: ITU-T T.81, annex B; progression: annex G.
[[nodiscard]] JpegHeader walkJpegMarkers(const DecodeJob& job);

} // namespace crossiter::detail
