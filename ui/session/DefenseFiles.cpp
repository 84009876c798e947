// DefenseSession's files: the sweep as CSV, the best size over the photo's folder.
#include "core/jobs/SweepJobs.h"
#include "core/report/SweepCsv.h"
#include "ui/session/DefenseSession.h"

#include <QFileInfo>

namespace crossiter::ui {

void DefenseSession::exportCsv(const QString& path)
{
    if (!m_sweep) {
        emit errorRaised(tr("There is no sweep yet: press Sweep in the Defense tab."));
        return;
    }
    const auto write = [sweep = m_sweep, assumed = m_session.trueLabel().assumed, path] {
        SweepResult known = *sweep;
        if (assumed) { // the joint top-1 is no true label; the command line does not know it either
            known.request.trueLabel.reset();
            for (SweepCell& cell : known.cells) {
                cell.trueProbability = -1.0;
                cell.trueTop1 = {};
            }
        }
        writeSweepCsv(path.toStdString(), known);
    };
    m_session.exportProvenance(
        { path }, m_session.trace(), defenseText(m_sweep->request.defense), write, m_sweep);
    if (!m_sweep->complete()) {
        emit said(tr("The sweep is not complete: %1 of %2 cells are exported.")
                      .arg(m_sweep->cells.size())
                      .arg(m_sweep->planned()));
    }
}

void DefenseSession::startFolder()
{
    const LoadedPhoto& photo = m_session.photo();
    if (photo.path.isEmpty() || m_folderRunner.busy()) {
        return;
    }
    pauseSweep();
    const ExplorerState& state = m_session.state();
    SweepRequest request = m_sweepRequest;
    request.models = m_wanted.sources; // the pair whose defense is looked for
    request.subSteps.clear();
    request.target.reset();
    request.trueLabel.reset();
    m_folderBest.reset();
    FolderSweepJob job;
    job.folder = QFileInfo(photo.path).absolutePath().toStdString();
    job.request = request;
    job.read.crop = state.crop;
    job.labels.labelsCsv = state.labelsCsv.toStdString();
    m_folderRunner.start([this, engine = m_session.engine(), job](const JobRunner::Job& runner) {
        const FolderSweepReport report =
            sweepFolder(*engine, job, {}, runner.progress(), runner.stop());
        FolderBest best;
        best.folder = QString::fromStdString(job.folder.string());
        best.images = static_cast<int>(report.images);
        best.cancelled = report.cancelled;
        QStringList lines;
        for (const std::string& line : report.labels.lines()) {
            lines << QString::fromStdString(line);
        }
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
        runner.post([this, best] { m_folderBest = best; });
    });
}

} // namespace crossiter::ui
