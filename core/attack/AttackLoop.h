#pragma once

#include "core/attack/AttackTrace.h"
#include "core/base/Progress.h"
#include "core/classify/DifferentiableSource.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace crossiter {

/// What a run needs besides the request. sources and judges are in the request's order, all of one
/// scalar type; they may be the same objects.
struct AttackParts
{
    std::vector<std::shared_ptr<const DifferentiableSource>> sources;
    std::vector<std::shared_ptr<const DifferentiableSource>> judges;
};

/// Runs every method of AttackRequest as one loop: rounds of one signed gradient step on each
/// source in order. CrossIterative and its targeted form after voilin/nips-2017; FGSM: Goodfellow
/// et al. 2014 (arXiv:1412.6572); BIM and iterative target: Kurakin et al. 2016 (arXiv:1607.02533);
/// noop, random noise, step target: CleverHans' nips17_adversarial_competition.
///
/// request: checked (checkRequest). clean: 299x299. previous: see Engine::attack; its sub-steps are
/// taken over. Throws Error(Usage) when a label does not exist in a source.
/// Null when stopped before sub-step 0 was finished.
[[nodiscard]] std::shared_ptr<const AttackTrace> runAttack(const AttackRequest& request,
    const Image& clean, const AttackParts& parts,
    const std::shared_ptr<const AttackTrace>& previous = nullptr, const SubStepSink& onSubStep = {},
    const ProgressSink& progress = {}, const std::stop_token& stop = {});

/// What one sub-step differentiates and in which direction it goes.
struct LossAndGradient
{
    torch::Tensor gradient; ///< of the loss in x, x's shape
    double loss = 0.0;
    int label = -1; ///< the attacked one
    bool auxiliary = false; ///< an auxiliary head took part in the loss
};

/// x: [1, 3, 299, 299]. label < 0: the source's own argmax on x. targeted: label smoothing 0.1 over
/// all classes, and 0.4 times the auxiliary head's loss where there is one; else plain cross
/// entropy (competition rules of voilin/nips-2017).
[[nodiscard]] LossAndGradient differentiate(
    const DifferentiableSource& source, const torch::Tensor& x, int label, bool targeted);

} // namespace crossiter
