#pragma once

#include "core/checkpoint/StateDict.h"

#include <string>
#include <vector>

namespace crossiter {

struct Recognition;

/// One layer under both names.
struct MappedLayer
{
    enum class Kind
    {
        ConvNorm, ///< member.conv.weight, member.bn.*; scope/weights, scope/BatchNorm/*
        Conv, ///< member.weight, member.bias; scope/weights, scope/biases
        Dense, ///< the same, and the weight as a matrix: TensorFlow has [1, 1, in, out] or [in,
               ///< out]
        Norm ///< a batch norm alone: member.weight, ...; scope/gamma, beta, moving_mean, ...
    };

    std::string member; ///< "Mixed_5b.branch1x1"
    std::string scope; ///< below the network's: "Mixed_5b/Branch_0/Conv2d_0a_1x1"
    Kind kind = Kind::ConvNorm;
    bool auxiliary = false; ///< part of the auxiliary head, which a file may leave out
};

/// TF-Slim's layers of a network: "inception-v3", "inception-v4", "inception-resnet-v2",
/// "resnet-v2-50", -101, -152; empty for any other. Names after research/slim/nets of
/// tensorflow/models.
[[nodiscard]] std::vector<MappedLayer> tfLayers(const std::string& architecture);

/// The scope that TF-Slim gives the network: "InceptionV3", "resnet_v2_50"; empty for any other.
[[nodiscard]] std::string tfScope(const std::string& architecture);

/// TF-Slim's variables under the members' names, in the members' layout: HWIO becomes OIHW, a batch
/// norm without gamma gets ones; optimizer's slots and moving averages of weights are left out.
/// scope: whose variables are taken, "model/InceptionV3" say; empty: the only scope that holds the
/// network's layers and no others, whatever it is called (other networks may lie beside it). Where
/// none does, what is wrong is said of TF-Slim's own scope, or of one that holds most layers.
/// how: gets the scope and what each variable became. namesOnly: no value is copied.
/// Throws Error(BadInput): architecture without a map, no such scope, several (they are named), a
/// variable missing, one in the scope that the network does not have, a weight whose rank does not
/// fit.
[[nodiscard]] StateDict mapTfVariables(const StateDict& variables, const std::string& architecture,
    const std::string& place, const std::string& scope = {}, Recognition* how = nullptr,
    bool namesOnly = false);

} // namespace crossiter
