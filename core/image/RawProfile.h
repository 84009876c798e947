#pragma once

#include "core/base/ByteView.h"
#include "core/image/Decoding.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace crossiter::detail {

/// The most of a text chunk that is looked at, packed or not: 64 KB as hex digits with line breaks.
inline constexpr std::size_t kMaxProfileText = std::size_t { 256 } << 10U;

/// The TIFF block that ImageMagick, ExifTool and others keep in a PNG's text chunk of the keyword
/// "Raw profile type exif" or "Raw profile type APP1": a name, a length and hex digits.
/// type: tEXt, zTXt or iTXt; data: the chunk's first bytes. Empty when the chunk is another or
/// anything about it is odd: a damaged tag is no reason to refuse a photo. At most 64 KB.
[[nodiscard]] std::vector<std::uint8_t> exifOfTextChunk(std::string_view type, ByteView data);

/// The colour profile of a PNG's iCCP chunk: a name, how it is packed, a zlib stream of at most
/// 4 MB.
[[nodiscard]] ProfileBytes profileOfChunk(ByteView data);

} // namespace crossiter::detail
