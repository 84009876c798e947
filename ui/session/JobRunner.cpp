#include "ui/session/JobRunner.h"

#include "core/base/Error.h"

#include <QMetaObject>

#include <chrono>
#include <new>

namespace crossiter::ui {

namespace {

constexpr auto kProgressPause = std::chrono::milliseconds(50);

} // namespace

void JobRunner::Job::post(std::function<void()> result) const
{
    m_runner->deliver(m_number, std::move(result));
}

ProgressSink JobRunner::Job::progress() const
{
    using Clock = std::chrono::steady_clock;
    return [job = *this, last = Clock::time_point {}](const Progress& progress) mutable {
        const auto now = Clock::now();
        const bool end = progress.total > 0 && progress.done >= progress.total;
        if (now - last < kProgressPause && !end)
            return;
        last = now;
        job.post([runner = job.m_runner, progress] { emit runner->progressed(progress); });
    };
}

JobRunner::JobRunner(QObject* parent)
    : QObject(parent)
    , m_worker([this](const std::stop_token& quit) { loop(quit); })
{
}

JobRunner::~JobRunner()
{
    {
        const std::lock_guard lock(m_mutex);
        m_queue.clear();
        m_queueStops.clear();
        m_running.request_stop();
        m_worker.request_stop();
    }
    m_wake.notify_all();
    m_worker.join(); // before the base class goes: the worker posts to this object
}

quint64 JobRunner::start(Work work)
{
    const quint64 number = ++m_newest;
    {
        const std::lock_guard lock(m_mutex);
        m_queue.clear();
        m_queueStops.clear();
        m_running.request_stop();
        m_current = std::stop_source {};
        m_queue.emplace_back(number, std::move(work));
        m_queueStops.push_back(m_current);
    }
    m_wake.notify_all();
    if (!m_busy) {
        m_busy = true;
        emit busyChanged(true);
    }
    return number;
}

void JobRunner::cancel()
{
    const std::lock_guard lock(m_mutex);
    m_current.request_stop();
}

void JobRunner::deliver(quint64 number, std::function<void()> result)
{
    QMetaObject::invokeMethod(
        this,
        [this, number, result = std::move(result)] {
            if (number == m_newest)
                result();
        },
        Qt::QueuedConnection);
}

void JobRunner::loop(const std::stop_token& quit)
{
    for (;;) {
        Work work;
        Job job;
        job.m_runner = this;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, quit, [this] { return !m_queue.empty(); });
            if (quit.stop_requested())
                return;
            job.m_number = m_queue.front().first;
            work = std::move(m_queue.front().second);
            const std::stop_source running = m_queueStops.front();
            job.m_stop = running.get_token();
            m_running = running;
            m_queue.pop_front();
            m_queueStops.pop_front();
        }
        QString message;
        int exitCode = 1;
        try {
            work(job);
        } catch (const Error& error) {
            exitCode = exitCodeOf(error.kind());
            message = QString::fromUtf8(error.what());
        } catch (const std::bad_alloc&) {
            message = tr("Out of memory: choose fewer rounds or close other programs.");
        } catch (const std::exception& error) {
            message = QString::fromStdString(oneLine(error.what()));
        }
        job.post([this, message, exitCode, number = job.m_number] {
            if (!message.isEmpty())
                emit failed(message, exitCode);
            if (number == m_newest) { // failed() may have started the next one
                m_busy = false;
                emit busyChanged(false);
            }
            emit finished(number);
        });
    }
}

} // namespace crossiter::ui
