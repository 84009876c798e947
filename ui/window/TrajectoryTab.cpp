#include "ui/window/TrajectoryTab.h"

#include "ui/plot/TrajectoryPlot.h"
#include "ui/window/Actions.h"
#include "ui/window/FigureFiles.h"
#include "ui/window/JudgeList.h"
#include "ui/window/Shell.h"
#include "ui/window/StaleMark.h"

#include <QAction>

namespace crossiter::ui {

TrajectoryTab::TrajectoryTab(const WindowParts& parts)
    : m_parts(parts)
    , m_plot(new TrajectoryPlot(&parts.shell.window()))
{
    ExplorerSession* session = &parts.shell.explorer();
    connect(m_plot, &TrajectoryPlot::subStepClicked, session, &ExplorerSession::setCurrentSubStep);
    connect(session, &ExplorerSession::stateChanged, this, &TrajectoryTab::showState);
    connect(session, &ExplorerSession::labelChanged, this, &TrajectoryTab::showLabel);
    connect(session, &ExplorerSession::traceChanged, this, &TrajectoryTab::showTrace);
    connect(session, &ExplorerSession::currentSubStepChanged, m_plot, &TrajectoryPlot::setCurrent);
    connect(session, &ExplorerSession::runningChanged, m_plot, &TrajectoryPlot::setRunning);
    connect(&parts.stale, &StaleMark::changed, this, [this](bool stale) {
        StaleMark::dim(m_plot, stale);
        m_plot->setStale(stale);
    });
}

QWidget* TrajectoryTab::widget() const
{
    return m_plot;
}

void TrajectoryTab::setTheme(const Theme& theme)
{
    m_plot->setTheme(theme);
    m_shownJudges.clear(); // their colours are the theme's
    showState();
    showTrace();
}

void TrajectoryTab::showState()
{
    const auto guard = m_parts.shell.updating();
    const AttackRequest request = m_parts.shell.explorer().request();
    m_plot->setTarget(isTargeted(request.method) ? request.target : std::nullopt);
    if (!m_parts.shell.explorer().trace())
        showTrace();
    m_plot->setRunning(m_parts.shell.explorer().running());
}

void TrajectoryTab::showJudges()
{
    const JudgeList judges = judgesOf(m_parts.shell.explorer(), m_parts.shell.theme());
    if (judges.ids + judges.roles != m_shownJudges) {
        m_shownJudges = judges.ids + judges.roles;
        m_plot->setModelNames(judges.ids, judges.shortNames);
    }
}

void TrajectoryTab::showLabel()
{
    const auto guard = m_parts.shell.updating();
    const ShownLabel label = m_parts.shell.explorer().trueLabel();
    m_plot->setTrueLabel(label.label, label.assumed);
    m_plot->setCurrent(m_parts.shell.explorer().currentSubStep());
}

void TrajectoryTab::showTrace()
{
    const auto guard = m_parts.shell.updating();
    showJudges();
    m_plot->setTrace(m_parts.shell.explorer().trace());
    showLabel();
    m_plot->setRunning(m_parts.shell.explorer().running());
}

void TrajectoryTab::addActions()
{
    Actions& actions = m_parts.actions;
    const auto hasTrace = [this] { return m_parts.shell.explorer().trace() != nullptr; };
    actions.add(actions.menu("exportMenu"), "exportPlot",
        { [this] { exportDialog(); }, hasTrace, {}, "exportView" });
    actions.add(actions.menu("editMenu"), "copyPlot",
        { [this] { m_parts.shell.copyPicture(picture(m_plot), tr("the plot")); }, hasTrace, {},
            "copyPredictions" });
}

void TrajectoryTab::exportDialog()
{
    const QString path = m_parts.shell.ask(tr("Export the plot"), tr("trajectory.pdf"),
        tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"), true);
    if (!path.isEmpty()) {
        m_parts.shell.guarded([&] {
            m_plot->savePlot(path);
            ExplorerSession& session = m_parts.shell.explorer();
            session.exportProvenance({ path }, session.trace());
        });
    }
}

QImage TrajectoryTab::picture(const QWidget* focus)
{
    static_cast<void>(focus);
    return figureImage(m_plot->figure());
}

Origin TrajectoryTab::origin(const QWidget* focus)
{
    static_cast<void>(focus);
    return originOfShown(m_parts.shell);
}

QList<SavedViews> TrajectoryTab::saveViews(const QString& base)
{
    const QStringList paths = saveAsFigures(*m_plot, base, QStringLiteral("trajectory"));
    ExplorerSession* session = &m_parts.shell.explorer();
    return { { paths, [session, paths] { session->exportProvenance(paths, session->trace()); } } };
}

} // namespace crossiter::ui
