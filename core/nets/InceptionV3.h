#pragma once

#include "core/nets/Layers.h"

#include <map>

namespace crossiter {

/// One mixed block of Inception v3: convolutions by name, and how they are joined.
class InceptionBlock : public torch::nn::Module
{
public:
    [[nodiscard]] virtual torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const = 0;
    virtual void fold();
    /// Multiply-adds for a square input; `side` becomes the output's.
    [[nodiscard]] virtual std::int64_t multiplyAdds(int& side) const;

protected:
    /// stride 2 reduces without padding, stride 1 keeps the side.
    void add(const std::string& name, int inputs, int outputs, std::array<int, 2> kernel,
        int stride = 1);
    [[nodiscard]] torch::Tensor run(
        const char* name, const torch::Tensor& x, const ForwardOptions& options) const;

private:
    std::map<std::string, std::shared_ptr<ConvBlock>, std::less<>> m_convs;
    std::vector<std::pair<std::shared_ptr<ConvBlock>, bool>> m_order; ///< true: reduces the side
};

/// Auxiliary classifier on the 17x17 stage. Both Inception networks of TF-Slim have this one, with
/// their own channels.
class InceptionAux : public torch::nn::Module
{
public:
    InceptionAux(int inputs, int classes);
    /// x: [N, inputs, 17, 17] at 299; at other sides the last convolution's map is averaged.
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const; ///< [N, classes]
    void fold();

private:
    std::shared_ptr<ConvBlock> m_conv0;
    std::shared_ptr<ConvBlock> m_conv1;
    std::shared_ptr<DenseLayer> m_fc;
};

/// Inception v3 (Szegedy et al. 2015, arXiv:1512.00567) as TF-Slim trains it: batch norm
/// everywhere, no bias, epsilon 0.001. Keys are timm's (Conv2d_1a_3x3.conv.weight,
/// Mixed_5b.branch1x1.bn.bias, AuxLogits.conv0..., fc.weight). Dropout before the classifier keeps
/// 0.8.
class InceptionV3 : public PooledNet
{
public:
    explicit InceptionV3(const NetOptions& options);
    void foldBatchNorm() override;
    [[nodiscard]] std::int64_t multiplyAdds(int inputSide) const override;
    [[nodiscard]] double keepProbability() const override { return 0.8; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    std::vector<std::shared_ptr<ConvBlock>> m_stem;
    std::vector<std::shared_ptr<InceptionBlock>> m_blocks;
    std::shared_ptr<InceptionAux> m_aux; ///< null: none
};

/// [N, C, H, W] -> 3x3 average with stride 1 and the side kept.
[[nodiscard]] torch::Tensor averagePool3(const torch::Tensor& x, bool countPadding);
/// 3x3 maximum with stride 2, without padding.
[[nodiscard]] torch::Tensor maxPool3(const torch::Tensor& x);
/// Side behind a 3x3 window with stride 2 and no padding.
[[nodiscard]] constexpr int reducedSide(int side)
{
    return (side - 3) / 2 + 1;
}

} // namespace crossiter
