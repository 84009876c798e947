#pragma once

#include <QObject>
#include <QString>
#include <QTimer>

namespace crossiter::ui {

class MainWindow;

/// Waits until the window has finished what it was started with, writes pictures of it and reports
/// the exit code. Any error before that ends it.
class HeadlessRun : public QObject
{
    Q_OBJECT

public:
    struct Plan
    {
        QString screenshot; ///< PNG; empty: none
        QString viewsFolder; ///< every view and the trace; empty: none
        int subStep = -1; ///< to show; -1: what the window shows by itself
    };

    HeadlessRun(MainWindow& window, Plan plan, QObject* parent = nullptr);

signals:
    /// error: one line for stderr, empty when exitCode is 0.
    void ended(int exitCode, const QString& error);

private:
    void look();
    void write();
    void end(int exitCode, const QString& error);

    MainWindow& m_window;
    Plan m_plan;
    QTimer m_timer;
    bool m_placed = false;
    bool m_exporting = false;
    bool m_ended = false;
};

} // namespace crossiter::ui
