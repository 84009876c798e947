#pragma once

#include <torch/torch.h>

namespace crossiter {

/// `value` on the way forward, the gradient of `value` for `x` on the way back: how a step without
/// a useful derivative is attacked (Bengio, Leonard and Courville 2013, arXiv:1308.3432; as "BPDA"
/// Athalye, Carlini and Wagner 2018, arXiv:1802.00420). Shapes equal; no gradient reaches `value`.
[[nodiscard]] torch::Tensor straightThrough(const torch::Tensor& x, const torch::Tensor& value);

} // namespace crossiter
