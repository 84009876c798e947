#pragma once

#include "core/base/ByteView.h"

namespace crossiter::detail {

/// The orientation 1..8 (EXIF 2.3, tag 274) of a TIFF block: what follows "Exif\0\0" in a JPEG's
/// APP1 segment, or a PNG's eXIf chunk. 1 (upright) when the tag is absent or anything about the
/// block is odd: a damaged tag is no reason to refuse a photo. Reads inside the span only.
[[nodiscard]] int exifOrientation(ByteView tiff) noexcept;

} // namespace crossiter::detail
