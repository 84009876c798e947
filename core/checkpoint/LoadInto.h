#pragma once

#include "core/checkpoint/StateDict.h"

#include <torch/torch.h>

#include <string>

namespace crossiter {

/// Copies a state dict into a module's parameters and buffers, converting float types. Strict:
/// every name of the module must be there with its shape, and no name may be left over; NaN or
/// infinity in a weight is refused. `num_batches_tracked` counters may be missing. Throws
/// Error(BadInput): "missing keys: a, b (and 3 more); left-over keys: ...; wrong shapes: c expected
/// [32, 3, 3, 3], found [3, 3, 3, 32]", place = `place`.
void loadInto(torch::nn::Module& module, const StateDict& state, const std::string& place);

/// A tensor of its own (a copy) with the view's values and type.
[[nodiscard]] torch::Tensor toTensor(const TensorView& view);

} // namespace crossiter
