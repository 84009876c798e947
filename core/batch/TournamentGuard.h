#pragma once

#include "core/base/OutputGuard.h"
#include "core/batch/TournamentFolders.h"

#include <filesystem>
#include <vector>

namespace crossiter {

/// Every file that a plan names or finds: the dataset's tables and images, external submissions.
void addPlanInputs(OutputGuard& guard, const TournamentPlan& plan);

/// Throws Error(BadInput) when a tournament in this folder would replace an input of its plan or
/// one of `more` (the plan's own file). What it goes on with, plan.json and journal, may be one.
void guardTournament(const TournamentFolders& folders, const TournamentPlan& plan,
    const std::vector<std::filesystem::path>& more = {});

} // namespace crossiter
