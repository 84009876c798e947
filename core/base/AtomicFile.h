#pragma once

#include "core/base/ByteView.h"

#include <filesystem>
#include <string_view>

namespace crossiter {

/// Writes to a temporary name in the same folder, flushes to disk and renames: a reader sees the
/// old file or the new one, never a half. The temporary file is removed on failure. Throws
/// Error(BadInput) with the path and the system's reason.
void writeFileAtomically(const std::filesystem::path& path, ByteView bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);

} // namespace crossiter
