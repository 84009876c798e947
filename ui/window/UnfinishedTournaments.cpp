#include "ui/window/UnfinishedTournaments.h"

#include "ui/views/common/NoticeBar.h"
#include "ui/window/Shell.h"
#include "ui/window/WindowSettings.h"

#include <QDir>
#include <QFileInfo>

#include <utility>

namespace crossiter::ui {

UnfinishedTournaments::UnfinishedTournaments(
    Shell& shell, WindowSettings& settings, const QList<NoticeBar*>& bars)
    : m_settings(settings)
    , m_session(shell.workspace().batch())
    , m_bars(bars)
{
    followSession();
    for (NoticeBar* bar : std::as_const(m_bars)) {
        connect(bar, &NoticeBar::accepted, this, [this] {
            const QString folder = m_offered.value(0);
            offer({});
            emit accepted(folder);
        });
        connect(
            bar, &NoticeBar::declined, this,
            [this] {
                m_settings.keepUnfinished(m_offered.value(0), false);
                offer(m_offered.mid(1));
            });
        connect(bar, &NoticeBar::dismissed, this, [this] { offer(m_offered.mid(1)); });
    }
}

void UnfinishedTournaments::followSession()
{
    connect(
        &m_session, &BatchSession::statusChanged, this,
        [this] {
            if (m_session.active()) {
                m_settings.keepUnfinished(QFileInfo(m_session.output()).absoluteFilePath(), true);
                offer({}); // one is enough
            }
        });
    connect(&m_session, &BatchSession::resultsChanged, this, [this] {
        const auto& results = m_session.results();
        if (results && results->complete) {
            m_settings.keepUnfinished(
                QFileInfo(QString::fromStdString(results->folder.string())).absoluteFilePath(),
                false);
        }
    });
    connect(&m_session, &BatchSession::unfinishedFound, this,
        [this](const QStringList& unfinished, const QStringList& over) {
            for (const QString& folder : over)
                m_settings.keepUnfinished(folder, false);
            if (!m_session.active())
                offer(unfinished);
        });
}

void UnfinishedTournaments::offer(const QStringList& folders)
{
    m_offered = folders;
    for (NoticeBar* bar : std::as_const(m_bars)) {
        if (folders.isEmpty()) {
            bar->dismiss();
            continue;
        }
        const QString more =
            folders.size() > 1 ? tr(" (%1 more after it)").arg(folders.size() - 1) : QString();
        bar->offer(tr("A tournament is not finished%1: %2")
                       .arg(more, QDir::toNativeSeparators(folders[0])),
            tr("Go on with it"), tr("Do not offer it again"));
    }
}

void UnfinishedTournaments::look()
{
    if (const QStringList folders = m_settings.unfinished(); !folders.isEmpty())
        m_session.findUnfinished(folders);
}

} // namespace crossiter::ui
