#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/JobRunner.h"

#include <QObject>

#include <memory>
#include <vector>

namespace crossiter::ui {

class ExplorerSession;

/// Where the shown trace leaves the exact (float64) one of the same request.
struct ExactComparison
{
    AttackRequest shown; ///< the compared request, not exact
    int compared = -1; ///< sub-steps compared so far, 0 = the clean image; -1: none yet
    int firstPicture = -1; ///< the first sub-step whose exported picture differs; -1: none
    int firstLabel = -1; ///< the first that attacked another label; -1: none
    std::vector<double> equalPixels; ///< per sub-step, 0..1: pixels equal in all three values
    std::vector<double> equalTop1; ///< per sub-step, 0..1: judges with the same top-1
    bool running = false;

    /// The first sub-step at which either differs; -1: none so far.
    [[nodiscard]] int departure() const;
};

/// Computes the exact trace of the explorer's request on a worker of its own and compares it with
/// the shown one, sub-step by sub-step, as far as both are there. What was computed stays until
/// another attack or photo is shown.
class ExactComparer : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive everything but the destructor of this.
    explicit ExactComparer(ExplorerSession& explorer, QObject* parent = nullptr);
    ~ExactComparer() override; ///< stops what runs and waits for it

    void compare(); ///< a second call with the same request has nothing to compute
    void cancel(); ///< keeps the sub-steps that are there
    void follow(); ///< the explorer shows another request, or more sub-steps of it
    void reset(); ///< another photo: late results of the old one are dropped
    [[nodiscard]] bool busy() const { return m_jobs.busy(); }
    /// compared is -1 when it was not asked for.
    [[nodiscard]] const ExactComparison& result() const { return m_result; }

signals:
    void changed(); ///< result() or busy()
    void errorRaised(const QString& message);

private:
    void compareMore();

    ExplorerSession& m_explorer;
    ExactComparison m_result;
    std::shared_ptr<const AttackTrace> m_trace; ///< exact, of m_result.shown; grows
    std::vector<std::shared_ptr<const SubStep>> m_comparedSteps; ///< the shown ones, by sub-step
    JobRunner m_jobs; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
