#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace crossiter {

/// Which of a layer's inputs one draw of dropout lets through.
class DropoutDraw
{
public:
    /// Input i is kept when the i-th value of RandomStream(seed) is below keep, 0 < keep <= 1: the
    /// same on every platform.
    DropoutDraw(std::uint64_t seed, int inputs, double keep);

    [[nodiscard]] const std::vector<std::int32_t>& dropped() const { return m_dropped; }
    /// [1, inputs]: 1 / keep where kept, else 0.
    [[nodiscard]] torch::Tensor mask(torch::ScalarType type, torch::Device device) const;

private:
    int m_inputs;
    double m_keep;
    std::vector<std::int32_t> m_dropped; ///< ascending
};

/// The last layer of a network under many draws of dropout. Of the features of one pass each draw
/// changes the few that it drops, so a draw's logits are the full sum less the dropped inputs'
/// share: about a fifth of a matrix product's work at keep 0.8, less where features are zero (ReLU
/// leaves many). Sums in another order than a masked product: last digits differ.
/// Immutable; safe to use from several threads.
class DroppedHead
{
public:
    /// weight: [classes, inputs], bias: [classes]; float32 or float64. Keeps a copy in an order of
    /// its own on the CPU; on another device it keeps the two tensors and multiplies by masks.
    DroppedHead(const torch::Tensor& weight, const torch::Tensor& bias);

    /// features: [1, inputs]. Returns [draws, classes]. No gradient.
    [[nodiscard]] torch::Tensor logits(
        const torch::Tensor& features, const std::vector<DropoutDraw>& draws, double keep) const;

private:
    torch::Tensor m_weight;
    torch::Tensor m_bias;
    torch::Tensor m_tiles; ///< [tiles, inputs, classes of a tile]; undefined on other devices
};

} // namespace crossiter
