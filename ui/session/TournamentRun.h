#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentView.h"
#include "core/engine/Engine.h"
#include "ui/session/JobRunner.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QVector>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {
struct WorkerState;
}

namespace crossiter::ui {

enum class BatchStatus
{
    Idle,
    Starting,
    Running,
    Pausing, ///< what is begun comes to its end
    Paused,
    Stopping,
};

/// One of the local processes that share a run.
struct BatchProcess
{
    enum class State
    {
        Starting,
        Working,
        Ended, ///< by itself, its work done
        Stopped, ///< asked to
        Lost, ///< killed or failed; the others take its work over
    };
    int rank = 0;
    State state = State::Starting;
    int units = 0; ///< done by it
    QString now; ///< "attack fgsm: 0c7ac4a8c9dfa802"
    QString error; ///< its last line, where it failed
};

/// Where and how a tournament is run.
struct TournamentStart
{
    TournamentPlan plan;
    std::filesystem::path folder; ///< absolute; one that holds this plan's run is gone on with
    int processes = 1; ///< 1: in this window
    std::string program; ///< of `crossiter`, for several processes
};

/// One tournament that runs: on a worker of this window, which waits between two items while it is
/// paused, or as local processes, which are ended by a pause and begun anew. Knows how far it is
/// from the results that it is told of. Everything here happens on the GUI thread but the jobs.
class TournamentRun : public QObject
{
    Q_OBJECT

public:
    explicit TournamentRun(std::shared_ptr<Engine> engine, QObject* parent = nullptr);
    ~TournamentRun() override; ///< stops what runs and waits for it

    /// results: what the folder holds already; null: nothing.
    void start(const TournamentStart& start, std::shared_ptr<const TournamentSnapshot> results);
    void pause();
    void resume();
    void cancel();
    /// The folder holds more now: time left is estimated from it.
    void follow(std::shared_ptr<const TournamentSnapshot> results);

    [[nodiscard]] BatchStatus status() const { return m_status; }
    [[nodiscard]] const QVector<BatchProcess>& processStates() const { return m_states; }
    [[nodiscard]] const QString& now() const { return m_now; } ///< the item at hand, in words
    [[nodiscard]] double secondsLeft() const { return m_secondsLeft; } ///< below 0: not known
    [[nodiscard]] bool busy() const { return m_jobs.busy(); } ///< a worker is not at its end yet

signals:
    void statusChanged();
    void progressChanged(); ///< processes, item at hand, time left
    void foundNothing(); ///< it begins, and its folder holds no tournament (any more)
    void stopped(); ///< ended or paused: the folder holds all that there is
    void ended(bool cancelled, const QString& problem); ///< problem: empty when it went well
    void said(const QString& message);

private:
    class Gate;

    void setStatus(BatchStatus status);
    void begin();
    void startHere(bool resume);
    void startProcesses(bool resume);
    void takeWorkers(const std::vector<WorkerState>& workers);
    void processEnded(int rank, const QString& lastLine);
    void end(bool cancelled, const QString& problem = {});
    void estimate();

    std::shared_ptr<Engine> m_engine;
    TournamentPlan m_plan;
    std::filesystem::path m_folder;
    std::string m_program;
    int m_processes = 1;
    bool m_inProcesses = false;
    BatchStatus m_status = BatchStatus::Idle;
    std::shared_ptr<Gate> m_gate;
    QString m_now;
    QVector<BatchProcess> m_states;
    std::shared_ptr<const TournamentSnapshot> m_seen; ///< of m_folder
    QElapsedTimer m_since; ///< of the estimate
    std::size_t m_unitsAtStart = 0;
    double m_secondsLeft = -1.0;
    JobRunner m_jobs; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
