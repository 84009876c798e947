#pragma once

#include "core/attack/GradientRule.h"

#include <functional>
#include <vector>

namespace crossiter {

/// Scores on the clean image of sources that are stepped together; see scoresOn.
using CleanScores = std::function<torch::Tensor(const SourceList&)>;

/// For each source (with Ensemble::MeanLogits: one, for the ensemble) the label that all its
/// sub-steps attack; -1: its own argmax at each sub-step. clean: [1, 3, 299, 299], the clean image;
/// keys: of the draws of random sources; scores: instead of scoresOn, where they are known. Throws
/// Error(Usage) when a source has no such class.
[[nodiscard]] std::vector<int> fixedLabels(const AttackRequest& request, const SourceList& sources,
    const torch::Tensor& clean, const DrawKeys& keys = {}, const CleanScores& scores = {});

/// Sub-steps of this request move towards their label instead of away from it.
[[nodiscard]] bool descends(const AttackRequest& request);

} // namespace crossiter
