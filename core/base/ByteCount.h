#pragma once

#include <cstdint>
#include <string>

namespace crossiter {

/// "4G", "512M", "64K", "1000": bytes; K, M, G, T count in 1024s. Throws Error(Usage) that names
/// the option.
[[nodiscard]] std::uint64_t parseByteCount(const std::string& option, const std::string& text);

} // namespace crossiter
