#include "ui/session/TraceShelf.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr std::size_t kMostKept = 24; // traces of one photo

} // namespace

void TraceShelf::keep(const std::shared_ptr<const AttackTrace>& trace)
{
    const auto known = std::ranges::find_if(
        m_traces, [&](const auto& other) { return sameButRounds(other->request, trace->request); });
    if (known != m_traces.end()) {
        const auto& old = **known;
        // Equal length: the one that can be gone on from.
        if (old.subSteps.size() > trace->subSteps.size()
            || (old.subSteps.size() == trace->subSteps.size() && !trace->state))
            return;
        m_traces.erase(known);
    }
    m_traces.push_back(trace);
    if (m_traces.size() > kMostKept)
        m_traces.erase(m_traces.begin());
}

std::shared_ptr<const AttackTrace> TraceShelf::find(const AttackRequest& request) const
{
    const auto found = std::ranges::find_if(
        m_traces, [&](const auto& trace) { return sameButRounds(trace->request, request); });
    return found == m_traces.end() ? nullptr : *found;
}

} // namespace crossiter::ui
