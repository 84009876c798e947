#pragma once

#include "core/checkpoint/StateDict.h"

#include <torch/torch.h>

#include <string>

namespace crossiter::test {

/// The weights of tests/golden/inception_reference.py: each value a hash of its key and index,
/// scaled by fan-in, so that real networks can be tested without their files.

/// `count` values in [0, 1) that depend on the key and their index alone, float64.
[[nodiscard]] torch::Tensor uniformValues(const std::string& key, std::int64_t count);

/// float32, of a member's shape.
[[nodiscard]] torch::Tensor syntheticValues(const std::string& key, at::IntArrayRef shape);

/// Fills every parameter and buffer of a float32 module but its counters.
void fillWithSyntheticWeights(torch::nn::Module& module);

/// The float32 tensors of a module, which keeps their bytes alive.
[[nodiscard]] StateDict stateOf(const torch::nn::Module& module);

/// [images, 3, side, side] in [-1, 1], float32.
[[nodiscard]] torch::Tensor syntheticPicture(int side, int images = 1);

} // namespace crossiter::test
