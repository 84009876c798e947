#include "core/base/DownloadPace.h"

#include "core/base/TimeLeft.h"

#include <algorithm>

namespace crossiter::detail {

double DownloadPace::secondsLeft(std::uint64_t done, std::uint64_t total)
{
    const Clock::time_point now = Clock::now();
    if (m_marks.empty() || now - m_marks.back().when > std::chrono::milliseconds(250))
        m_marks.push_back({ now, done });
    while (m_marks.size() > 2 && now - m_marks.front().when > std::chrono::seconds(10))
        m_marks.erase(m_marks.begin());
    const std::chrono::duration<double> spent = now - m_marks.front().when;
    const auto came = static_cast<double>(done - std::min(done, m_marks.front().done));
    if (total <= done || spent.count() < 0.5)
        return -1.0;
    return crossiter::secondsLeft(spent.count(), came, total - done);
}

} // namespace crossiter::detail
