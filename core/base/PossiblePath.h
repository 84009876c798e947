#pragma once

#include <string>

namespace crossiter {

/// What a path that stands in a file of ours must be, so that it can be opened at all.
inline constexpr const char* kPossiblePath =
    "a path of at most 4095 bytes, its names of at most 255, without NUL";
/// Of any path, relative or absolute; whether it is there is not asked.
[[nodiscard]] bool isPossiblePath(const std::string& path);

} // namespace crossiter
