#include "core/batch/WorkShare.h"

namespace crossiter {

bool LocalShare::share(const std::string&, std::size_t count,
    const std::function<bool(std::size_t)>& work, const std::stop_token& stop)
{
    m_done = 0;
    for (std::size_t unit = 0; unit < count; ++unit) {
        if (stop.stop_requested() || !work(unit))
            return false;
        ++m_done;
    }
    return true;
}

std::string LocalShare::agree(const std::string&, const std::function<std::string()>& decide)
{
    return decide();
}

} // namespace crossiter
