#pragma once

#include "core/checkpoint/StateDict.h"

#include <torch/torch.h>

#include <string>

namespace crossiter {

/// Puts a state dict into a module's parameters and buffers. A tensor of the member's own type is
/// not copied: the member becomes a view of the state's bytes and keeps their owner alive; when it
/// is let go (Net::foldBatchNorm), the pages of a mapped file are given back. Others are converted.
/// A file that is mapped must be replaced by renaming, never written in place: that would change
/// weights in use, and cutting it short would kill the process. The stores do so. Strict:
/// every name of the module must be there with its shape, and no name may be left over; NaN or
/// infinity in a weight is refused. `num_batches_tracked` counters may be missing. Throws
/// Error(BadInput): "missing keys: a, b (and 3 more); left-over keys: ...; wrong shapes: c expected
/// [32, 3, 3, 3], found [3, 3, 3, 32]", place = `place`.
void loadInto(torch::nn::Module& module, const StateDict& state, const std::string& place);

/// A tensor of its own (a copy) with the view's values and type.
[[nodiscard]] torch::Tensor toTensor(const TensorView& view);

} // namespace crossiter
