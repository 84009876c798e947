#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/classify/ModelStore.h"

#include <QString>

#include <vector>

namespace crossiter::ui {

/// Attacks and defenses to pick from, made of the networks that are there. Names are short, unique
/// in their list, and what stands in the matrices.
[[nodiscard]] std::vector<PlanAttack> knownAttacks(const std::vector<StoredModel>& models);
[[nodiscard]] std::vector<PlanAttack> knownTargetedAttacks(const std::vector<StoredModel>& models);
[[nodiscard]] std::vector<PlanDefense> knownDefenses(const std::vector<StoredModel>& models);

/// "lite1" of "efficientnet-lite1"; other ids as they are, with _ for -.
[[nodiscard]] std::string shortId(const std::string& id);

/// Why it cannot run: networks whose weights are not there, a folder that is gone; empty: it can.
[[nodiscard]] QString obstacleOf(const PlanAttack& attack, const std::vector<StoredModel>& models);
[[nodiscard]] QString obstacleOf(
    const PlanDefense& defense, const std::vector<StoredModel>& models);

} // namespace crossiter::ui
