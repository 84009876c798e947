#include "core/base/TimeLeft.h"

#include <cmath>

namespace crossiter {

std::string timeLeftText(double secondsLeft)
{
    constexpr double kMostSeconds = 1e9; // of what is longer the number would say nothing
    if (!(secondsLeft >= 0.0))
        return {};
    const auto seconds = static_cast<long long>(std::ceil(std::fmin(secondsLeft, kMostSeconds)));
    if (seconds < 90)
        return std::to_string(seconds) + " s left";
    const long long minutes = (seconds + 59) / 60;
    if (minutes < 90)
        return std::to_string(minutes) + " min left";
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min left";
}

} // namespace crossiter
