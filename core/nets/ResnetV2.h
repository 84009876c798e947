#pragma once

#include "core/nets/Layers.h"

#include <array>
#include <memory>
#include <vector>

namespace crossiter {

/// A bottleneck unit whose norms stand in front of its convolutions (He et al. 2016,
/// arXiv:1603.05027): norm and ReLU, 1x1, 3x3, 1x1, added to what came in. Keys: preact.weight,
/// conv1.conv.weight, conv1.bn.weight, conv2..., conv3.weight and .bias, and, where the channels
/// change, shortcut.weight and .bias.
class ResnetV2Unit : public torch::nn::Module
{
public:
    /// inner: channels between the 1x1 convolutions; it puts out four times as many. stride: 1, or
    /// 2 where inputs = 4 * inner.
    ResnetV2Unit(int inputs, int inner, int stride);
    /// [N, inputs, H, W] -> [N, 4 * inner, H / stride, W / stride], sides rounded up.
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const;
    void fold();
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const;

private:
    std::shared_ptr<NormLayer> m_preact;
    std::shared_ptr<ConvBlock> m_conv1;
    std::shared_ptr<ConvBlock> m_conv2;
    std::shared_ptr<ConvLayer> m_conv3;
    std::shared_ptr<ConvLayer> m_shortcut; ///< null: what came in, every `stride` pixels
    torch::Tensor m_foldedUp; ///< [outputs, inner], defined after fold()
    torch::Tensor m_foldedShortcut; ///< [outputs, inputs]
    torch::Tensor m_foldedBias; ///< of both
    int m_stride;
};

/// ResNet v2 as TF-Slim trains it for ImageNet: a 7x7 convolution with bias, units in four blocks
/// of which the first three halve the side in their last unit, a norm, the mean, a 1x1 convolution
/// as classifier. Batch norms have a scale and epsilon 1e-5. Keys are TF-Slim's scopes:
/// conv1.weight, block1.unit_1.conv2.bn.bias, postnorm.running_mean, logits.weight. timm's
/// resnetv2_50 and its like are other networks (they stride in each block's first unit and have no
/// biases): their weights do not fit. It is trained without dropout.
class ResnetV2 : public PooledNet
{
public:
    /// units: of the four blocks. 3, 4, 6, 3 are ResNet 50's.
    ResnetV2(const std::array<int, 4>& units, int classes);
    void foldBatchNorm() override;
    [[nodiscard]] std::int64_t multiplyAdds(int inputSide) const override;

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    std::shared_ptr<ConvLayer> m_root;
    std::vector<std::shared_ptr<ResnetV2Unit>> m_units;
    std::shared_ptr<NormLayer> m_postnorm;
};

} // namespace crossiter
