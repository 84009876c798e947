#pragma once

#include "core/batch/TournamentPlan.h"

#include <string>

namespace crossiter {

/// Which networks stand for the seed's two.
struct SeedModels
{
    std::string ensAdv; ///< for ens_adv_inception_resnet_v2; empty: none
    std::string base; ///< for inception_v3; empty: none
};
inline constexpr const char* kSeedEnsAdv = "ens_adv_inception_resnet_v2";
inline constexpr const char* kSeedBase = "inception_v3";

/// Every row of the seed's tables as a plan: attacks in the README's names, the defenses of both
/// tables once each. Rows whose network is not there are listed as left out, with the reason; a
/// network that only stands in is said in each row's note (realEnsAdv, realBase false).
[[nodiscard]] TournamentPlan seedPlan(
    const PlanDataset& dataset, const SeedModels& models, bool realEnsAdv, bool realBase);

/// Six attacks and six defenses on the embedded networks: docs/batch.md shows its result.
[[nodiscard]] TournamentPlan embeddedPlan(const PlanDataset& dataset);

} // namespace crossiter
