#pragma once

#include "core/defense/DefenseRequest.h"
#include "core/defense/SweptSize.h"

#include <QString>

#include <optional>
#include <vector>

namespace crossiter::ui {

/// A first start's defense: the seed's best size, 299 -> 200 -> 299, and 100 draws once something
/// in it is random.
[[nodiscard]] DefenseRequest defaultDefense();

// The size that a sweep varies, and a defense with another one: core's sizeOf() and withSize().

/// The size before the swept one; nothing: one size only.
[[nodiscard]] std::optional<int> firstSize(const DefenseRequest& defense);
/// With `first` before the swept size; nothing: the swept size alone.
[[nodiscard]] DefenseRequest withFirstSize(DefenseRequest defense, std::optional<int> first);
/// The way back to 299 between two sizes.
[[nodiscard]] bool backBetween(const DefenseRequest& defense);
[[nodiscard]] DefenseRequest withBackBetween(DefenseRequest defense, bool back);

/// The stages beside the first Resize stage, in order, and `defense` with others in their place
/// (the Resize stage keeps its place in front of those that came after it).
[[nodiscard]] std::vector<DefenseStage> furtherStages(const DefenseRequest& defense);
[[nodiscard]] DefenseRequest withFurtherStages(
    const DefenseRequest& defense, const std::vector<DefenseStage>& stages);

/// What is asked of the engine: where nothing is random, one draw says all.
[[nodiscard]] DefenseRequest effective(DefenseRequest defense);
/// Many passes a picture: not computed before somebody asks.
[[nodiscard]] bool isCostly(const DefenseRequest& defense);

/// "299 → 200 → 299 · dropout": the pane's header.
[[nodiscard]] QString defensePath(const DefenseRequest& defense);
/// "JPEG, quality 75"
[[nodiscard]] QString stageText(const DefenseStage& stage);

} // namespace crossiter::ui
