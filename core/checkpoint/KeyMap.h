#pragma once

#include "core/checkpoint/StateDict.h"

#include <string>
#include <vector>

namespace crossiter {

/// One layer under both names.
struct MappedLayer
{
    enum class Kind
    {
        ConvNorm, ///< member.conv.weight, member.bn.*; scope/weights, scope/BatchNorm/*
        Conv, ///< member.weight, member.bias; scope/weights, scope/biases
        Dense ///< the same, and the weight as a matrix: TensorFlow has [1, 1, in, out] or [in, out]
    };

    std::string member; ///< "Mixed_5b.branch1x1"
    std::string scope; ///< "InceptionV3/Mixed_5b/Branch_0/Conv2d_0a_1x1"
    Kind kind = Kind::ConvNorm;
    bool auxiliary = false; ///< part of the auxiliary head, which a file may leave out
};

/// TF-Slim's layers of a network: "inception-v3" or "inception-resnet-v2", empty for any other.
/// Names after research/slim/nets of tensorflow/models.
[[nodiscard]] std::vector<MappedLayer> tfLayers(const std::string& architecture);

/// TF-Slim's variables under the members' names, in the members' layout: HWIO becomes OIHW, a batch
/// norm without gamma gets ones. Of a file that holds several networks only the wanted scope is
/// taken; optimizer's slots and moving averages of weights are left out. Throws Error(BadInput):
/// architecture without a map, no variable of its scope, a variable missing, one in the scope that
/// the network does not have, a weight whose rank does not fit.
[[nodiscard]] StateDict mapTfVariables(
    const StateDict& variables, const std::string& architecture, const std::string& place);

} // namespace crossiter
