#pragma once

#include <cstdint>
#include <string>

namespace crossiter {

/// "4G", "512M", "64K", "1000": bytes; K, M, G, T count in 1024s. Throws Error(Usage) that names
/// the option.
[[nodiscard]] std::uint64_t parseByteCount(const std::string& option, const std::string& text);

/// "256 MB", "1.5 GB", "1000 bytes": in the largest unit of 1024s that is not above it, to
/// `decimals` digits at most (0..3), without zeros at the end.
[[nodiscard]] std::string sizeText(std::uint64_t bytes, int decimals = 1);

/// A limit and the size that broke it, in words that a message can put side by side.
struct SizeTexts
{
    std::string limit;
    std::string found;
};

/// Both in the limit's unit, with as many digits as it takes to tell them apart ("256 MB" and
/// "256.02 MB"), at last in bytes: what is above a limit never reads as equal to it.
[[nodiscard]] SizeTexts sizeTexts(std::uint64_t limit, std::uint64_t found);

} // namespace crossiter
