#pragma once

#include "core/attack/AttackTrace.h"
#include "core/defense/DefendResult.h"
#include "ui/session/JobRunner.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace crossiter::ui {

class ExplorerSession;

/// The sweep of the explorer's trace: what is asked for, the cells that are there, and the job that
/// computes what is missing. It begins half a second after the last change, pauses while something
/// more urgent is computed and goes on from the cells that are there. A trace that only grew, or
/// other sizes, keep the cells that answer the same question.
class SweepRun : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive this. mustWait: something more urgent is computed; asked on the GUI
    /// thread before a job begins.
    SweepRun(ExplorerSession& explorer, std::function<bool()> mustWait, QObject* parent = nullptr);
    ~SweepRun() override; ///< stops what runs and waits for it

    /// Asks for what the explorer shows now; models: who judges where there is no trace.
    void follow(const std::vector<std::string>& models);
    void forget(); ///< nothing stands behind a defense any more
    void setWatched(bool watched); ///< the automatic sweep runs only while somebody looks
    void setDragging(bool dragging); ///< while a slider is held no sweep begins
    [[nodiscard]] bool automatic() const { return m_automatic; }
    void setAutomatic(bool automatic);
    void start(); ///< also where the automatic one would not begin
    void stop(); ///< until something changes; the cells that are there stay
    void pause(); ///< what the job has done arrives still
    void soon(); ///< looks in half a second whether there is something to compute

    /// Cells so far, ordered; null: none. A new object whenever something came.
    [[nodiscard]] std::shared_ptr<const SweepResult> result() const { return m_result; }
    [[nodiscard]] const SweepRequest& request() const { return m_request; }
    [[nodiscard]] bool busy() const { return m_runner.busy(); }
    [[nodiscard]] bool asksNothing() const { return m_subSteps.empty(); }
    [[nodiscard]] bool complete() const { return m_complete; }
    [[nodiscard]] int cellsDone() const { return static_cast<int>(m_cells.size()); }
    [[nodiscard]] int cellsPlanned() const;
    [[nodiscard]] std::optional<int> bestSize() const; ///< on the shown sub-step
    /// Nothing is computed or about to be.
    [[nodiscard]] bool settled() const;

signals:
    void changed(); ///< cells, best size; at most 20 a second
    void busyChanged(bool busy);
    void progressed(const crossiter::Progress& progress);
    void failed(const QString& message, int exitCode);

private:
    [[nodiscard]] SweepRequest wantedRequest() const;
    [[nodiscard]] bool wants() const;
    void run();
    void takeCells(const std::vector<SweepCell>& cells, const AttackTrace& trace);
    void publish();
    void ended();

    ExplorerSession& m_session;
    std::function<bool()> m_mustWait;
    std::vector<std::string> m_models;
    bool m_watched = false;
    bool m_dragging = false;
    bool m_automatic = true;
    bool m_asked = false; ///< by the user, until it is complete or cancelled
    bool m_stopped = false; ///< by the user or an error, until something changes
    bool m_complete = false;
    SweepRequest m_request; ///< of m_cells
    std::vector<std::shared_ptr<const SubStep>> m_subSteps; ///< of m_cells
    std::map<std::tuple<int, int, int>, SweepCell> m_cells; ///< sub-step, size, model
    std::shared_ptr<const SweepResult> m_result;
    QTimer m_idle; ///< runs out when nothing has changed for half a second
    QTimer m_publishTimer; ///< joins quick cells into one changed()
    JobRunner m_runner; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
