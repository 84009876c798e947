#pragma once

#include "core/defense/DefendResult.h"
#include "ui/session/JobRunner.h"
#include "ui/session/QueuedJobs.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {
struct AttackTrace;
}

namespace crossiter::ui {

class ExplorerSession;

/// Writes what an explorer shows, each on a worker, in the order of the calls: exported(paths) or
/// errorRaised(). What the files hold is decided when they are asked for.
class TraceExporter : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive this.
    explicit TraceExporter(ExplorerSession& explorer, QObject* parent = nullptr);
    ~TraceExporter() override; ///< stops what is written and waits for it

    // As the functions of ExplorerSession.
    void exportImage(const QString& png);
    void exportProvenance(const QStringList& files, const std::shared_ptr<const AttackTrace>& trace,
        const std::string& defense, const std::function<void()>& write,
        const std::shared_ptr<const SweepResult>& sweep);
    void exportComparison(
        const QString& picture, const std::vector<std::shared_ptr<const AttackTrace>>& traces);
    void exportTrace(const QString& folder);
    void cancelTrace() { m_traces.cancel(); }
    [[nodiscard]] bool writingTrace() const { return m_traces.busy(); }
    [[nodiscard]] bool busy() const { return m_files.busy() || m_traces.busy(); }

signals:
    void exported(const QStringList& paths);
    void stopped(const QString& folder); ///< by cancelTrace()
    void writingTraceChanged(bool writing);
    void progressed(const crossiter::Progress& progress);
    void traceProgressed(const crossiter::Progress& progress);
    void errorRaised(const QString& message, int exitCode = 1);

private:
    ExplorerSession& m_explorer;
    QueuedJobs m_files;
    JobRunner m_traces; ///< may take minutes; m_files does not wait for it
};

} // namespace crossiter::ui
