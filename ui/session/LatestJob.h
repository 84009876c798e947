#pragma once

#include "ui/session/JobRunner.h"

#include <QElapsedTimer>
#include <QObject>

#include <atomic>
#include <utility>

namespace crossiter::ui {

/// Work that follows a slider or another control that is moved: the newest request counts. A short
/// job that is running is let to its end, so that something is shown meanwhile; one that runs long
/// is stopped for the newer request. Between the two at most one request waits; work of several
/// parts ends after the part at hand when newerWaits() says so.
class LatestJob : public QObject
{
    Q_OBJECT

public:
    explicit LatestJob(QObject* parent = nullptr)
        : QObject(parent)
    {
        connect(
            &m_runner, &JobRunner::finished, this,
            [this](quint64 number) {
                if (number == m_runner.newest() && m_waiting) {
                    m_newerWaits = false;
                    start(std::exchange(m_waiting, nullptr));
                }
            });
    }

    void request(JobRunner::Work work)
    {
        if (m_runner.busy() && m_since.elapsed() < kLetRunMs) {
            m_waiting = std::move(work);
            m_newerWaits = true;
            return;
        }
        m_waiting = nullptr;
        m_newerWaits = false;
        start(std::move(work));
    }

    /// Nothing is wanted any more; what is running stops and its results are dropped.
    void drop()
    {
        m_waiting = nullptr;
        m_newerWaits = false;
        if (m_runner.busy())
            m_runner.start([](const JobRunner::Job&) {});
    }

    [[nodiscard]] bool newerWaits() const { return m_newerWaits; } ///< on any thread
    [[nodiscard]] bool busy() const { return m_runner.busy() || m_waiting; }
    [[nodiscard]] JobRunner& runner() { return m_runner; }

private:
    static constexpr qint64 kLetRunMs = 120; ///< two forward passes of the embedded networks

    void start(JobRunner::Work work)
    {
        m_since.start();
        m_runner.start(std::move(work));
    }

    QElapsedTimer m_since;
    JobRunner::Work m_waiting;
    std::atomic<bool> m_newerWaits = false;
    JobRunner m_runner; // last: its thread ends before the rest goes
};

} // namespace crossiter::ui
