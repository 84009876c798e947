// BatchSession's run: here on a worker, or as local processes.
#include "core/base/Error.h"
#include "core/base/TimeLeft.h"
#include "core/batch/LocalProcesses.h"
#include "core/jobs/BatchJobs.h"
#include "ui/session/BatchSession.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardPaths>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace crossiter::ui {

namespace fs = std::filesystem;

namespace {

constexpr int kExitSomeFailed = 4;

QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
}

std::string wordsFor(const TournamentEvent& event)
{
    if (event.name.empty()) {
        return event.stage;
    }
    return event.stage + " " + event.name + (event.image.empty() ? "" : ": " + event.image);
}

std::size_t unitsOf(const TournamentSnapshot& snapshot)
{
    std::size_t units = 0;
    for (const SubmissionProgress& submission : snapshot.submissions) {
        units += submission.done + submission.failed;
    }
    return units;
}

} // namespace

/// Where the run in this window waits between two items while it is paused.
class BatchSession::Gate
{
public:
    void set(bool closed)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = closed;
        }
        m_wake.notify_all();
    }

    /// False: stopped. `waits` is called once when it has to wait.
    bool pass(const std::stop_token& stop, const std::function<void()>& waits)
    {
        std::unique_lock lock(m_mutex);
        if (m_closed) {
            lock.unlock();
            waits();
            lock.lock();
        }
        return m_wake.wait(lock, stop, [this] { return !m_closed; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_closed = false;
};

void BatchSession::setStatus(BatchStatus status)
{
    if (status == m_status) {
        return;
    }
    m_status = status;
    if (status == BatchStatus::Idle) {
        m_now.clear();
        m_secondsLeft = -1.0;
        m_poll.stop();
    } else {
        m_poll.start();
    }
    emit statusChanged();
    emit progressChanged();
}

void BatchSession::run()
{
    if (active()) {
        return;
    }
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason, 2);
        return;
    }
    const bool samePlan = m_results && m_output == text(m_results->folder.string())
        && planText(m_results->plan) == planText(m_plan);
    if (m_output.isEmpty() || (m_ownFolder && !samePlan)) {
        m_output = newFolder();
        m_ownFolder = true;
        emit planChanged();
    }
    if (!samePlan) {
        m_results = nullptr;
        emit resultsChanged();
    }
    m_inProcesses = m_processCount > 1;
    begin();
}

void BatchSession::begin()
{
    const fs::path folder(QFileInfo(m_output).absoluteFilePath().toStdString());
    m_unitsAtStart = m_results ? unitsOf(*m_results) : 0;
    m_secondsLeft = -1.0;
    m_since.start();
    m_states.clear();
    m_now = tr("starting");
    setStatus(BatchStatus::Starting);
    const bool resume = holdsTournament(folder);
    if (!resume) {
        m_view = nullptr; // of a folder that was emptied
    }
    if (m_inProcesses) {
        startProcesses(folder, resume);
    } else {
        startHere(folder, resume);
    }
}

void BatchSession::startHere(const fs::path& folder, bool resume)
{
    m_gate = std::make_shared<Gate>();
    m_jobs.start([this, folder, resume, plan = m_plan, engine = m_engine, gate = m_gate](
                     const JobRunner::Job& job) {
        BatchParts parts = batchParts(*engine);
        const auto waits = [&job, this] {
            job.post([this] {
                if (m_status == BatchStatus::Pausing) {
                    setStatus(BatchStatus::Paused);
                }
            });
        };
        parts.attack = [&gate, &waits, inner = parts.attack](const AttackRequest& request,
                           const Image& clean,
                           const std::stop_token& stop) -> std::optional<Image> {
            return gate->pass(stop, waits) ? inner(request, clean, stop) : std::nullopt;
        };
        parts.defend = [&gate, &waits, inner = parts.defend](const TournamentPlan& of,
                           const PlanDefense& defense, const std::vector<Image>& images,
                           const std::stop_token& stop) -> std::optional<std::vector<int>> {
            return gate->pass(stop, waits) ? inner(of, defense, images, stop) : std::nullopt;
        };
        job.post([this] {
            if (m_status == BatchStatus::Starting) {
                setStatus(BatchStatus::Running);
            }
        });
        const ProgressSink progress = job.progress();
        const TournamentSink sink = [&progress](const TournamentEvent& event) {
            progress({ wordsFor(event), event.done, event.total, -1.0 });
        };
        LocalShare alone;
        const auto result = runTournament(plan, folder, { resume }, parts, alone, sink, job.stop());
        job.post([this, cancelled = result->cancelled] { ended(cancelled); });
    });
}

QString BatchSession::program() const
{
    if (!m_options.program.isEmpty()) {
        return m_options.program;
    }
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/crossiter");
    return QFileInfo(beside).isExecutable()
        ? beside
        : QStandardPaths::findExecutable(QStringLiteral("crossiter"));
}

void BatchSession::startProcesses(const fs::path& folder, bool resume)
{
    LocalProcesses request;
    request.program = program().toStdString();
    request.processes = m_processCount;
    request.arguments = { "--quiet", "--store", m_engine->storePaths().user.string() };
    for (int rank = 0; rank < m_processCount; ++rank) {
        m_states.push_back({ rank });
    }
    m_jobs.start([this, folder, resume, request, plan = m_plan, engine = m_engine](
                     const JobRunner::Job& job) {
        batchParts(*engine).check(plan);
        const WorkersSink workers = [&](const std::vector<WorkerState>& states) {
            job.post([this, states] { takeWorkers(states); });
        };
        const ProcessTextSink last = [&](int rank, std::string_view, std::string_view error) {
            const QStringList lines =
                QString::fromUtf8(error.data(), static_cast<qsizetype>(error.size()))
                    .split(QLatin1Char('\n'), Qt::SkipEmptyParts);
            job.post([this, rank, line = lines.isEmpty() ? QString() : lines.last().trimmed()] {
                processEnded(rank, line);
            });
        };
        const LocalProcessesResult result =
            runLocalProcesses(plan, folder, { resume }, request, workers, last, job.stop());
        job.post([this, result] {
            for (const std::string& lost : result.lost) {
                emit said(text(lost));
            }
            const bool whole = result.exitCode == 0 || result.exitCode == kExitSomeFailed;
            for (BatchProcess& process : m_states) {
                const std::string place = "process " + std::to_string(process.rank) + ": ";
                const bool lost = std::any_of(result.lost.begin(), result.lost.end(),
                    [&](const std::string& line) { return line.starts_with(place); });
                if (whole) { // what it wrote were remarks on images, unless it was lost
                    process.state = lost ? BatchProcess::State::Lost : BatchProcess::State::Ended;
                }
            }
            QString problem;
            if (!whole && !result.cancelled) {
                problem = tr("The processes have ended with exit code %1.").arg(result.exitCode);
                for (const BatchProcess& process : std::as_const(m_states)) {
                    problem = process.error.isEmpty() ? problem : process.error;
                }
            }
            ended(result.cancelled, problem);
        });
    });
}

void BatchSession::takeWorkers(const std::vector<WorkerState>& workers)
{
    for (const WorkerState& worker : workers) {
        if (worker.rank < 0 || worker.rank >= m_states.size()) {
            continue;
        }
        BatchProcess& process = m_states[worker.rank];
        process.units = static_cast<int>(worker.units);
        if (process.state == BatchProcess::State::Starting && worker.joined) {
            process.state = BatchProcess::State::Working;
            if (m_status == BatchStatus::Starting) {
                setStatus(BatchStatus::Running);
            }
        }
        process.now = process.state == BatchProcess::State::Working ? text(worker.now) : QString();
    }
    emit progressChanged();
}

void BatchSession::processEnded(int rank, const QString& lastLine)
{
    if (rank < 0 || rank >= m_states.size()) {
        return;
    }
    BatchProcess& process = m_states[rank];
    const bool asked = m_status == BatchStatus::Pausing || m_status == BatchStatus::Stopping;
    process.now.clear();
    // The store's last word on it may come a little later than its end.
    process.state = asked    ? BatchProcess::State::Stopped
        : lastLine.isEmpty() ? BatchProcess::State::Ended
                             : BatchProcess::State::Lost;
    process.error = asked ? QString() : lastLine;
    emit progressChanged();
}

void BatchSession::pause()
{
    if (m_status != BatchStatus::Running) {
        return;
    }
    setStatus(BatchStatus::Pausing);
    if (m_inProcesses) {
        m_jobs.cancel(); // each ends after its item or leaves it to the next run
    } else {
        m_gate->set(true);
    }
}

void BatchSession::resume()
{
    if (m_status != BatchStatus::Paused && m_status != BatchStatus::Pausing) {
        return;
    }
    if (!m_inProcesses) {
        m_gate->set(false);
        setStatus(BatchStatus::Running);
    } else if (m_status == BatchStatus::Paused) {
        begin();
    }
    m_since.start();
    m_unitsAtStart = m_results ? unitsOf(*m_results) : 0;
}

void BatchSession::cancel()
{
    if (!active()) {
        return;
    }
    const bool waitingForResume = m_status == BatchStatus::Paused && m_inProcesses;
    setStatus(BatchStatus::Stopping);
    m_jobs.cancel();
    if (waitingForResume) {
        ended(true);
    }
}

void BatchSession::ended(bool cancelled, const QString& problem)
{
    const bool pausing =
        m_status == BatchStatus::Pausing && m_inProcesses && cancelled && problem.isEmpty();
    if (!m_output.isEmpty() && holdsTournament(fs::path(m_output.toStdString()))) {
        read(m_output, Reading::Last);
    }
    if (pausing) {
        setStatus(BatchStatus::Paused);
        return;
    }
    setStatus(BatchStatus::Idle);
    if (!problem.isEmpty()) {
        emit errorRaised(problem);
    } else {
        emit said(cancelled ? tr("Tournament stopped: Resume goes on with it")
                            : tr("Tournament complete: %1").arg(m_output));
    }
}

void BatchSession::poll()
{
    if (m_status == BatchStatus::Paused) {
        return;
    }
    if (!m_reader.busy()) {
        read(m_output, Reading::News);
    }
}

void BatchSession::estimate()
{
    m_secondsLeft = -1.0;
    if (!m_results || m_status != BatchStatus::Running) {
        return;
    }
    std::size_t total = 0;
    for (const SubmissionProgress& submission : m_results->submissions) {
        total += submission.total;
    }
    const std::size_t units = unitsOf(*m_results);
    const double seconds = static_cast<double>(m_since.elapsed()) / 1000.0;
    if (units > m_unitsAtStart && total >= units && seconds > 2.0) {
        m_secondsLeft = crossiter::secondsLeft(seconds, units - m_unitsAtStart, total - units);
    }
}

} // namespace crossiter::ui
