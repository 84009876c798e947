#pragma once

#include <QObject>
#include <QTimer>

class QWidget;

namespace crossiter::ui {

class ExplorerSession;

/// Whether what is shown is of former settings, and nothing that is under way will replace it at
/// once. Who shows it dims itself.
class StaleMark : public QObject
{
    Q_OBJECT

public:
    explicit StaleMark(ExplorerSession& session); ///< which outlives this

    [[nodiscard]] bool isStale() const { return m_stale; }
    static void dim(QWidget* widget, bool on);

signals:
    void changed(bool stale);

private:
    void look();
    void mark(bool stale);

    ExplorerSession& m_session;
    bool m_stale = false;
    QTimer m_timer;
};

} // namespace crossiter::ui
