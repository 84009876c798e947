#include "ui/session/FolderSweep.h"

#include "core/jobs/SweepJobs.h"
#include "ui/session/ExplorerSession.h"

#include <QFileInfo>

namespace crossiter::ui {

FolderSweep::FolderSweep(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_session(explorer)
{
    connect(&m_runner, &JobRunner::failed, this, &FolderSweep::failed);
    connect(&m_runner, &JobRunner::progressed, this, &FolderSweep::progressed);
    connect(&m_runner, &JobRunner::busyChanged, this, &FolderSweep::changed);
}

FolderSweep::~FolderSweep() = default;

void FolderSweep::start(const SweepRequest& sweep, const std::vector<std::string>& models)
{
    const LoadedPhoto& photo = m_session.photo();
    if (photo.path.isEmpty() || m_runner.busy())
        return;
    const ExplorerState& state = m_session.state();
    SweepRequest request = sweep;
    request.models = models;
    request.subSteps.clear();
    request.target.reset();
    request.trueLabel.reset();
    m_best.reset();
    FolderSweepJob job;
    job.folder = QFileInfo(photo.path).absolutePath().toStdString();
    job.request = request;
    job.read.crop = state.crop;
    job.read.colour = state.colour;
    job.labels.labelsCsv = state.labelsCsv.toStdString();
    if (!state.labelsCsv.isEmpty())
        job.labels.base = state.labelBase;
    m_runner.start([this, engine = m_session.engine(), job](const JobRunner::Job& runner) {
        const FolderSweepReport report =
            sweepFolder(*engine, job, {}, runner.progress(), runner.stop());
        FolderBest best;
        best.folder = QString::fromStdString(job.folder.string());
        best.images = static_cast<int>(report.images);
        best.cancelled = report.cancelled;
        QStringList lines;
        for (const std::string& line : report.labels.lines())
            lines << QString::fromStdString(line);
        best.labelsText = lines.join(QLatin1Char('\n'));
        best.size = report.cancelled ? std::nullopt : report.bestSize();
        std::size_t right = 0;
        std::size_t total = 0;
        for (const SizeAccuracy& row : report.rows) {
            if (row.size == best.size) {
                right += row.right.hits;
                total += row.right.total;
            }
        }
        best.share = total == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(total);
        runner.post([this, best] { m_best = best; });
    });
}

} // namespace crossiter::ui
