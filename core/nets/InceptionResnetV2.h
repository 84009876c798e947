#pragma once

#include "core/nets/Branches.h"
#include "core/nets/InceptionV3.h"

namespace crossiter {

/// x + scale * conv2d(branches(x)), then ReLU. Keys: branch0..., conv2d.weight, conv2d.bias.
class ResidualBlock : public torch::nn::Module
{
public:
    ResidualBlock(
        const std::vector<BranchChain>& branches, int channels, double scale, bool activate);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const;
    void fold();
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const;

private:
    Branches m_branches;
    std::shared_ptr<ConvLayer> m_up; ///< "conv2d": 1x1 with bias, no batch norm
    torch::Tensor m_foldedWeight; ///< [channels, joined], times scale
    torch::Tensor m_foldedBias;
    double m_scale;
    bool m_activate;
};

/// Inception-ResNet v2 (Szegedy et al. 2016, arXiv:1602.07261) as TF-Slim trains it, keys as timm
/// names them (conv2d_1a.conv.weight, repeat.0.branch1.0.bn.bias, block8.conv2d.bias,
/// classif.weight); the auxiliary head, which timm leaves out, is AuxLogits.conv0, .conv1, .fc.
/// Residual scales 0.17, 0.10, 0.20, the last block 1 without ReLU. Dropout before the classifier
/// keeps 0.8. Average pools leave their padding out.
class InceptionResnetV2 : public PooledNet
{
public:
    explicit InceptionResnetV2(const NetOptions& options);
    void foldBatchNorm() override;
    [[nodiscard]] std::int64_t multiplyAdds(int inputSide) const override;
    [[nodiscard]] double keepProbability() const override { return 0.8; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    std::vector<std::shared_ptr<ConvBlock>> m_stem;
    std::shared_ptr<BranchBlock> m_mixed5b;
    std::vector<std::shared_ptr<ResidualBlock>> m_repeat; ///< 35x35
    std::shared_ptr<BranchBlock> m_mixed6a;
    std::vector<std::shared_ptr<ResidualBlock>> m_repeat1; ///< 17x17
    std::shared_ptr<InceptionAux> m_aux; ///< null: none
    std::shared_ptr<BranchBlock> m_mixed7a;
    std::vector<std::shared_ptr<ResidualBlock>> m_repeat2; ///< 8x8, with block8
    std::shared_ptr<ConvBlock> m_head;
};

} // namespace crossiter
