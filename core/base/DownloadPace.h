#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace crossiter::detail {

/// Bytes per second over the last ten seconds of a download, for the time left.
class DownloadPace
{
public:
    /// Seconds until `total` bytes are here when `done` of them are now; -1: not known yet, or all
    /// are here.
    double secondsLeft(std::uint64_t done, std::uint64_t total);
    /// What came before an interruption says nothing about the pace after it.
    void restart() { m_marks.clear(); }

private:
    using Clock = std::chrono::steady_clock;

    struct Mark
    {
        Clock::time_point when;
        std::uint64_t done;
    };
    std::vector<Mark> m_marks;
};

} // namespace crossiter::detail
