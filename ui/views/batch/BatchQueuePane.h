#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/QueueModel.h"
#include "ui/views/batch/BatchPlanPane.h"

#include <QWidget>

class QLabel;
class QListView;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QToolButton;

namespace crossiter::ui {

/// The run: begin, pause, go on, stop; how many processes and where the results go; every attack
/// and defense with its progress and errors; every process with what it is at.
class BatchQueuePane : public QWidget
{
    Q_OBJECT

public:
    BatchQueuePane(BatchSession& session, AskPath ask, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    [[nodiscard]] QueueModel* queue() const { return m_queue; }
    [[nodiscard]] QPushButton* runButton() const { return m_run; }
    [[nodiscard]] QString progressText() const;
    [[nodiscard]] QStringList processLines() const;

private:
    void build();
    void buildTable();
    void showQueue();
    void showStatus();
    void showProgress();
    void showProcesses();
    void showErrors();

    BatchSession& m_session;
    AskPath m_ask;
    Theme m_theme;
    QueueModel* m_queue = nullptr;

    QPushButton* m_run = nullptr;
    QToolButton* m_pause = nullptr;
    QToolButton* m_stop = nullptr;
    QSpinBox* m_processes = nullptr;
    QToolButton* m_output = nullptr;
    QLabel* m_state = nullptr;
    QProgressBar* m_bar = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_errors = nullptr;
    QWidget* m_processPart = nullptr;
    QVector<QLabel*> m_processLabels;
};

} // namespace crossiter::ui
