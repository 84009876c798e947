#pragma once

#include "core/image/Decoding.h"

#include <cstdint>
#include <vector>

namespace crossiter::detail {

/// The first directory of a TIFF, of which libtiff sees only what describes the pixels. libtiff
/// would read every tag into memory (Photoshop's layers, a profile, 200 MB of anything) and follow
/// where directories lead; it is given a file with one directory behind the file's end instead.
struct TiffDirectory
{
    std::vector<std::uint8_t> header; ///< in place of the file's first bytes
    std::uint64_t blockAt = 0; ///< where the new directory begins, beyond the file's own end
    std::vector<std::uint8_t> block; ///< the new directory
    int orientation = 1; ///< 1..8
    ProfileBytes profile; ///< where the job wants it
};

/// Walks the first directory: its tags' sizes against the file, the coding against what is read
/// here. Throws Error(BadInput): damaged, cut, a camera's raw picture, an unsupported coding;
/// OutOfTime.
/// Format: Adobe, TIFF Revision 6.0, section 2; BigTIFF: awaresystems.be/imaging/tiff/bigtiff.html
[[nodiscard]] TiffDirectory walkTiffDirectory(const DecodeJob& job);

} // namespace crossiter::detail
