#pragma once

#include "ui/session/JobRunner.h"

#include <QObject>

#include <deque>
#include <utility>

namespace crossiter::ui {

/// Work that must all be done (files that somebody asked for): one after the other, none drops
/// another, a failed one does not stop the next.
class QueuedJobs : public QObject
{
    Q_OBJECT

public:
    explicit QueuedJobs(QObject* parent = nullptr)
        : QObject(parent)
    {
        connect(
            &m_runner, &JobRunner::finished, this, [this] { startNext(); });
    }

    void add(JobRunner::Work work)
    {
        m_waiting.push_back(std::move(work));
        startNext();
    }

    [[nodiscard]] bool busy() const { return m_runner.busy() || !m_waiting.empty(); }
    [[nodiscard]] JobRunner& runner() { return m_runner; }

private:
    void startNext()
    {
        if (m_runner.busy() || m_waiting.empty())
            return;
        JobRunner::Work work = std::move(m_waiting.front());
        m_waiting.pop_front();
        m_runner.start(std::move(work));
    }

    std::deque<JobRunner::Work> m_waiting;
    JobRunner m_runner; // last: its thread ends before the rest goes
};

} // namespace crossiter::ui
