#include "ui/window/PredictionsView.h"

#include "ui/views/explore/PredictionsPanel.h"
#include "ui/window/JudgeList.h"
#include "ui/window/Shell.h"
#include "ui/window/StaleMark.h"

namespace crossiter::ui {

PredictionsView::PredictionsView(Shell& shell, StaleMark& stale, PredictionsPanel& panel)
    : m_shell(shell)
    , m_panel(panel)
{
    const ExplorerSession* session = &shell.explorer();
    connect(session, &ExplorerSession::stateChanged, this, &PredictionsView::showState);
    connect(session, &ExplorerSession::labelChanged, this, &PredictionsView::showLabel);
    connect(session, &ExplorerSession::traceChanged, this, &PredictionsView::showTrace);
    connect(session, &ExplorerSession::currentSubStepChanged, this, &PredictionsView::showSubStep);
    connect(&stale, &StaleMark::changed, this, [this](bool on) { StaleMark::dim(&m_panel, on); });
    connect(&shell, &Shell::themeChanged, this, [this](const Theme& theme) {
        m_panel.setTheme(theme);
        m_shownJudges.clear(); // their colours are the theme's
        showState();
        showTrace();
    });
}

void PredictionsView::showState()
{
    const auto guard = m_shell.updating();
    const AttackRequest request = m_shell.explorer().request();
    m_panel.setTarget(isTargeted(request.method) ? request.target : std::nullopt);
    if (!m_shell.explorer().trace())
        showTrace();
}

void PredictionsView::showJudges()
{
    const JudgeList judges = judgesOf(m_shell.explorer(), m_shell.theme());
    if (judges.ids + judges.roles != m_shownJudges) {
        m_shownJudges = judges.ids + judges.roles;
        m_panel.setJudges(judges.ids, judges.names, judges.colors, judges.roles, judges.indices);
    }
}

void PredictionsView::showLabel()
{
    const auto guard = m_shell.updating();
    const ShownLabel label = m_shell.explorer().trueLabel();
    m_panel.setTrueLabel(label.label, label.assumed);
    showSubStep(m_shell.explorer().currentSubStep());
}

void PredictionsView::showTrace()
{
    const auto guard = m_shell.updating();
    showJudges();
    showLabel();
}

void PredictionsView::showSubStep(int subStep)
{
    const auto guard = m_shell.updating();
    const auto trace = m_shell.explorer().trace();
    if (!trace) {
        m_panel.setPredictions({}, {}, 0);
        m_panel.setAttacked(-1, -1);
        return;
    }
    const SubStep& shown = *m_shell.explorer().subStep();
    const auto listed = [](const std::vector<Prediction>& predictions) {
        return QVector<Prediction>(predictions.begin(), predictions.end());
    };
    m_panel.setPredictions(listed(trace->subSteps.front()->judges), listed(shown.judges), subStep);
    m_panel.setAttacked(shown.attackedLabel, shown.sourceIndex);
}

} // namespace crossiter::ui
