#include "ui/session/TargetFinder.h"

#include "core/classify/Labels.h"
#include "core/contest/LabelMatch.h"
#include "ui/session/ExplorerSession.h"

#include <QFileInfo>

namespace crossiter::ui {

TargetFinder::TargetFinder(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_explorer(explorer)
{
    connect(&m_files, &JobRunner::failed, this, &TargetFinder::errorRaised);
}

TargetFinder::~TargetFinder() = default;

std::vector<Prediction> TargetFinder::cleanOfSources() const
{
    std::vector<Prediction> clean;
    const auto trace = m_explorer.trace();
    if (!trace || !trace->clean.isImageSpace())
        return clean; // of a pair at another size the networks were asked about another picture
    // In the sources' order, each once: as the command line ranks them.
    for (const std::string& source : m_explorer.state().attack.sources)
        if (const int judge = trace->judgeIndex(source); judge >= 0)
            clean.push_back(trace->subSteps.front()->judges[static_cast<std::size_t>(judge)]);
    return clean;
}

QString TargetFinder::rankObstacle() const
{
    return cleanOfSources().size() == m_explorer.state().attack.sources.size()
        ? QString()
        : tr("The sources have not judged this photo yet: run any attack first.");
}

void TargetFinder::chooseByRank(TargetRank rank)
{
    if (const QString reason = rankObstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    setTarget(chooseTarget(rank, cleanOfSources(), m_explorer.request().trueLabel,
        m_explorer.state().attack.seed, m_explorer.photo().clean));
    emit said(tr("Target: %1").arg(QString::fromStdString(describe(rank))));
}

void TargetFinder::chooseFrom(const QString& csv, const std::optional<int>& base)
{
    m_files.start([this, csv, base, photo = m_explorer.photo().path](const JobRunner::Job& job) {
        const LabelTable table = readTargetTable(csv.toStdString(), base, photo.toStdString());
        const LabelRow* row = table.find(photo.toStdString());
        const auto target = row == nullptr ? std::nullopt : std::optional(row->label);
        const LabelMatch match = matchTable(table, { photo.toStdString() });
        job.post([this, csv, photo, target, match] {
            if (photo != m_explorer.photo().path)
                return; // another photo was opened meanwhile
            if (!target) {
                emit errorRaised(tr("%1 has no target for %2. %3")
                                     .arg(QFileInfo(csv).fileName(), QFileInfo(photo).fileName(),
                                         QString::fromStdString(foundIn(match))));
                return;
            }
            setTarget(*target);
            emit said(tr("Target from %1").arg(QFileInfo(csv).fileName()));
        });
    });
}

void TargetFinder::setTarget(int label)
{
    ExplorerState next = m_explorer.state();
    next.attack.target = label;
    m_explorer.change(next, Setting::Target);
}

} // namespace crossiter::ui
