#pragma once

#include "core/base/Progress.h"
#include "core/batch/BatchEngine.h"
#include "core/batch/ProcessGroup.h"
#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentRunner.h"
#include "core/engine/Engine.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// The engine as a tournament needs it. The engine must outlive it.
[[nodiscard]] BatchEngine batchEngine(Engine& engine);

/// Runs a plan alone or as one of a group (core/batch/TournamentRunner.h). In a group with GPUs
/// each process takes one, by its number on the machine.
[[nodiscard]] std::shared_ptr<const TournamentResult> runTournament(Engine& engine,
    const TournamentPlan& plan, const std::filesystem::path& output, const RunOptions& options,
    const std::optional<ProcessGroup>& group, const TournamentSink& sink = {},
    std::stop_token stop = {});

/// Throws Error(BadInput) when a tournament in this folder (absolute) would replace an input of its
/// plan or the plan's own file (may be empty).
void requireOutput(const std::filesystem::path& output, const TournamentPlan& plan,
    const std::filesystem::path& planFile);

/// The plan as a file. Throws Error(BadInput): it would replace planFile (may be empty) or an input
/// of the plan, or cannot be written.
void writePlan(const std::filesystem::path& file, const TournamentPlan& plan,
    const std::filesystem::path& planFile = {});

/// Copies the tables and reports of the tournament in `from`, and where they are wanted all its
/// pictures, into a folder outside of it. Returns what was written; stopped: what was by then.
/// Throws Error(BadInput): the folder lies inside, an input of the plan would be replaced, a file
/// cannot be copied.
std::vector<std::filesystem::path> exportTournament(const std::filesystem::path& from,
    const std::filesystem::path& to, const TournamentPlan& plan, bool pictures,
    const ProgressSink& progress = {}, const std::stop_token& stop = {});

/// Plans that need no file.
struct PlanPresetRequest
{
    std::string name; ///< "seed", "embedded"
    PlanDataset dataset;
    /// Of "seed": leave rows out whose own network is not in a store, instead of letting the
    /// embedded pair stand in.
    bool seedModelsOnly = false;
};
/// Throws Error(Usage): unknown name; Error(BadInput): nothing can be run.
[[nodiscard]] TournamentPlan planPreset(const Engine& engine, const PlanPresetRequest& request);

} // namespace crossiter
