#include "ui/session/ExactComparer.h"

#include "ui/session/ExplorerSession.h"

#include <algorithm>

namespace crossiter::ui {

int ExactComparison::departure() const
{
    if (firstPicture < 0 || firstLabel < 0)
        return std::max(firstPicture, firstLabel);
    return std::min(firstPicture, firstLabel);
}

ExactComparer::ExactComparer(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_explorer(explorer)
{
    connect(&m_jobs, &JobRunner::failed, this, &ExactComparer::errorRaised);
    connect(&m_jobs, &JobRunner::finished, this, [this](quint64 number) {
        if (number == m_jobs.newest()) {
            m_result.running = false;
            emit changed();
        }
    });
}

ExactComparer::~ExactComparer() = default;

void ExactComparer::reset()
{
    m_jobs.start([](const JobRunner::Job&) {});
    m_trace.reset();
    m_result = {};
    emit changed();
}

void ExactComparer::compare()
{
    const AttackRequest shown = m_explorer.request();
    if (const QString reason = m_explorer.obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    if (m_trace && !sameButRounds(m_result.shown, shown))
        m_trace.reset();
    if (!m_trace || !sameButRounds(m_result.shown, shown)) {
        m_comparedSteps.clear();
        m_result = {};
    }
    m_result.shown = shown;
    const bool enough = m_trace && static_cast<int>(m_trace->subSteps.size()) > subStepCount(shown);
    if (enough) {
        compareMore();
        emit changed();
        return;
    }
    AttackRequest exact = shown;
    exact.compute.numerics = Numerics::Exact;
    exact.keepFloats = false;
    m_result.running = true;
    m_jobs.start([this, engine = m_explorer.engine(), exact, previous = m_trace,
                     clean = m_explorer.photo().clean](const JobRunner::Job& job) {
        auto growing = std::make_shared<AttackTrace>();
        growing->request = exact;
        growing->judges = exact.judges;
        const auto sink = [this, &job, &growing](const std::shared_ptr<const SubStep>& subStep) {
            growing->subSteps.push_back(subStep);
            auto snapshot = std::make_shared<const AttackTrace>(*growing);
            job.post([this, snapshot] {
                m_trace = snapshot;
                compareMore();
                emit changed();
            });
        };
        const auto trace = engine->attack(exact, clean, previous, sink, {}, job.stop());
        job.post([this, trace] {
            if (trace)
                m_trace = trace; // the one that can be gone on from
            compareMore();
        });
    });
    emit changed();
}

void ExactComparer::cancel()
{
    m_jobs.cancel();
}

void ExactComparer::follow()
{
    if (m_result.compared < 0 && !m_result.running)
        return;
    const AttackRequest now = m_explorer.request();
    if (!sameButRounds(now, m_result.shown)) { // another attack: the marks were not of it
        if (m_jobs.busy())
            m_jobs.start([](const JobRunner::Job&) {});
        m_trace.reset();
        m_comparedSteps.clear();
        m_result = {};
        emit changed();
        return;
    }
    const int before = m_result.compared;
    m_result.shown = now;
    compareMore();
    if (m_result.compared != before)
        emit changed();
}

void ExactComparer::compareMore()
{
    const auto own = m_explorer.trace();
    if (!m_trace || !own || !own->madeElsewhere.empty()
        || !sameButRounds(own->request, m_result.shown))
        return;
    const std::size_t common = std::min(own->subSteps.size(), m_trace->subSteps.size());
    const bool prefix = m_comparedSteps.size() <= common
        && std::equal(m_comparedSteps.begin(), m_comparedSteps.end(), own->subSteps.begin());
    if (!prefix) { // cut, or computed anew: float32 traces are samples
        m_comparedSteps.clear();
        const AttackRequest shown = m_result.shown;
        const bool running = m_result.running;
        m_result = {};
        m_result.shown = shown;
        m_result.running = running;
    }
    for (std::size_t at = m_comparedSteps.size(); at < common; ++at) {
        const SubStepDifference apart = differenceOf(*own->subSteps[at], *m_trace->subSteps[at]);
        const int subStep = static_cast<int>(at);
        m_comparedSteps.push_back(own->subSteps[at]);
        m_result.equalPixels.push_back(apart.equalPixels);
        m_result.equalTop1.push_back(apart.equalTop1);
        if (m_result.firstPicture < 0 && !apart.samePicture)
            m_result.firstPicture = subStep;
        if (m_result.firstLabel < 0 && !apart.sameLabel)
            m_result.firstLabel = subStep;
        m_result.compared = subStep;
    }
}

} // namespace crossiter::ui
