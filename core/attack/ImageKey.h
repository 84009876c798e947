#pragma once

#include "core/image/Image.h"

#include <cstdint>

namespace crossiter {

/// The first 64 bits of the SHA-256 of its bytes: keys the random numbers of an image, so that they
/// are its own in any order of a folder.
[[nodiscard]] std::uint64_t imageKey(const Image& image);

} // namespace crossiter
