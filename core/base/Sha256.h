#pragma once

#include "core/base/ByteView.h"
#include "core/base/Progress.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace crossiter {

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256(ByteView bytes);
/// Streams the file. Throws Error(BadInput) when it cannot be read.
[[nodiscard]] std::string sha256File(const std::filesystem::path& path);
/// The same with progress in bytes; empty when stopped.
[[nodiscard]] std::string sha256File(
    const std::filesystem::path& path, const ProgressSink& progress, const std::stop_token& stop);

} // namespace crossiter
