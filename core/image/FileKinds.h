#pragma once

#include "core/base/ByteView.h"
#include "core/base/FileSignature.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace crossiter {

/// What core reads.
enum class PictureKind
{
    Png,
    Jpeg,
    Webp,
    Avif,
    Tiff,
    Gif,
    Bmp,
};

/// "PNG", "JPEG", "WebP", ...
[[nodiscard]] const char* nameOf(PictureKind kind) noexcept;

/// Which of them a file is by its first bytes (kForeignHeadBytes, or all that it has).
[[nodiscard]] std::optional<PictureKind> pictureKind(ByteView head);

/// Whether a file is named as one of them: .png .apng .jpg .jpeg .jpe .jfif .webp .avif .tif .tiff
/// .gif .bmp .dib, in any case.
[[nodiscard]] bool isNamedAsPicture(std::string_view fileName);

/// Their endings with the point, in small letters, the usual one of each format first.
[[nodiscard]] std::span<const std::string_view> pictureEndings() noexcept;

/// A file that is given as a picture and is none that core reads.
struct ForeignFile
{
    std::string name; ///< "a HEIC picture", "an HTML page"
    std::string advice; ///< what to give instead, half a sentence
    /// Qt has a reader for it by itself (PNM, XPM, icons), so that the window can open it.
    bool windowReads = false;
};

/// How many of a file's first bytes foreignFile wants to see.
inline constexpr std::size_t kForeignHeadBytes = kSignatureBytes;

/// What else a file is by its first bytes: pictures of other formats, camera raw, documents,
/// archives, what stands in for a picture that was never fetched. Nothing when they say nothing.
[[nodiscard]] std::optional<ForeignFile> foreignFile(ByteView head);

} // namespace crossiter
