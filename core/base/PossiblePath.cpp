#include "core/base/PossiblePath.h"

#include <algorithm>

namespace crossiter {

bool isPossiblePath(const std::string& path)
{
    constexpr std::size_t kLongestPath = 4095;
    constexpr std::size_t kLongestName = 255;
    if (path.size() > kLongestPath || path.find('\0') != std::string::npos)
        return false;
    for (std::size_t from = 0; from < path.size();) {
        const std::size_t to = std::min(path.find('/', from), path.size());
        if (to - from > kLongestName)
            return false;
        from = to + 1;
    }
    return true;
}

} // namespace crossiter
