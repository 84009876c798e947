#include "ui/window/StaleMark.h"

#include "ui/session/ExplorerSession.h"

#include <QGraphicsOpacityEffect>
#include <QWidget>

namespace crossiter::ui {

namespace {

constexpr int kStaleAfterMs = 600; // a run that begins by itself has begun by then
constexpr double kStaleOpacity = 0.4;

} // namespace

StaleMark::StaleMark(ExplorerSession& session)
    : m_session(session)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kStaleAfterMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { mark(m_session.stale()); });
    connect(&session, &ExplorerSession::stateChanged, this, &StaleMark::look);
    connect(&session, &ExplorerSession::traceChanged, this, &StaleMark::look);
    connect(&session, &ExplorerSession::labelChanged, this, &StaleMark::look);
    connect(&session, &ExplorerSession::runningChanged, this, &StaleMark::look);
}

void StaleMark::dim(QWidget* widget, bool on)
{
    if (!on) {
        widget->setGraphicsEffect(nullptr);
    } else if (widget->graphicsEffect() == nullptr) {
        auto* effect = new QGraphicsOpacityEffect(widget);
        effect->setOpacity(kStaleOpacity);
        widget->setGraphicsEffect(effect);
    }
}

void StaleMark::look()
{
    if (!m_session.stale()) {
        m_timer.stop();
        mark(false);
    } else if (!m_session.automatic() || !m_session.obstacle().isEmpty()) {
        m_timer.stop();
        mark(true); // nothing will come by itself
    } else if (!m_stale && !m_timer.isActive()) {
        m_timer.start();
    }
}

void StaleMark::mark(bool stale)
{
    if (stale != m_stale) {
        m_stale = stale;
        emit changed(stale);
    }
}

} // namespace crossiter::ui
