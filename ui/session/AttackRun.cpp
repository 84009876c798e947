#include "ui/session/AttackRun.h"

#include "core/base/Error.h"
#include "ui/session/TraceCut.h"

#include <QFileInfo>

#include <utility>

namespace crossiter::ui {

namespace {

constexpr int kPublishPauseMs = 50;

} // namespace

AttackRun::AttackRun(std::shared_ptr<Engine> engine, QObject* parent)
    : QObject(parent)
    , m_engine(std::move(engine))
{
    m_publishTimer.setSingleShot(true);
    m_publishTimer.setInterval(kPublishPauseMs);
    connect(&m_publishTimer, &QTimer::timeout, this, &AttackRun::publish);
    connect(&m_jobs, &JobRunner::failed, this, &AttackRun::errorRaised);
    connect(&m_jobs, &JobRunner::progressed, this, &AttackRun::progressed);
    connect(
        &m_jobs, &JobRunner::failed, this, [this] { m_failed = true; });
    connect(&m_jobs, &JobRunner::finished, this, [this](quint64 number) {
        if (number == m_number)
            end(nullptr); // nothing came: failed, or stopped before sub-step 0
    });
}

AttackRun::~AttackRun() = default;

void AttackRun::drop()
{
    if (running()) {
        m_number = 0;
        m_jobs.start([](const JobRunner::Job&) {});
        emit runningChanged(false);
    }
}

void AttackRun::forgetTrace()
{
    m_trace.reset();
    m_publishTimer.stop();
}

void AttackRun::loadModels(const ExplorerState& state)
{
    m_jobs.start([this, engine = m_engine, ids = state.judges(), how = state.attack.compute](
                     const JobRunner::Job& job) {
        const QString text = QString::fromStdString(engine->describeDevice(how));
        job.post([this, text] {
            m_deviceText = text;
            emit deviceChanged();
        });
        if (engine->load(ids, how, job.progress(), job.stop()))
            job.post([this] { emit modelsLoaded(); });
    });
}

void AttackRun::start(const AttackRequest& wanted, const Image& clean)
{
    const int needed = subStepCount(wanted);
    if (running()) {
        if (m_request == wanted && !m_stoppedByUser)
            return;
        if (sameButRounds(m_request, wanted)) {
            m_runAgain = true; // its sub-steps are worth keeping: stop it, then go on from there
            m_jobs.cancel();
            return;
        }
    }
    m_failed = false;
    m_stoppedByUser = false;
    const bool usable = m_longest && sameButRounds(m_longest->request, wanted);
    if (usable && static_cast<int>(m_longest->subSteps.size()) - 1 >= needed) {
        if (running())
            drop();
        setTrace(cutTrace(*m_longest, wanted, needed));
        publish();
        emit finished(false);
        return;
    }
    compute(wanted, clean, usable ? m_longest : nullptr);
}

void AttackRun::startPair(const AttackRequest& wanted, const OpenPhoto& open)
{
    m_failed = false;
    m_stoppedByUser = false;
    const bool wasRunning = running();
    m_request = wanted;
    m_clean = open.shownClean();
    m_elsewhere = QFileInfo(open.other.path).fileName().toStdString();
    // What is judged already is taken over; a pair is shown once it is whole.
    m_number = m_jobs.start([this, engine = m_engine, wanted = m_request, clean = m_clean,
                                others = open.others(), name = m_elsewhere,
                                streams = !open.series.empty(), previous = m_trace,
                                pair = open.pairNumber](const JobRunner::Job& job) {
        SubStepSink sink;
        if (streams)
            sink = [this, &job](const std::shared_ptr<const SubStep>& subStep) {
                job.post([this, number = job.number(), subStep] { takeSubStep(number, subStep); });
            };
        const auto trace = engine->traceElsewhere(
            wanted, clean, others, name, previous, sink, job.progress(), job.stop());
        job.post([this, trace, pair] {
            m_judgedPair = trace ? pair : m_judgedPair;
            end(trace);
        });
    });
    if (!wasRunning)
        emit runningChanged(true);
}

void AttackRun::compute(
    // By value: the caller may hand in the very member that setTrace() replaces.
    // NOLINTNEXTLINE(performance-unnecessary-value-param)
    const AttackRequest& wanted, const Image& clean, std::shared_ptr<const AttackTrace> previous)
{
    if (previous) { // what is known stays on screen and grows
        auto start = std::make_shared<AttackTrace>(*previous);
        start->request = wanted;
        start->state.reset();
        setTrace(start);
    }
    m_clean = clean;
    m_elsewhere.clear();
    const bool wasRunning = running();
    m_request = wanted;
    m_number =
        m_jobs.start([this, engine = m_engine, wanted, clean, previous](const JobRunner::Job& job) {
            const QString device = QString::fromStdString(engine->describeDevice(wanted.compute));
            job.post([this, device] {
                if (m_deviceText != device) {
                    m_deviceText = device;
                    emit deviceChanged();
                }
            });
            const auto sink = [this, &job](const std::shared_ptr<const SubStep>& subStep) {
                job.post([this, number = job.number(), subStep] { takeSubStep(number, subStep); });
            };
            const auto trace =
                engine->attack(wanted, clean, previous, sink, job.progress(), job.stop());
            job.post([this, trace] { end(trace); });
        });
    if (!wasRunning)
        emit runningChanged(true);
    if (previous)
        publish();
}

void AttackRun::takeSubStep(quint64 job, const std::shared_ptr<const SubStep>& subStep)
{
    if (job != m_number)
        return;
    const bool continues = m_trace && sameButRounds(m_trace->request, m_request)
        && m_trace->request.rounds == m_request.rounds && m_trace->madeElsewhere == m_elsewhere;
    const auto at = static_cast<std::size_t>(subStep->index);
    if (continues && at < m_trace->subSteps.size() && m_trace->subSteps[at] == subStep)
        return; // taken over from the trace that is extended
    std::shared_ptr<AttackTrace> grown;
    if (continues && at == m_trace->subSteps.size()) {
        grown = std::make_shared<AttackTrace>(*m_trace);
    } else if (at == 0) {
        grown = std::make_shared<AttackTrace>();
        grown->request = m_request;
        grown->clean = m_clean;
        grown->judges = m_request.judges;
        grown->madeElsewhere = m_elsewhere;
    } else {
        return;
    }
    grown->subSteps.push_back(subStep);
    grown->cancelled = true; // until the engine says that it is whole
    const bool first = at == 0;
    setTrace(grown);
    if (first)
        publish(); // the clean image's predictions: at once
    else if (!m_publishTimer.isActive())
        m_publishTimer.start();
}

void AttackRun::end(const std::shared_ptr<const AttackTrace>& trace)
{
    if (m_number == 0)
        return;
    m_number = 0;
    if (trace) {
        if (trace->madeElsewhere.empty())
            m_longest = trace;
        setTrace(trace);
        emit arrived(); // the label may have been changed meanwhile
    }
    publish();
    emit runningChanged(false);
    if (m_runAgain) {
        m_runAgain = false;
        emit againWanted();
        return;
    }
    emit finished(!trace || trace->cancelled);
}

void AttackRun::adopt(const std::shared_ptr<const AttackTrace>& trace, const Image& clean)
{
    if (!trace || !trace->madeElsewhere.empty() || !(trace->clean == clean))
        return;
    const bool shorter = m_longest && sameButRounds(m_longest->request, trace->request)
        && m_longest->subSteps.size() >= trace->subSteps.size();
    if (!shorter)
        m_longest = trace;
}

void AttackRun::cancel()
{
    m_runAgain = false;
    if (running()) {
        m_stoppedByUser = true;
        m_jobs.cancel();
    }
}

void AttackRun::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    m_trace = std::move(trace);
    if (m_trace->subSteps.size() == 1)
        emit cleanJudged();
}

void AttackRun::publish()
{
    m_publishTimer.stop();
    emit published();
}

void AttackRun::relabel(const AttackRequest& wanted)
{
    // The true label alone decides no byte: the sub-steps stay, only what the trace says of it
    // changes.
    const auto renamed = [&wanted](const std::shared_ptr<const AttackTrace>& trace) {
        if (!trace || wanted.labelRule == LabelRule::True
            || trace->request.trueLabel == wanted.trueLabel
            || !sameButRounds(trace->request, wanted)) {
            return trace;
        }
        auto copy = std::make_shared<AttackTrace>(*trace);
        copy->request.trueLabel = wanted.trueLabel;
        return std::shared_ptr<const AttackTrace>(copy);
    };
    m_trace = renamed(m_trace);
    m_longest = renamed(m_longest);
}

} // namespace crossiter::ui
