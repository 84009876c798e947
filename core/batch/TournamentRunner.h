#pragma once

#include "core/batch/BatchEngine.h"
#include "core/batch/TournamentPlan.h"
#include "core/batch/WorkShare.h"
#include "core/contest/Score.h"
#include "core/report/TournamentFacts.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

struct RunOptions
{
    bool resume = false; ///< a tournament in the folder is gone on with; without one it begins
};

/// A unit that this process has done, or found done.
struct TournamentEvent
{
    std::string stage; ///< as above, or "preparing", "scoring"
    std::string name; ///< of the submission
    std::string image; ///< empty: a whole run
    std::string failure; ///< empty: done
    std::size_t done = 0; ///< units of this phase, by all processes
    std::size_t total = 0;
    bool found = false; ///< an earlier run had done it
};
using TournamentSink = std::function<void(const TournamentEvent&)>;

struct TournamentResult
{
    bool cancelled = false; ///< then nothing below is filled; a resume goes on
    bool wroteReport = false; ///< by this one of the processes
    TournamentOutcome outcome;
    std::vector<TournamentFailure> failures; ///< in the report's order
    std::vector<std::string> notes; ///< what is no failure but must be known
};

/// Runs the plan into `output` (absolute): docs/batch.md. Every process of the group calls it with
/// the same arguments; each returns the same result. Units that the journals say are done and whose
/// files have the hashes that were written down are not done again. Memory does not grow with
/// pictures. Throws Error before any work when the plan, its networks, its external programs or the
/// folder cannot be used, and later for what is no fault of one image (Device, Usage, Internal).
[[nodiscard]] std::shared_ptr<const TournamentResult> runTournament(const TournamentPlan& plan,
    const std::filesystem::path& output, const RunOptions& options, const BatchEngine& engine,
    WorkShare& share, const TournamentSink& sink = {}, std::stop_token stop = {});

/// Raw, normalised, over rightly classified: by the rules of the plan's mode.
[[nodiscard]] std::vector<NormalisedScore> scoresOf(
    const TournamentPlan& plan, const TournamentOutcome& outcome);

/// What comes before any work, of a starter of local processes in their place: looks whether the
/// folder fits and the dataset can be used, then takes the lock. Throws as runTournament, and has
/// then written nothing. The lock is held as long as the pointer lives.
[[nodiscard]] std::shared_ptr<const void> lockTournament(
    const TournamentPlan& plan, const std::filesystem::path& output, const RunOptions& options);
inline constexpr const char* kLockKey = "lock"; ///< of WorkShare::agree

} // namespace crossiter
