#pragma once

#include <QObject>
#include <QStringList>

namespace crossiter::ui {

class PredictionsPanel;
class Shell;
class StaleMark;

/// Keeps the predictions panel at what the explorer shows, from the first theme on.
class PredictionsView : public QObject
{
    Q_OBJECT

public:
    PredictionsView(Shell& shell, StaleMark& stale, PredictionsPanel& panel);

private:
    void showState();
    void showJudges();
    void showLabel();
    void showTrace();
    void showSubStep(int subStep);

    Shell& m_shell;
    PredictionsPanel& m_panel;
    QStringList m_shownJudges;
};

} // namespace crossiter::ui
