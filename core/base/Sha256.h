#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace crossiter {

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256(std::span<const std::uint8_t> bytes);
/// Streams the file. Throws Error(BadInput) when it cannot be read.
[[nodiscard]] std::string sha256File(const std::filesystem::path& path);

} // namespace crossiter
