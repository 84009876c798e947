#pragma once

#include <string>

namespace crossiter {

/// "1 image", "3 images". `several` where an s at the end of `one` is not the word.
template <typename Count>
[[nodiscard]] std::string counted(
    Count count, const std::string& one, const std::string& several = {})
{
    return std::to_string(count) + " "
        + (count == Count(1)      ? one
                : several.empty() ? one + "s"
                                  : several);
}

} // namespace crossiter
