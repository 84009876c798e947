#pragma once

#include "core/base/FileSignature.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace crossiter {

/// A file that is given as a picture and is none that core reads.
struct ForeignFile
{
    std::string name; ///< "a WebP picture", "an HTML page"
    std::string advice; ///< what to give instead, half a sentence
    /// Qt has a reader for it in Debian 12 (GIF, BMP, PNM and icons by itself, WebP and TIFF with
    /// qt6-image-formats-plugins), so that the window can open it.
    bool windowReads = false;
    bool needsPlugins = false; ///< that package
};

/// How many of a file's first bytes foreignFile wants to see.
inline constexpr std::size_t kForeignHeadBytes = kSignatureBytes;

/// What a file is by its first bytes: pictures of other formats, camera raw, documents, archives,
/// what stands in for a picture that was never fetched. Nothing when they say nothing.
[[nodiscard]] std::optional<ForeignFile> foreignFile(std::span<const std::uint8_t> head);

} // namespace crossiter
