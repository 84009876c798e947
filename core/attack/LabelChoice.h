#pragma once

#include "core/attack/AttackRequest.h"
#include "core/classify/DifferentiableSource.h"

#include <memory>
#include <vector>

namespace crossiter {

/// For each source the label that all its sub-steps attack; -1: its own argmax at each sub-step.
/// clean: [1, 3, 299, 299], the clean image. Throws Error(Usage) when a source has no such class.
[[nodiscard]] std::vector<int> fixedLabels(const AttackRequest& request,
    const std::vector<std::shared_ptr<const DifferentiableSource>>& sources,
    const torch::Tensor& clean);

/// Sub-steps of this request move towards their label instead of away from it.
[[nodiscard]] bool descends(const AttackRequest& request);

} // namespace crossiter
