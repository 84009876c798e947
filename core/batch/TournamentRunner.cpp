#include "core/batch/TournamentRunner.h"

#include "core/batch/ExternalRuns.h"
#include "core/batch/OutputLock.h"
#include "core/batch/TournamentGuard.h"
#include "core/batch/TournamentRun.h"
#include "core/report/TournamentReport.h"

#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

std::shared_ptr<const TournamentResult> runTournament(const TournamentPlan& plan,
    const fs::path& output, const RunOptions& options, const BatchEngine& engine, WorkShare& share,
    const TournamentSink& sink, std::stop_token stop)
{
    checkPlan(plan, "plan");
    requireSubmissions(plan);
    if (engine.check)
        engine.check(plan);
    return TournamentRun(plan, output, options, engine, share, sink, std::move(stop)).run();
}

std::vector<NormalisedScore> scoresOf(const TournamentPlan& plan, const TournamentOutcome& outcome)
{
    return scoresOf(plan.official ? ScoreMode::Official : ScoreMode::Development, outcome);
}

std::shared_ptr<const void> lockTournament(
    const TournamentPlan& plan, const fs::path& output, const RunOptions& options)
{
    const TournamentFolders folders(output);
    guardTournament(folders, plan);
    std::shared_ptr<OutputLock> lock;
    std::error_code fault;
    // An earlier run left its lock: that somebody works there comes before all other faults.
    if (fs::exists(output / kLockFile, fault))
        lock = std::make_shared<OutputLock>(output);
    // Reads only: what is refused leaves neither a folder nor a lock.
    requireFitting(folders, plan, options.resume);
    requireImages(folders, plan);
    if (lock == nullptr) {
        lock = std::make_shared<OutputLock>(output);
        requireFitting(folders, plan, options.resume); // somebody else may have been faster
    }
    return lock;
}

} // namespace crossiter
