#pragma once

#include <chrono>
#include <stop_token>
#include <utility>

namespace crossiter {

/// Until when a picture may be worked on: a deadline and a request to stop, looked at in every
/// phase from the walk over a file's markers to the last row of a resize. One object serves all
/// phases of one picture, so that they share the time.
class TimeLimit
{
public:
    TimeLimit() = default; ///< for ever
    explicit TimeLimit(int milliseconds, std::stop_token stop = {})
        : m_end(std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds))
        , m_stop(std::move(stop))
        , m_milliseconds(milliseconds)
    {
    }

    [[nodiscard]] bool late() const noexcept { return std::chrono::steady_clock::now() >= m_end; }
    [[nodiscard]] bool stopped() const noexcept { return m_stop.stop_requested(); }
    [[nodiscard]] bool over() const noexcept { return stopped() || late(); }
    [[nodiscard]] int milliseconds() const noexcept { return m_milliseconds; } ///< as given

private:
    std::chrono::steady_clock::time_point m_end = std::chrono::steady_clock::time_point::max();
    std::stop_token m_stop;
    int m_milliseconds = 0;
};

} // namespace crossiter
