#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

namespace crossiter::ui {

class BatchSession;
class NoticeBar;
class Shell;
class WindowSettings;

/// Remembers tournaments that have begun and are not complete, and offers at a start to go on with
/// one: the newest first, the next one once it was declined or dismissed. Forgets those whose
/// folder is gone.
class UnfinishedTournaments : public QObject
{
    Q_OBJECT

public:
    /// bars: where it is offered.
    UnfinishedTournaments(Shell& shell, WindowSettings& settings, const QList<NoticeBar*>& bars);

    void look(); ///< which of the remembered ones can be gone on with

signals:
    void accepted(const QString& folder);

private:
    void followSession();
    void offer(const QStringList& folders); ///< the first of them; empty: no offer

    WindowSettings& m_settings;
    BatchSession& m_session;
    QList<NoticeBar*> m_bars;
    QStringList m_offered; ///< folders, the first is shown
};

} // namespace crossiter::ui
