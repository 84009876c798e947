#pragma once

#include <chrono>
#include <string>

namespace crossiter {

/// Seconds since it was made or begun again.
class Stopwatch
{
public:
    void restart() { m_started = std::chrono::steady_clock::now(); }
    [[nodiscard]] double seconds() const
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_started).count();
    }

private:
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
};

/// How long the rest of a work takes when it goes on at the pace so far: `done` pieces took `spent`
/// seconds and `toDo` more remain. -1, which Progress takes for "not known yet", when nothing is
/// done yet; never negative otherwise.
template <typename Done, typename ToDo>
[[nodiscard]] double secondsLeft(double spent, Done done, ToDo toDo)
{
    const auto pieces = static_cast<double>(done);
    const auto more = static_cast<double>(toDo);
    return pieces > 0.0 ? spent / pieces * (more > 0.0 ? more : 0.0) : -1.0;
}

/// "12 s left", from 90 seconds on "2 min left", from 90 minutes on "1 h 31 min left"; rounded up,
/// so that it never promises too much. Empty for less than 0: not known.
[[nodiscard]] std::string timeLeftText(double secondsLeft);

} // namespace crossiter
