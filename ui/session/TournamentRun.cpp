#include "ui/session/TournamentRun.h"

#include "core/base/Error.h"
#include "core/base/TimeLeft.h"
#include "core/batch/LocalProcesses.h"
#include "core/jobs/BatchJobs.h"

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
    if (event.name.empty())
        return event.stage;
    return event.stage + " " + event.name + (event.image.empty() ? "" : ": " + event.image);
}

std::size_t unitsOf(const TournamentSnapshot& snapshot)
{
    std::size_t units = 0;
    for (const SubmissionProgress& submission : snapshot.submissions)
        units += submission.done + submission.failed;
    return units;
}

} // namespace

/// Where the run in this window waits between two items while it is paused.
class TournamentRun::Gate
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

TournamentRun::TournamentRun(std::shared_ptr<Engine> engine, QObject* parent)
    : QObject(parent)
    , m_engine(std::move(engine))
{
    connect(
        &m_jobs, &JobRunner::failed, this, [this](const QString& message) { end(false, message); });
    connect(&m_jobs, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_now = text(progress.stage);
        emit progressChanged();
    });
}

TournamentRun::~TournamentRun()
{
    disconnect(); // the worker ends with this: what runs is stopped and waited for
}

void TournamentRun::start(
    const TournamentStart& start, std::shared_ptr<const TournamentSnapshot> results)
{
    m_plan = start.plan;
    m_folder = start.folder;
    m_program = start.program;
    m_processes = start.processes;
    m_inProcesses = m_processes > 1;
    m_seen = std::move(results);
    begin();
}

void TournamentRun::follow(std::shared_ptr<const TournamentSnapshot> results)
{
    m_seen = std::move(results);
    estimate();
}

void TournamentRun::setStatus(BatchStatus status)
{
    if (status == m_status)
        return;
    m_status = status;
    if (status == BatchStatus::Idle) {
        m_now.clear();
        m_secondsLeft = -1.0;
    }
    emit statusChanged();
    emit progressChanged();
}

void TournamentRun::begin()
{
    m_unitsAtStart = m_seen ? unitsOf(*m_seen) : 0;
    m_secondsLeft = -1.0;
    m_since.start();
    m_states.clear();
    m_now = tr("starting");
    setStatus(BatchStatus::Starting);
    const bool resume = holdsTournament(m_folder);
    if (!resume)
        emit foundNothing();
    if (m_inProcesses)
        startProcesses(resume);
    else
        startHere(resume);
}

void TournamentRun::startHere(bool resume)
{
    m_gate = std::make_shared<Gate>();
    m_jobs.start([this, folder = m_folder, resume, plan = m_plan, engine = m_engine, gate = m_gate](
                     const JobRunner::Job& job) {
        BatchEngine batch = batchEngine(*engine);
        const auto waits = [&job, this] {
            job.post([this] {
                if (m_status == BatchStatus::Pausing)
                    setStatus(BatchStatus::Paused);
            });
        };
        batch.attack = [&gate, &waits, inner = batch.attack](const AttackRequest& request,
                           const Image& clean,
                           const std::stop_token& stop) -> std::optional<Image> {
            return gate->pass(stop, waits) ? inner(request, clean, stop) : std::nullopt;
        };
        batch.defend = [&gate, &waits, inner = batch.defend](const TournamentPlan& of,
                           const PlanDefense& defense, const std::vector<Image>& images,
                           const std::stop_token& stop) -> std::optional<std::vector<int>> {
            return gate->pass(stop, waits) ? inner(of, defense, images, stop) : std::nullopt;
        };
        job.post([this] {
            if (m_status == BatchStatus::Starting)
                setStatus(BatchStatus::Running);
        });
        const ProgressSink progress = job.progress();
        const TournamentSink sink = [&progress](const TournamentEvent& event) {
            progress({ wordsFor(event), event.done, event.total, -1.0 });
        };
        LocalShare alone;
        const auto result = runTournament(plan, folder, { resume }, batch, alone, sink, job.stop());
        job.post([this, cancelled = result->cancelled] { end(cancelled); });
    });
}

void TournamentRun::startProcesses(bool resume)
{
    LocalProcesses request;
    request.program = m_program;
    request.processes = m_processes;
    request.arguments = { "--quiet", "--store", m_engine->storePaths().user.string() };
    for (int rank = 0; rank < m_processes; ++rank)
        m_states.push_back({ rank });
    m_jobs.start([this, folder = m_folder, resume, request, plan = m_plan, engine = m_engine](
                     const JobRunner::Job& job) {
        batchEngine(*engine).check(plan);
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
            for (const std::string& lost : result.lost)
                emit said(text(lost));
            const bool whole = result.exitCode == 0 || result.exitCode == kExitSomeFailed;
            for (BatchProcess& process : m_states) {
                const std::string place = "process " + std::to_string(process.rank) + ": ";
                const bool lost = std::ranges::any_of(
                    result.lost, [&](const std::string& line) { return line.starts_with(place); });
                if (whole) // what it wrote were remarks on images, unless it was lost
                    process.state = lost ? BatchProcess::State::Lost : BatchProcess::State::Ended;
            }
            QString problem;
            if (!whole && !result.cancelled) {
                problem = tr("The processes have ended with exit code %1.").arg(result.exitCode);
                for (const BatchProcess& process : std::as_const(m_states))
                    problem = process.error.isEmpty() ? problem : process.error;
            }
            end(result.cancelled, problem);
        });
    });
}

void TournamentRun::takeWorkers(const std::vector<WorkerState>& workers)
{
    for (const WorkerState& worker : workers) {
        if (worker.rank < 0 || worker.rank >= m_states.size())
            continue;
        BatchProcess& process = m_states[worker.rank];
        process.units = static_cast<int>(worker.units);
        if (process.state == BatchProcess::State::Starting && worker.joined) {
            process.state = BatchProcess::State::Working;
            if (m_status == BatchStatus::Starting)
                setStatus(BatchStatus::Running);
        }
        process.now = process.state == BatchProcess::State::Working ? text(worker.now) : QString();
    }
    emit progressChanged();
}

void TournamentRun::processEnded(int rank, const QString& lastLine)
{
    if (rank < 0 || rank >= m_states.size())
        return;
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

void TournamentRun::pause()
{
    if (m_status != BatchStatus::Running)
        return;
    setStatus(BatchStatus::Pausing);
    if (m_inProcesses)
        m_jobs.cancel(); // each ends after its item or leaves it to the next run
    else
        m_gate->set(true);
}

void TournamentRun::resume()
{
    if (m_status != BatchStatus::Paused && m_status != BatchStatus::Pausing)
        return;
    if (!m_inProcesses) {
        m_gate->set(false);
        setStatus(BatchStatus::Running);
    } else if (m_status == BatchStatus::Paused) {
        begin();
    }
    m_since.start();
    m_unitsAtStart = m_seen ? unitsOf(*m_seen) : 0;
}

void TournamentRun::cancel()
{
    if (m_status == BatchStatus::Idle)
        return;
    const bool waitingForResume = m_status == BatchStatus::Paused && m_inProcesses;
    setStatus(BatchStatus::Stopping);
    m_jobs.cancel();
    if (waitingForResume)
        end(true);
}

void TournamentRun::end(bool cancelled, const QString& problem)
{
    const bool pausing =
        m_status == BatchStatus::Pausing && m_inProcesses && cancelled && problem.isEmpty();
    emit stopped();
    if (pausing) {
        setStatus(BatchStatus::Paused);
        return;
    }
    setStatus(BatchStatus::Idle);
    emit ended(cancelled, problem);
}

void TournamentRun::estimate()
{
    m_secondsLeft = -1.0;
    if (!m_seen || m_status != BatchStatus::Running)
        return;
    std::size_t total = 0;
    for (const SubmissionProgress& submission : m_seen->submissions)
        total += submission.total;
    const std::size_t units = unitsOf(*m_seen);
    const double seconds = static_cast<double>(m_since.elapsed()) / 1000.0;
    if (units > m_unitsAtStart && total >= units && seconds > 2.0)
        m_secondsLeft = crossiter::secondsLeft(seconds, units - m_unitsAtStart, total - units);
}

} // namespace crossiter::ui
