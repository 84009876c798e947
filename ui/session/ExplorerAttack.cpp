// ExplorerSession's attack: running, extending, cutting, cancelling, exporting.
#include "core/base/Error.h"
#include "core/report/TraceExport.h"
#include "ui/session/ExplorerSession.h"

#include <QFileInfo>

#include <algorithm>
#include <set>

namespace crossiter::ui {

namespace {

/// The first `count` sub-steps (and the clean image) of a longer trace; nothing is computed.
std::shared_ptr<const AttackTrace> cut(
    const AttackTrace& trace, const AttackRequest& request, int count)
{
    auto shorter = std::make_shared<AttackTrace>(trace);
    shorter->request = request;
    shorter->subSteps.resize(static_cast<std::size_t>(count) + 1U);
    shorter->cancelled = false;
    shorter->state.reset(); // belongs to the longer one's end
    return shorter;
}

} // namespace

void ExplorerSession::loadModels()
{
    m_compute.start([this, engine = m_engine, ids = m_state.judges(), numerics = m_state.numerics,
                        device = parseDevice(m_state.device),
                        threads = m_state.threads](const JobRunner::Job& job) {
        const QString text = QString::fromStdString(engine->describeDevice(device, threads));
        job.post([this, text] {
            m_deviceText = text;
            emit stateChanged();
        });
        if (engine->load(ids, numerics, device, job.progress(), job.stop())) {
            job.post([this] { emit modelsLoaded(); });
        }
    });
}

void ExplorerSession::scheduleRun()
{
    if (m_dragging || m_failed || !hasPhoto()
        || (!showsPair() && (!m_automatic || !obstacle().isEmpty()))) {
        return;
    }
    const AttackRequest wanted = showsPair() ? pairRequest() : request();
    if (m_stoppedByUser && m_trace && m_trace->request == wanted) {
        return; // stopped is stopped, until something that decides the result changes
    }
    const bool same = running() ? m_attackRequest == wanted : !outdated();
    if (!same) {
        m_runTimer.start();
    }
}

void ExplorerSession::run()
{
    m_runTimer.stop();
    if (!hasPhoto()) {
        return;
    }
    if (showsPair()) {
        runPair();
        return;
    }
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    const AttackRequest wanted = request();
    const int needed = subStepCount(wanted);
    if (running()) {
        if (m_attackRequest == wanted && !m_stoppedByUser) {
            return;
        }
        if (sameButRounds(m_attackRequest, wanted)) {
            m_runAgain = true; // its sub-steps are worth keeping: stop it, then go on from there
            m_compute.cancel();
            return;
        }
    }
    m_failed = false;
    m_stoppedByUser = false;
    const bool usable = m_longest && sameButRounds(m_longest->request, wanted);
    if (usable && static_cast<int>(m_longest->subSteps.size()) - 1 >= needed) {
        if (running()) {
            m_attackNumber = 0;
            m_compute.start([](const JobRunner::Job&) {});
            emit runningChanged(false);
        }
        setTrace(cut(*m_longest, wanted, needed));
        publish();
        emit traceFinished(false);
        return;
    }
    startAttack(wanted, usable ? m_longest : nullptr);
}

AttackRequest ExplorerSession::pairRequest() const
{
    AttackRequest wanted = request();
    wanted.method = Method::Noop;
    wanted.labelRule = LabelRule::OwnRefreshed;
    wanted.rounds = 0;
    return wanted;
}

void ExplorerSession::runPair()
{
    if (!outdated() && !running()) {
        return;
    }
    m_failed = false;
    m_stoppedByUser = false;
    const bool wasRunning = running();
    m_attackRequest = pairRequest();
    m_attackNumber = m_compute.start(
        [this, engine = m_engine, wanted = m_attackRequest, clean = shownClean(),
            other = m_other.clean, name = QFileInfo(m_other.path).fileName().toStdString(),
            pair = m_pairLoaded](const JobRunner::Job& job) {
            const auto trace =
                engine->tracePair(wanted, clean, other, name, job.progress(), job.stop());
            job.post([this, trace, pair] {
                m_pairJudged = trace ? pair : m_pairJudged;
                attackEnded(trace);
            });
        });
    if (!wasRunning) {
        emit runningChanged(true);
    }
}

void ExplorerSession::startAttack(
    // By value: the caller may hand in the very member that setTrace() replaces.
    // NOLINTNEXTLINE(performance-unnecessary-value-param)
    const AttackRequest& wanted, std::shared_ptr<const AttackTrace> previous)
{
    if (previous) { // what is known stays on screen and grows
        auto start = std::make_shared<AttackTrace>(*previous);
        start->request = wanted;
        start->state.reset();
        setTrace(start);
    }
    const bool wasRunning = running();
    m_attackRequest = wanted;
    m_attackNumber = m_compute.start([this, engine = m_engine, wanted, clean = m_photo.clean,
                                         previous](const JobRunner::Job& job) {
        const QString device =
            QString::fromStdString(engine->describeDevice(wanted.device, wanted.threads));
        job.post([this, device] {
            if (m_deviceText != device) {
                m_deviceText = device;
                emit stateChanged();
            }
        });
        const auto sink = [this, &job](const std::shared_ptr<const SubStep>& subStep) {
            job.post([this, number = job.number(), subStep] { takeSubStep(number, subStep); });
        };
        const auto trace =
            engine->attack(wanted, clean, previous, sink, job.progress(), job.stop());
        job.post([this, trace] { attackEnded(trace); });
    });
    if (!wasRunning) {
        emit runningChanged(true);
    }
    if (previous) {
        publish();
    }
}

void ExplorerSession::takeSubStep(quint64 job, const std::shared_ptr<const SubStep>& subStep)
{
    if (job != m_attackNumber) {
        return;
    }
    const bool continues = m_trace && sameButRounds(m_trace->request, m_attackRequest)
        && m_trace->request.rounds == m_attackRequest.rounds;
    const auto at = static_cast<std::size_t>(subStep->index);
    if (continues && at < m_trace->subSteps.size() && m_trace->subSteps[at] == subStep) {
        return; // taken over from the trace that is extended
    }
    std::shared_ptr<AttackTrace> grown;
    if (continues && at == m_trace->subSteps.size()) {
        grown = std::make_shared<AttackTrace>(*m_trace);
    } else if (at == 0) {
        grown = std::make_shared<AttackTrace>();
        grown->request = m_attackRequest;
        grown->clean = m_photo.clean;
        grown->judges = m_attackRequest.judges;
    } else {
        return;
    }
    grown->subSteps.push_back(subStep);
    grown->cancelled = true; // until the engine says that it is whole
    const bool first = at == 0;
    setTrace(grown);
    if (first) {
        publish(); // the clean image's predictions: at once
    } else if (!m_publishTimer.isActive()) {
        m_publishTimer.start();
    }
}

void ExplorerSession::attackEnded(const std::shared_ptr<const AttackTrace>& trace)
{
    if (m_attackNumber == 0) {
        return;
    }
    m_attackNumber = 0;
    if (trace) {
        if (trace->madeElsewhere.empty()) {
            m_longest = trace;
        }
        setTrace(trace);
        relabel(); // the label may have been changed meanwhile
    }
    publish();
    emit runningChanged(false);
    if (m_runAgain) {
        m_runAgain = false;
        run();
        return;
    }
    emit traceFinished(!trace || trace->cancelled);
}

void ExplorerSession::adopt(const std::shared_ptr<const AttackTrace>& trace)
{
    if (!trace || !trace->madeElsewhere.empty() || !(trace->clean == m_photo.clean)) {
        return;
    }
    const bool shorter = m_longest && sameButRounds(m_longest->request, trace->request)
        && m_longest->subSteps.size() >= trace->subSteps.size();
    if (!shorter) {
        m_longest = trace;
    }
}

void ExplorerSession::cancel()
{
    m_runTimer.stop();
    m_runAgain = false;
    if (running()) {
        m_stoppedByUser = true;
        m_compute.cancel();
    }
}

void ExplorerSession::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    const bool assumed = trueLabel().assumed;
    m_trace = std::move(trace);
    if (assumed && m_trace->subSteps.size() == 1) {
        emit labelChanged(); // there is a joint top-1 now
    }
}

void ExplorerSession::publish()
{
    m_publishTimer.stop();
    emit traceChanged();
    m_shown = currentSubStep();
    emit currentSubStepChanged(m_shown);
}

void ExplorerSession::setCurrentSubStep(int subStep)
{
    if (!m_trace) {
        return;
    }
    const int last = static_cast<int>(m_trace->subSteps.size()) - 1;
    const int wanted = std::clamp(subStep, 0, last);
    m_state.subStep = running() && wanted == last ? -1 : wanted;
    if (wanted != m_shown) {
        m_shown = wanted;
        emit currentSubStepChanged(wanted);
    }
}

std::shared_ptr<const AttackTrace> ExplorerSession::upToShown() const
{
    if (!m_trace) {
        return nullptr;
    }
    const int shown = currentSubStep();
    auto part = std::make_shared<AttackTrace>(*m_trace);
    part->subSteps.resize(static_cast<std::size_t>(shown) + 1U);
    part->request.rounds =
        usesSources(part->request.method) ? part->last().round : part->request.rounds;
    // A sub-step inside a round is part of a trace that was stopped there.
    part->cancelled = part->madeElsewhere.empty()
        && static_cast<int>(part->subSteps.size()) - 1 != subStepCount(part->request);
    return part;
}

TrueLabelOrigin ExplorerSession::labelOrigin() const
{
    if (m_state.labelChoice == LabelChoice::User) {
        return TrueLabelOrigin::Option;
    }
    return m_state.labelChoice == LabelChoice::Automatic ? m_foundLabel.origin
                                                         : TrueLabelOrigin::None;
}

std::function<Provenance(const AttackTrace&)> ExplorerSession::origins() const
{
    return
        [engine = m_engine, photo = m_photo.path.toStdString(), other = m_other.path.toStdString(),
            origin = describe(labelOrigin()), labels = m_labelReport](const AttackTrace& trace) {
            Provenance provenance = engine->origin(trace.request);
            if (!photo.empty()) {
                nameInput(provenance, photo);
            }
            provenance.trueLabelOrigin = origin;
            provenance.labels = labels;
            if (!trace.madeElsewhere.empty()) {
                nameOther(provenance, trace.madeElsewhere, other);
                if (!trace.clean.isImageSpace()) {
                    provenance.size = toString(sizeOf(trace.clean));
                }
            }
            return provenance;
        };
}

void ExplorerSession::exportImage(const QString& png)
{
    if (!m_trace) {
        emit errorRaised(tr("There is no exported image yet: run an attack first."));
        return;
    }
    m_exports.add([this, trace = upToShown(), png, origins = origins()](const JobRunner::Job& job) {
        QStringList paths;
        for (const auto& path : writeResult(png.toStdString(), *trace, origins(*trace))) {
            paths << QString::fromStdString(path.string());
        }
        job.post([this, paths] { emit exported(paths); });
    });
}

void ExplorerSession::exportProvenance(const QStringList& files,
    const std::shared_ptr<const AttackTrace>& trace, const std::string& defense,
    const std::function<void()>& write, const std::shared_ptr<const SweepResult>& sweep)
{
    m_exports.add([this, files, trace, defense, write, sweep, origins = origins()](
                      const JobRunner::Job& job) {
        if (write) {
            write();
        }
        std::set<std::string> beside;
        if (trace) {
            const Provenance provenance = origins(*trace);
            for (const QString& file : files) {
                beside.insert(writeViewProvenance(
                    file.toStdString(), *trace, provenance, defense, sweep.get())
                                  .string());
            }
        }
        QStringList paths = files;
        for (const std::string& path : beside) {
            paths << QString::fromStdString(path);
        }
        job.post([this, paths] { emit exported(paths); });
    });
}

void ExplorerSession::exportComparison(
    const QString& picture, const std::vector<std::shared_ptr<const AttackTrace>>& traces)
{
    if (traces.empty()) {
        emit exported({ picture });
        return;
    }
    m_exports.add([this, picture, traces, origins = origins()](const JobRunner::Job& job) {
        const auto beside = writeComparisonProvenance(picture.toStdString(), traces, origins);
        const QString path = QString::fromStdString(beside.string());
        job.post([this, picture, path] { emit exported({ picture, path }); });
    });
}

void ExplorerSession::exportTrace(const QString& folder)
{
    if (!m_trace) {
        emit errorRaised(tr("There is no trace yet: run an attack first."));
        return;
    }
    if (exporting()) {
        emit errorRaised(tr("A trace is being written: wait for its end or cancel it."));
        return;
    }
    const std::string stem = QFileInfo(m_photo.path).completeBaseName().toStdString();
    m_traceExport.start(
        [this, trace = m_trace, folder, stem, origins = origins()](const JobRunner::Job& job) {
            guardTrace(folder, stem, *trace);
            QStringList paths;
            for (const auto& path : writeTrace(folder.toStdString(), stem, *trace, origins(*trace),
                     {}, job.progress(), job.stop())) {
                paths << QString::fromStdString(path.string());
            }
            job.post([this, paths, folder] {
                if (paths.isEmpty()) {
                    emit exportStopped(folder);
                } else {
                    emit exported(paths);
                }
            });
        });
}

void ExplorerSession::cancelExport()
{
    m_traceExport.cancel();
}

} // namespace crossiter::ui
