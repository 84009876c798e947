// MainWindow: what a later start goes on with, and pictures that are of former settings.
#include "ui/plot/TrajectoryPlot.h"
#include "ui/session/BatchSession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/NoticeBar.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/window/MainWindow.h"

#include <QDir>
#include <QFileInfo>
#include <QGraphicsOpacityEffect>
#include <QLabel>

namespace crossiter::ui {

namespace {

const char* const kUnfinishedKey = "batch/unfinished"; // output folders, the newest first
constexpr int kMostUnfinished = 8;
constexpr int kStaleAfterMs = 600; // a run that begins by itself has begun by then
constexpr double kStaleOpacity = 0.4;

void dim(QWidget* widget, bool on)
{
    if (!on) {
        widget->setGraphicsEffect(nullptr);
    } else if (widget->graphicsEffect() == nullptr) {
        auto* effect = new QGraphicsOpacityEffect(widget);
        effect->setOpacity(kStaleOpacity);
        widget->setGraphicsEffect(effect);
    }
}

} // namespace

QStringList MainWindow::unfinishedTournaments() const
{
    return m_settings ? m_settings->value(QLatin1String(kUnfinishedKey)).toStringList()
                      : QStringList();
}

void MainWindow::keepUnfinished(const QString& folder, bool unfinished)
{
    if (!m_settings || folder.isEmpty()) {
        return;
    }
    const QStringList before = unfinishedTournaments();
    QStringList folders = before;
    folders.removeAll(folder);
    if (unfinished) {
        folders.prepend(folder);
    }
    folders = folders.mid(0, kMostUnfinished);
    if (folders != before) {
        m_settings->setValue(QLatin1String(kUnfinishedKey), folders);
        m_settings->sync(); // now: a run that is killed is offered too
    }
}

void MainWindow::connectUnfinished()
{
    BatchSession* batch = &m_batch->session();
    connect(batch, &BatchSession::statusChanged, this, [this, batch] {
        if (batch->active()) {
            keepUnfinished(QFileInfo(batch->output()).absoluteFilePath(), true);
            offerUnfinished({}); // one is enough
        }
    });
    connect(batch, &BatchSession::resultsChanged, this, [this, batch] {
        if (batch->results() && batch->results()->complete) {
            keepUnfinished(QFileInfo(QString::fromStdString(batch->results()->folder.string()))
                               .absoluteFilePath(),
                false);
        }
    });
    connect(batch, &BatchSession::unfinishedFound, this,
        [this](const QStringList& unfinished, const QStringList& complete) {
            for (const QString& folder : complete) {
                keepUnfinished(folder, false);
            }
            if (!m_batch->session().active()) {
                offerUnfinished(unfinished.value(0));
            }
        });
    for (NoticeBar* bar : { m_notice, m_batch->notice() }) {
        connect(bar, &NoticeBar::accepted, this, [this] {
            const QString folder = m_offered;
            offerUnfinished({});
            showTab(QStringLiteral("batch"));
            m_batch->session().goOn(folder);
        });
        connect(bar, &NoticeBar::declined, this, [this] {
            keepUnfinished(m_offered, false);
            offerUnfinished({});
        });
        connect(bar, &NoticeBar::dismissed, this, [this] { offerUnfinished({}); });
    }
}

void MainWindow::offerUnfinished(const QString& folder)
{
    m_offered = folder;
    for (NoticeBar* bar : { m_notice, m_batch->notice() }) {
        if (folder.isEmpty()) {
            bar->dismiss();
        } else {
            bar->offer(tr("A tournament is not finished: %1").arg(QDir::toNativeSeparators(folder)),
                tr("Go on with it"), tr("Do not offer it again"));
        }
    }
}

void MainWindow::lookForUnfinished()
{
    if (const QStringList folders = unfinishedTournaments(); !folders.isEmpty()) {
        m_batch->session().findUnfinished(folders);
    }
}

void MainWindow::buildStale()
{
    m_staleTimer.setSingleShot(true);
    m_staleTimer.setInterval(kStaleAfterMs);
    connect(&m_staleTimer, &QTimer::timeout, this, [this] { markStale(m_session->stale()); });
    const auto look = [this] { showStale(); };
    connect(m_session.get(), &ExplorerSession::stateChanged, this, look);
    connect(m_session.get(), &ExplorerSession::traceChanged, this, look);
    connect(m_session.get(), &ExplorerSession::labelChanged, this, look);
    connect(m_session.get(), &ExplorerSession::runningChanged, this, look);
}

void MainWindow::showStale()
{
    if (!m_session->stale()) {
        m_staleTimer.stop();
        markStale(false);
    } else if (!m_session->automatic() || !m_session->obstacle().isEmpty()) {
        m_staleTimer.stop();
        markStale(true); // nothing will come by itself
    } else if (!m_stale && !m_staleTimer.isActive()) {
        m_staleTimer.start();
    }
}

void MainWindow::markStale(bool stale)
{
    if (stale == m_stale) {
        return;
    }
    m_stale = stale;
    for (QWidget* widget :
        std::initializer_list<QWidget*> { m_panes, m_plot, m_predictions, m_sentence }) {
        dim(widget, stale);
    }
    m_plot->setStale(stale);
    m_staleNote->setVisible(stale);
}

} // namespace crossiter::ui
