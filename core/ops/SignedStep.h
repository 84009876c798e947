#pragma once

#include <torch/torch.h>

namespace crossiter {

/// One signed step of an attack with its clips, on [-1, 1]; every number in the tensor's own type.
struct SignedStep
{
    double step = 0.05; ///< already on the [-1, 1] scale; negative: towards lower loss
    double epsilon = 0.0; ///< budget on the [-1, 1] scale
    bool ball = false; ///< also clip to clean +- epsilon
};

/// x + clip(step * sign(gradient), -epsilon, epsilon), then (ball) into clean +- epsilon, then into
/// [-1, 1]; sign(0) = 0 and NaN counts as 0. A new tensor of x's shape. Shapes equal, float32 or
/// float64, any device. Rules: docs/rules.md, after CleverHans' toolkit and voilin/nips-2017.
[[nodiscard]] torch::Tensor signedStep(const torch::Tensor& x, const torch::Tensor& gradient,
    const torch::Tensor& clean, const SignedStep& parameters);

} // namespace crossiter
