#include "ui/session/TraceCut.h"

#include "ui/session/ExplorerState.h"

namespace crossiter::ui {

std::shared_ptr<const AttackTrace> cutTrace(
    const AttackTrace& trace, const AttackRequest& request, int count)
{
    auto shorter = std::make_shared<AttackTrace>(trace);
    shorter->request = request;
    shorter->subSteps.resize(static_cast<std::size_t>(count) + 1U);
    shorter->cancelled = false;
    shorter->state.reset(); // belongs to the longer one's end
    return shorter;
}

std::shared_ptr<const AttackTrace> traceUpTo(
    const std::shared_ptr<const AttackTrace>& trace, const AttackRequest& request)
{
    const auto count = static_cast<std::size_t>(subStepCount(request)) + 1U;
    if (trace->request == request && trace->subSteps.size() <= count)
        return trace;
    auto copy = std::make_shared<AttackTrace>(*trace);
    copy->request = request;
    if (copy->subSteps.size() > count) {
        copy->subSteps.resize(count);
        copy->state.reset(); // belongs to the longer one's end
    }
    copy->cancelled = copy->subSteps.size() < count;
    return copy;
}

std::shared_ptr<const AttackTrace> traceUpTo(const AttackTrace& trace, int subStep)
{
    auto part = std::make_shared<AttackTrace>(trace);
    part->subSteps.resize(static_cast<std::size_t>(subStep) + 1U);
    part->request.rounds =
        usesSources(part->request.method) ? part->last().round : part->request.rounds;
    // A sub-step inside a round is part of a trace that was stopped there.
    part->cancelled = part->madeElsewhere.empty()
        && static_cast<int>(part->subSteps.size()) - 1 != subStepCount(part->request);
    return part;
}

} // namespace crossiter::ui
