#pragma once

#include "core/attack/AttackTrace.h"
#include "core/engine/Engine.h"
#include "ui/session/ExplorerState.h"
#include "ui/session/JobRunner.h"
#include "ui/session/OpenPhoto.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>
#include <string>

namespace crossiter::ui {

/// The attack (or judged pair) that is shown: the trace that is there, the job that makes it
/// longer, and the longest trace of the photo, to cut from and to extend. Everything here happens
/// on the GUI thread but the job.
class AttackRun : public QObject
{
    Q_OBJECT

public:
    explicit AttackRun(std::shared_ptr<Engine> engine, QObject* parent = nullptr);
    ~AttackRun() override; ///< stops what runs and waits for it

    /// Null until the first sub-step is there; grows while the attack runs.
    [[nodiscard]] const std::shared_ptr<const AttackTrace>& trace() const { return m_trace; }
    [[nodiscard]] bool running() const { return m_number != 0; }
    [[nodiscard]] const AttackRequest& request() const { return m_request; } ///< of what runs
    [[nodiscard]] bool stoppedByUser() const { return m_stoppedByUser; }
    [[nodiscard]] bool hasFailed() const { return m_failed; } ///< the last one
    [[nodiscard]] quint64 judgedPair() const { return m_judgedPair; } ///< OpenPhoto::pairNumber
    [[nodiscard]] const QString& deviceText() const { return m_deviceText; }

    /// Computes what is missing of this attack on the clean picture; nothing when nothing is.
    void start(const AttackRequest& wanted, const Image& clean);
    /// Judges its pair or series.
    void startPair(const AttackRequest& wanted, const OpenPhoto& open);
    void loadModels(const ExplorerState& state); ///< in the background; the attack would do it too
    void cancel(); ///< keeps the sub-steps that are there
    void drop(); ///< of another photo: late results are not wanted
    void forgetTrace(); ///< the shown one; nothing is announced
    void forgetLongest() { m_longest.reset(); } ///< another photo
    void forgetFailure() { m_failed = false; } ///< a setting has changed
    /// A trace of this clean picture that was computed elsewhere: kept when it is longer than what
    /// is there of its attack.
    void adopt(const std::shared_ptr<const AttackTrace>& trace, const Image& clean);
    /// The true label of `wanted` is known now, or another one.
    void relabel(const AttackRequest& wanted);

signals:
    void cleanJudged(); ///< the trace has its first entry
    void published(); ///< another trace, or longer; at most 20 a second
    void arrived(); ///< whole or stopped, before published()
    void runningChanged(bool running);
    void againWanted(); ///< it was stopped to go on with other rounds
    void finished(bool cancelled);
    void deviceChanged();
    void modelsLoaded();
    void errorRaised(const QString& message, int exitCode);
    void progressed(const crossiter::Progress& progress);

private:
    void compute(const AttackRequest& wanted, const Image& clean,
        std::shared_ptr<const AttackTrace> previous);
    void takeSubStep(quint64 job, const std::shared_ptr<const SubStep>& subStep);
    void end(const std::shared_ptr<const AttackTrace>& trace);
    void setTrace(std::shared_ptr<const AttackTrace> trace);
    void publish();

    std::shared_ptr<Engine> m_engine;
    std::shared_ptr<const AttackTrace> m_trace; ///< shown
    std::shared_ptr<const AttackTrace> m_longest; ///< of this photo, to cut from and to extend
    Image m_clean; ///< of the running attack
    quint64 m_number = 0; ///< of the running attack's job, 0: none
    AttackRequest m_request; ///< of the running attack
    std::string m_elsewhere; ///< AttackTrace::madeElsewhere of what runs; empty: an attack
    quint64 m_judgedPair = 0; ///< which pair m_trace shows, where it shows one
    bool m_runAgain = false; ///< when the running attack has stopped
    bool m_stoppedByUser = false;
    bool m_failed = false; ///< the last attack; not tried again until a setting changes
    QString m_deviceText;
    QTimer m_publishTimer; ///< joins quick sub-steps into one published()
    JobRunner m_jobs; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
