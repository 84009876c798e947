#pragma once

#include "core/attack/TargetChoice.h"
#include "ui/session/ExactComparer.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/TargetFinder.h"
#include "ui/session/TraceShelf.h"

#include <QTimer>
#include <QVector>

#include <memory>
#include <optional>
#include <vector>

namespace crossiter::ui {

/// What stands side by side in the Label leaking tab.
enum class LeakView
{
    Rules, ///< the explorer's attack under each label rule
    Networks, ///< the explorer's attack against each of its sources alone
};

/// One of the attacks that are compared.
struct LeakTrack
{
    ExplorerState state; ///< what the explorer is set to when one goes there
    AttackRequest request; ///< that state's; all tracks have the same number of sub-steps
    bool shown = false; ///< it is the explorer's own request
    QString obstacle; ///< why it cannot be computed; empty: it can
    std::shared_ptr<const AttackTrace> trace; ///< null until sub-step 0 is there; grows

    [[nodiscard]] int done() const; ///< sub-steps that are there, without the clean image
    [[nodiscard]] bool complete() const { return trace && done() == subStepCount(request); }
};

/// The attacks beside the explorer's one: the same photo, sources, judges, epsilon, rounds and
/// numerics under every label rule (or against every source alone), each computed once and kept
/// while the photo stays. Computes only while it is active, never while the explorer computes, and
/// hands its traces to the explorer, which then need not compute them. Everything here happens on
/// the GUI thread but the jobs.
class LeakSession : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive everything but the destructor of this.
    explicit LeakSession(ExplorerSession& explorer, QObject* parent = nullptr);
    ~LeakSession() override;

    /// Active: somebody looks at it, so what is missing is computed.
    void setActive(bool active);
    void setView(LeakView view);
    void setBothProjections(bool both); ///< of the rules: none and ball, not only the explorer's
    [[nodiscard]] LeakView view() const { return m_view; }
    [[nodiscard]] bool bothProjections() const { return m_both; }
    /// Why the other view cannot be shown; empty: it can.
    [[nodiscard]] QString viewObstacle(LeakView view) const;

    [[nodiscard]] const QVector<LeakTrack>& tracks() const { return m_tracks; }
    [[nodiscard]] int shownTrack() const; ///< the explorer's own; -1: none of them
    /// The label whose probability the tracks show: the target of a targeted attack, else the true
    /// one.
    [[nodiscard]] std::optional<int> watchedLabel() const;
    [[nodiscard]] bool watchesTarget() const;
    [[nodiscard]] bool running() const { return m_jobs.busy(); }
    [[nodiscard]] bool comparing() const { return m_exact.busy(); }
    [[nodiscard]] bool stopped() const { return m_stopped; } ///< by the user; run() goes on
    /// Nothing is computed or about to be.
    [[nodiscard]] bool settled() const;

    void run(); ///< after cancel(): goes on
    void cancel(); ///< keeps the sub-steps that are there
    /// Makes the track's request the explorer's (one undo step) and shows its sub-step.
    void goTo(int track, int subStep);

    /// Computes the exact trace of the explorer's request and compares it with the shown one,
    /// sub-step by sub-step. A second call with the same request has nothing to compute.
    void compareWithExact() { m_exact.compare(); }
    void cancelExact() { m_exact.cancel(); }
    /// Of the explorer's request as it is now; compared is -1 when it was not asked for.
    [[nodiscard]] const ExactComparison& exact() const { return m_exact.result(); }

    /// Makes a label of this rank the target. Needs the clean predictions.
    void chooseTargetByRank(TargetRank rank) { m_targets.chooseByRank(rank); }
    /// Empty: chooseTargetByRank can.
    [[nodiscard]] QString rankObstacle() const { return m_targets.rankObstacle(); }
    /// The open photo's target from a target_class.csv or the dataset CSV.
    void chooseTargetFrom(const QString& csv, const std::optional<int>& base = std::nullopt)
    {
        m_targets.chooseFrom(csv, base);
    }

signals:
    void tracksChanged(); ///< others, or longer; at most 20 a second
    void runningChanged(bool running);
    void exactChanged();
    void errorRaised(const QString& message);
    void said(const QString& message); ///< for the status line

private:
    void replan();
    [[nodiscard]] QVector<LeakTrack> plan() const;
    [[nodiscard]] std::vector<ExplorerState> rulesPlan() const;
    [[nodiscard]] std::vector<ExplorerState> networksPlan() const;
    /// The explorer's state with all the sources that are compared; nothing: there is only one.
    [[nodiscard]] std::optional<ExplorerState> withAllSources() const;
    [[nodiscard]] std::vector<AttackRequest> missing() const;
    void startJobs(const std::vector<AttackRequest>& requests);
    void take(const std::shared_ptr<const AttackTrace>& trace);
    void fillTraces();
    void photoReplaced();

    ExplorerSession& m_explorer;
    LeakView m_view = LeakView::Rules;
    bool m_both = false;
    bool m_active = false;
    bool m_stopped = false;
    bool m_failed = false; ///< not tried again until the plan changes
    ExplorerState m_networks; ///< the last one with several sources, for LeakView::Networks
    QVector<LeakTrack> m_tracks;
    TraceShelf m_kept; ///< of the open photo
    std::shared_ptr<SharedWork> m_shared; ///< what these attacks compute in common
    std::vector<AttackRequest> m_jobRequests; ///< of the running job

    QTimer m_planTimer; ///< joins quick changes
    QTimer m_publishTimer; ///< joins quick sub-steps
    // Last: their threads end before anything else here does.
    JobRunner m_jobs;
    ExactComparer m_exact;
    TargetFinder m_targets;
};

} // namespace crossiter::ui
