#include "ui/window/HeadlessRun.h"

#include "core/base/Error.h"
#include "ui/window/MainWindow.h"

#include <QCoreApplication>
#include <QDir>

namespace crossiter::ui {

HeadlessRun::HeadlessRun(MainWindow& window, Plan plan, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_plan(std::move(plan))
{
    connect(&window.workspace().explorer(), &ExplorerSession::errorRaised, this,
        [this](const QString& message, int exitCode) { end(exitCode, message); });
    m_timer.setInterval(50);
    connect(&m_timer, &QTimer::timeout, this, &HeadlessRun::look);
    m_timer.start();
}

void HeadlessRun::look()
{
    if (!m_window.settled())
        return;
    const auto trace = m_window.workspace().explorer().trace();
    if (!m_window.workspace().explorer().hasPhoto()) {
        end(1, tr("no photo to show: scripts/setup brings the embedded ones"));
        return;
    }
    if (!trace || !trace->complete()) {
        end(1, m_window.workspace().explorer().obstacle());
        return;
    }
    if (m_exporting) { // the trace's files are written
        end(0, {});
        return;
    }
    if (!m_placed && m_plan.subStep >= 0) {
        // Its defended picture and predictions are computed before the picture is taken.
        m_placed = true;
        m_window.workspace().explorer().setCurrentSubStep(m_plan.subStep);
        return;
    }
    write();
}

void HeadlessRun::write()
{
    QCoreApplication::processEvents(); // layouts and paints that the last change asked for
    try {
        if (!m_plan.screenshot.isEmpty())
            m_window.saveWindowPicture(m_plan.screenshot);
        if (!m_plan.viewsFolder.isEmpty()) {
            if (!QDir().mkpath(m_plan.viewsFolder)) {
                throw Error(ErrorKind::BadInput, "cannot make the output folder",
                    m_plan.viewsFolder.toStdString());
            }
            m_window.saveViews(m_plan.viewsFolder);
            m_exporting = true;
            m_window.workspace().explorer().exportTrace(m_plan.viewsFolder);
            return;
        }
    } catch (const Error& error) {
        end(exitCodeOf(error.kind()), QString::fromUtf8(error.what()));
        return;
    }
    end(0, {});
}

void HeadlessRun::end(int exitCode, const QString& error)
{
    if (m_ended)
        return;
    m_ended = true;
    m_timer.stop();
    emit ended(exitCode, error);
}

} // namespace crossiter::ui
