#pragma once

#include "core/batch/BatchParts.h"
#include "core/batch/ProcessGroup.h"
#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentRunner.h"
#include "core/engine/Engine.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace crossiter {

/// The engine as a tournament needs it. The engine must outlive the parts.
[[nodiscard]] BatchParts batchParts(Engine& engine);

/// Runs a plan alone or as one of a group (core/batch/TournamentRunner.h). In a group with GPUs
/// each process takes one, by its number on the machine.
[[nodiscard]] std::shared_ptr<const TournamentResult> runTournament(Engine& engine,
    const TournamentPlan& plan, const std::filesystem::path& output, const RunOptions& options,
    const std::optional<ProcessGroup>& group, const TournamentSink& sink = {},
    std::stop_token stop = {});

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
