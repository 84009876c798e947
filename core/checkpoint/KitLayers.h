#pragma once

// Private to core/checkpoint.

#include "core/checkpoint/StateDict.h"

#include <string>
#include <vector>

namespace crossiter::detail {

/// Our members' names for the layers of a TensorFlow graph that MMdnn converted: an .npy file's
/// "InceptionV3/InceptionV3/Conv2d_1a_3x3/Conv2D.weights" or its PyTorch network's
/// "InceptionV3_InceptionV3_Conv2d_1a_3x3_Conv2D.weight". In the order of `tensors`; empty for what
/// is none of the network's. The graph's names repeat the network's scope, and the heads' do not;
/// the operation's name at the end may be left out.
[[nodiscard]] std::vector<std::string> fromKitLayers(
    const std::vector<TensorView>& tensors, const std::string& architecture);

} // namespace crossiter::detail
