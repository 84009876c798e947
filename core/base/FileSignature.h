#pragma once

#include "core/base/ByteView.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crossiter {

/// Files that people give by mistake wherever a file is wanted. What each reader would rather have
/// is for the reader to say.
enum class KnownFile
{
    GitLfsPointer, ///< stands in for a file that was never fetched
    HtmlPage, ///< what a server answered in place of a file
    Zip,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    SevenZip,
    Rar,
    Tar,
    NumPyArray,
    PdfDocument
};

/// How many of a file's first bytes recognise() looks at.
inline constexpr std::size_t kSignatureBytes = 16384;

/// What a file is by its first bytes; nothing when it is none of these. Blanks and a byte order
/// mark before a text do not count.
[[nodiscard]] std::optional<KnownFile> recognise(ByteView head);

/// Of an XML text in small letters: from its first element on, behind the declaration, comments and
/// the document type; empty when that is not among these bytes.
[[nodiscard]] std::string_view rootElement(std::string_view text);

/// The first bytes as a text in small letters (ASCII only), without a byte order mark and blanks at
/// its beginning; at most kSignatureBytes.
[[nodiscard]] std::string beginningOfText(ByteView head);

} // namespace crossiter
