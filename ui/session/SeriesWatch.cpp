#include "ui/session/SeriesWatch.h"

namespace crossiter::ui {

SeriesWatch::SeriesWatch(QObject* parent)
    : QObject(parent)
{
    m_timer.setInterval(SeriesWatcher::kPause);
    connect(&m_timer, &QTimer::timeout, this, &SeriesWatch::look);
    connect(&m_jobs, &JobRunner::failed, this, [this](const QString& message, int exitCode) {
        stop();
        emit failed(message, exitCode);
    });
}

SeriesWatch::~SeriesWatch() = default;

void SeriesWatch::start(const SeriesSource& series, const std::optional<PictureSize>& size)
{
    m_watcher = std::make_shared<SeriesWatcher>(series);
    m_size = size;
    m_timer.start();
    emit activeChanged(true);
    look();
}

void SeriesWatch::stop()
{
    if (!active())
        return;
    m_timer.stop();
    m_watcher.reset();
    m_jobs.cancel();
    emit activeChanged(false);
}

void SeriesWatch::look()
{
    if (m_jobs.busy())
        return;
    m_jobs.start([this, watcher = m_watcher, size = m_size](const JobRunner::Job& job) {
        if (!watcher->look(job.stop()) || watcher->pictures().empty())
            return;
        requireSeriesSize(watcher->pictures(), size);
        job.post([this, watcher, pictures = watcher->pictures()] {
            if (watcher == m_watcher)
                emit grown(pictures);
        });
    });
}

} // namespace crossiter::ui
