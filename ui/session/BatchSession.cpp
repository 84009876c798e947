#include "ui/session/BatchSession.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/jobs/BatchJobs.h"
#include "ui/session/PhotoLoader.h"
#include "ui/session/QtImage.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <algorithm>
#include <filesystem>

namespace crossiter::ui {

namespace fs = std::filesystem;

namespace {

constexpr int kPollMs = 400;

QString text(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

fs::path pathOf(const QString& name)
{
    return fs::path(name.toStdString());
}

/// The competition's files and the reports beside them: every CSV, report and plan at the top, and
/// each defense's result.csv.
} // namespace

BatchSession::BatchSession(std::shared_ptr<Engine> engine, BatchOptions options, QObject* parent)
    : QObject(parent)
    , m_engine(std::move(engine))
    , m_options(std::move(options))
    , m_run(m_engine)
{
    m_poll.setInterval(kPollMs);
    connect(&m_poll, &QTimer::timeout, this, &BatchSession::poll);
    for (JobRunner* runner : { &m_plans, &m_exports.runner(), &m_reader })
        connect(runner, &JobRunner::failed, this, &BatchSession::errorRaised);
    connect(
        &m_datasets, &JobRunner::failed, this,
        [this](const QString& message) {
            m_dataset = nullptr;
            m_datasetProblem = message;
            emit datasetChanged();
        });
    connect(&m_run, &TournamentRun::statusChanged, this, [this] {
        if (active()) {
            m_poll.start();
        } else {
            m_poll.stop();
        }
        emit statusChanged();
    });
    connect(&m_run, &TournamentRun::progressChanged, this, &BatchSession::progressChanged);
    connect(&m_run, &TournamentRun::said, this, &BatchSession::said);
    connect(
        &m_run, &TournamentRun::foundNothing, this, [this] { m_view = nullptr; });
    connect(
        &m_run, &TournamentRun::stopped, this,
        [this] {
            if (!m_output.isEmpty() && holdsTournament(pathOf(m_output)))
                read(m_output, Reading::Last);
        });
    connect(&m_run, &TournamentRun::ended, this, [this](bool cancelled, const QString& problem) {
        if (!problem.isEmpty()) {
            emit errorRaised(problem);
        } else {
            emit said(cancelled ? tr("Tournament stopped: Resume goes on with it")
                                : tr("Tournament complete: %1").arg(m_output));
        }
    });
}

BatchSession::~BatchSession()
{
    disconnect(); // the runners' threads end with them: what runs is stopped and waited for
}

bool BatchSession::settled() const
{
    return !active() && !m_plans.busy() && !m_finder.busy() && !m_datasets.busy()
        && !m_exports.busy() && !m_thumbnails.busy() && !m_reader.busy() && !m_run.busy();
}

void BatchSession::setPlan(const TournamentPlan& plan)
{
    if (plan == m_plan || active())
        return;
    const bool dataset = !(plan.dataset == m_plan.dataset);
    m_plan = plan;
    if (dataset)
        readDataset();
    emit planChanged();
}

void BatchSession::readDataset()
{
    m_dataset = nullptr;
    m_datasetProblem.clear();
    if (m_plan.dataset.folder.empty()) {
        m_datasetProblem = tr("Choose a folder of photos.");
        emit datasetChanged();
        return;
    }
    emit datasetChanged();
    m_datasets.start([this, dataset = m_plan.dataset](const JobRunner::Job& job) {
        auto view = std::make_shared<const DatasetView>(viewDataset(dataset));
        job.post([this, view] {
            m_dataset = view;
            emit datasetChanged();
        });
    });
}

void BatchSession::openPlan(const QString& path)
{
    m_plans.start([this, path](const JobRunner::Job& job) {
        const TournamentPlan plan = readPlan(pathOf(path));
        job.post([this, plan, path] {
            if (active())
                return;
            setPlan(plan);
            emit said(tr("Plan opened: %1").arg(path));
        });
    });
}

void BatchSession::savePlan(const QString& path)
{
    m_plans.start([this, path, plan = m_plan](const JobRunner::Job& job) {
        checkPlan(plan, "plan");
        writeFileAtomically(pathOf(path), planText(plan));
        job.post([this, path] { emit exported({ path }); });
    });
}

void BatchSession::usePreset(const QString& name)
{
    if (active())
        return;
    try {
        TournamentPlan plan = planPreset(*m_engine, { name.toStdString(), m_plan.dataset, false });
        plan.compute.threads = m_plan.compute.threads;
        plan.compute.device = m_plan.compute.device;
        setPlan(plan);
    } catch (const Error& error) {
        emit errorRaised(QString::fromUtf8(error.what()), exitCodeOf(error.kind()));
    }
}

void BatchSession::setProcesses(int count)
{
    const int next = std::clamp(count, 1, kMostProcesses);
    if (next != m_processCount && !active()) {
        m_processCount = next;
        emit planChanged();
    }
}

void BatchSession::setOutput(const QString& folder)
{
    if (active() || folder == m_output)
        return;
    m_output = folder;
    m_ownFolder = folder.isEmpty();
    emit planChanged();
}

QString BatchSession::newFolder() const
{
    QString base = m_options.baseFolder;
    if (base.isEmpty()) {
        base = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
            + QStringLiteral("/CrossIter");
    }
    const QString name =
        QStringLiteral("tournament-%1")
            .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")));
    QString folder = base + QLatin1Char('/') + name;
    for (int number = 2; QFileInfo::exists(folder); ++number)
        folder = QStringLiteral("%1/%2-%3").arg(base, name).arg(number);
    return folder;
}

QString BatchSession::program() const
{
    if (!m_options.program.isEmpty())
        return m_options.program;
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/crossiter");
    return QFileInfo(beside).isExecutable()
        ? beside
        : QStandardPaths::findExecutable(QStringLiteral("crossiter"));
}

bool BatchSession::continues() const
{
    return m_results && !m_results->complete && m_output == text(m_results->folder)
        && planText(m_results->plan) == planText(m_plan);
}

QString BatchSession::obstacle() const
{
    if (m_plan.dataset.folder.empty())
        return tr("Choose a folder of photos.");
    if (!m_datasetProblem.isEmpty())
        return m_datasetProblem;
    try {
        checkPlan(m_plan, "plan");
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
    const bool needsTargets = std::ranges::any_of(
        m_plan.targetedAttacks,
        [](const PlanAttack& attack) {
            return !attack.external && !attack.options.target && isTargeted(attack.options.method);
        });
    if (needsTargets && m_dataset
        && std::ranges::none_of(m_dataset->entries,
            [](const DatasetView::Entry& entry) { return entry.target.has_value(); }))
        return tr("The dataset has no target classes: Targets… makes them.");
    return {};
}

void BatchSession::run()
{
    if (active())
        return;
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason, 2);
        return;
    }
    const bool samePlan = m_results && m_output == text(m_results->folder)
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
    TournamentStart start;
    start.plan = m_plan;
    start.folder = QFileInfo(m_output).absoluteFilePath().toStdString();
    start.processes = m_processCount;
    start.program = program().toStdString();
    m_run.start(start, m_results);
}

void BatchSession::poll()
{
    if (status() == BatchStatus::Paused)
        return;
    if (!m_reader.busy())
        read(m_output, Reading::News);
}

void BatchSession::openResults(const QString& folder)
{
    if (active()) {
        emit errorRaised(tr("A tournament is running: stop it before you open another one."));
        return;
    }
    read(folder, Reading::Open);
}

void BatchSession::goOn(const QString& folder)
{
    if (!active())
        read(folder, Reading::GoOn);
}

void BatchSession::findUnfinished(const QStringList& folders)
{
    m_finder.start([this, folders](const JobRunner::Job& job) {
        QStringList unfinished;
        QStringList over;
        for (const QString& folder : folders) {
            if (job.stop().stop_requested())
                return;
            try {
                bool complete = true; // one that is gone is over too
                if (holdsTournament(pathOf(folder))) {
                    TournamentView view(pathOf(folder));
                    view.update();
                    complete = view.snapshot()->complete;
                }
                (complete ? over : unfinished) << folder;
            } catch (const Error&) {
                continue; // damaged: opening it says why
            }
        }
        job.post([this, unfinished, over] { emit unfinishedFound(unfinished, over); });
    });
}

void BatchSession::read(const QString& folder, Reading reading)
{
    const bool runs = reading == Reading::GoOn;
    const bool opening = reading == Reading::Open || runs;
    if (opening || folder != m_viewFolder) {
        m_view = nullptr;
        m_viewFolder = folder;
    }
    const bool always = reading == Reading::Last;
    m_reader.start([this, folder, opening, runs, always, view = m_view](
                       const JobRunner::Job& job) mutable {
        if (!view) {
            if (!opening && !holdsTournament(pathOf(folder)))
                return; // not prepared yet
            view = std::make_shared<TournamentView>(pathOf(folder));
        }
        const bool news = view->update();
        const auto snapshot = news || always ? view->snapshot() : nullptr;
        job.post([this, folder, opening, runs, view, snapshot] {
            m_view = view;
            if (!snapshot)
                return;
            if (opening) { // the plan in the folder becomes the one at hand: Run goes on with it
                m_output = folder;
                m_ownFolder = false;
            }
            takeResults(snapshot);
            if (opening) {
                setPlan(snapshot->plan);
                emit said(snapshot->complete ? tr("Results opened: %1").arg(folder)
                                             : tr("Unfinished run opened: Resume goes on with it"));
            }
            if (runs && !snapshot->complete)
                run();
        });
    });
}

void BatchSession::takeResults(const std::shared_ptr<const TournamentSnapshot>& snapshot)
{
    m_results = snapshot;
    m_run.follow(snapshot);
    emit resultsChanged();
}

void BatchSession::exportFiles(const QString& folder, bool pictures)
{
    if (!m_results || !m_results->complete || active()) {
        emit errorRaised(tr("The competition's files are written when a tournament is complete."));
        return;
    }
    m_exports.add([this, folder, pictures, plan = m_plan, from = m_results->folder](
                      const JobRunner::Job& job) {
        QStringList written;
        const ProgressSink progress = [words = tr("copying").toStdString(), tell = job.progress()](
                                          const Progress& now) {
            tell({ words, now.done, now.total, -1.0 });
        };
        for (const fs::path& file :
            exportTournament(from, pathOf(folder), plan, pictures, progress, job.stop()))
            written << text(file);
        if (job.stop().stop_requested())
            return;
        job.post([this, written] { emit exported(written); });
    });
}

void BatchSession::exportMatrixProvenance(const QString& picture, const QString& matrix)
{
    if (!m_results) {
        emit exported({ picture });
        return;
    }
    m_exports.add([this, picture, matrix, results = m_results](const JobRunner::Job& job) {
        const fs::path beside =
            writeMatrixProvenance(pathOf(picture), *results, matrix.toStdString(), version());
        job.post([this, picture, beside] { emit exported({ picture, text(beside) }); });
    });
}

void BatchSession::loadThumbnails(const QVector<QPair<QString, QString>>& pairs)
{
    m_thumbnails.start([this, pairs](const JobRunner::Job& job) {
        const auto small = [&job](const QString& path) {
            if (path.isEmpty())
                return QImage();
            try {
                return toQImage(loadPhoto(path, CropRule::Whole, {}, job.stop()).clean)
                    .scaled(kThumbnailSide, kThumbnailSide, Qt::KeepAspectRatio,
                        Qt::SmoothTransformation);
            } catch (const Error&) {
                return QImage(); // has no thumbnail; opening it says why
            }
        };
        for (int row = 0; row < pairs.size() && !job.stop().stop_requested(); ++row) {
            const QImage clean = small(pairs[row].first);
            const QImage adversarial = small(pairs[row].second);
            job.post(
                [this, row, clean, adversarial] { emit thumbnailReady(row, clean, adversarial); });
        }
    });
}

} // namespace crossiter::ui
