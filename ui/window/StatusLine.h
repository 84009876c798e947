#pragma once

#include "core/base/Progress.h"

#include <QObject>
#include <QString>
#include <QTimer>

class QLabel;
class QProgressBar;
class QPushButton;
class QStatusBar;

namespace crossiter::ui {

class Shell;

/// The line at the bottom: what was said last, how far the work is, its Cancel, device and memory.
class StatusLine : public QObject
{
    Q_OBJECT

public:
    explicit StatusLine(Shell& shell); ///< which outlives this

    /// Once. Apart from making it: it hears of things before the tabs do, so that what these say
    /// stays, and its button comes after theirs for the Tab key.
    void placeIn(QStatusBar& bar);

private:
    void build();
    void follow();
    void showBusy();
    void say(const QString& message);
    void tellEnd(bool cancelled);
    void showProgress(const Progress& progress);
    void showExporting(bool exporting);
    void showFetching(const Progress& progress);
    void showMemory();
    void cancelWork(); ///< what Cancel names
    [[nodiscard]] bool defending() const;

    Shell& m_shell;
    QString m_stage;
    QLabel* m_status = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
    QLabel* m_deviceLabel = nullptr;
    QLabel* m_memory = nullptr;
    QTimer m_memoryTimer;
};

} // namespace crossiter::ui
