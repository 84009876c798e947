#pragma once

#include "core/base/Progress.h"

#include <QObject>
#include <QString>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace crossiter::ui {

/// One worker thread and its queue. Jobs run one after the other; each has a number that only
/// grows. What a job posts is run on the thread that made the runner, and only while the job is the
/// newest of the runner: late results of an older request are dropped by number. The window's one
/// door for Error: a job that throws ends in failed().
class JobRunner : public QObject
{
    Q_OBJECT

public:
    /// A running job's side of the runner; used on the worker thread only.
    class Job
    {
    public:
        [[nodiscard]] quint64 number() const { return m_number; }
        [[nodiscard]] std::stop_token stop() const { return m_stop; }
        /// Runs `result` on the runner's thread, unless a newer job was started meanwhile.
        void post(std::function<void()> result) const;
        /// A sink whose reports become progressed(), at most 20 a second.
        [[nodiscard]] ProgressSink progress() const;

    private:
        friend class JobRunner;
        JobRunner* m_runner = nullptr;
        quint64 m_number = 0;
        std::stop_token m_stop;
    };
    using Work = std::function<void(const Job&)>;

    explicit JobRunner(QObject* parent = nullptr);
    ~JobRunner() override; ///< asks the running job to stop, forgets the queue and waits

    /// Drops queued jobs, asks the running one to stop and queues `work`. Returns its number.
    quint64 start(Work work);
    /// Asks the newest job to stop; what it posts is still delivered.
    void cancel();
    [[nodiscard]] bool busy() const { return m_busy; }
    [[nodiscard]] quint64 newest() const { return m_newest; }

signals:
    void busyChanged(bool busy);
    void progressed(const crossiter::Progress& progress);
    void failed(const QString& message, int exitCode); ///< exitCode: exitCodeOf the error's kind
    void finished(quint64 number); ///< after everything that the job posted, failed or not

private:
    void loop(const std::stop_token& quit);
    void deliver(quint64 number, std::function<void()> result);

    quint64 m_newest = 0; // the runner's thread only
    bool m_busy = false; // the runner's thread only

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<std::pair<quint64, Work>> m_queue; // guarded
    std::stop_source m_current; // guarded: of the newest job
    std::deque<std::stop_source> m_queueStops; // guarded, beside m_queue
    std::stop_source m_running; // guarded
    std::jthread m_worker; // last: started when all else is there
};

} // namespace crossiter::ui
