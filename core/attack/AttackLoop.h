#pragma once

#include "core/attack/AttackTrace.h"
#include "core/attack/GradientRule.h"
#include "core/attack/SharedWork.h"
#include "core/base/Progress.h"

#include <memory>
#include <stop_token>

namespace crossiter {

/// What a run needs besides the request. sources and judges are in the request's order, all of one
/// scalar type; they may be the same objects.
struct AttackNetworks
{
    SourceList sources;
    SourceList judges;
};

/// Runs every method of AttackRequest as one loop: rounds of one signed gradient step on each
/// source in order. CrossIterative and its targeted form after voilin/nips-2017; FGSM: Goodfellow
/// et al. 2014 (arXiv:1412.6572); BIM and iterative target: Kurakin et al. 2016 (arXiv:1607.02533);
/// noop, random noise, step target: CleverHans' nips17_adversarial_competition. What one sub-step
/// differentiates, and MI-FGSM with its successors: GradientRule.h.
///
/// request: checked (checkRequest). clean: 299x299. previous: see Engine::attack; its sub-steps are
/// taken over. shared: computed in common with other attacks on this image; null: alone. Throws
/// Error(Usage) when a label does not exist in a source. Null when stopped before sub-step 0 was
/// finished.
[[nodiscard]] std::shared_ptr<const AttackTrace> runAttack(const AttackRequest& request,
    const Image& clean, const AttackNetworks& networks,
    const std::shared_ptr<const AttackTrace>& previous = nullptr, const SubStepSink& onSubStep = {},
    const ProgressSink& progress = {}, const std::stop_token& stop = {},
    SharedWork* shared = nullptr);

} // namespace crossiter
