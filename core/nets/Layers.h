#pragma once

#include "core/nets/Net.h"

#include <array>
#include <memory>
#include <vector>

namespace crossiter {

// Layers whose parameters nothing initialises: they are filled by a checkpoint at once, and a
// mapped file's memory can be put in their place without a copy. LibTorch's own layers draw random
// numbers into every weight first, which costs time and touches all the memory.

/// Weight [outputs, inputs / groups, height, width] and, if asked for, bias [outputs].
class ConvLayer : public torch::nn::Module
{
public:
    ConvLayer(
        int inputs, int outputs, std::array<int, 2> kernel, int groups = 1, bool withBias = false);

    torch::Tensor weight;
    torch::Tensor bias; ///< undefined without
};

/// weight, bias, running_mean, running_var, num_batches_tracked, as torch.nn.BatchNorm2d names
/// them.
class NormLayer : public torch::nn::Module
{
public:
    explicit NormLayer(int channels);

    torch::Tensor weight;
    torch::Tensor bias;
    torch::Tensor running_mean; // NOLINT(readability-identifier-naming): a checkpoint's key
    torch::Tensor running_var; // NOLINT(readability-identifier-naming): a checkpoint's key
    torch::Tensor num_batches_tracked; // NOLINT(readability-identifier-naming): a checkpoint's key
};

/// weight [outputs, inputs], bias [outputs].
class DenseLayer : public torch::nn::Module
{
public:
    DenseLayer(int inputs, int outputs);
    [[nodiscard]] torch::Tensor forward(const torch::Tensor& x) const;

    torch::Tensor weight;
    torch::Tensor bias;
};

/// Epsilon of the batch norms here, if nothing else is said: TensorFlow's 0.001.
inline constexpr double kNormEpsilon = 1e-3;

enum class Padding
{
    Same, ///< TensorFlow's: ceil(side / stride) outputs, the odd zero at the end
    Valid, ///< none
    Centred ///< (kernel - 1) / 2 zeros at each end, whatever the side; odd kernels only
};

enum class Activation
{
    None,
    Relu,
    Relu6
};

struct ConvNormShape
{
    int inputs = 0;
    int outputs = 0;
    std::array<int, 2> kernel { 1, 1 }; ///< height, width
    int stride = 1;
    Padding padding = Padding::Same;
    Activation activation = Activation::Relu;
    int groups = 1;
    double epsilon = kNormEpsilon; ///< of the batch norm
};

/// Batch norm of y [N, C, H, W] with the layer's running statistics or, where `options` asks for
/// them, with the batch's own.
[[nodiscard]] torch::Tensor normalized(
    const torch::Tensor& y, const NormLayer& norm, double epsilon, const ForwardOptions& options);

/// A convolution without bias, a batch norm and an activation. The two layers are modules of
/// whoever owns this and carry the checkpoint's names there; this struct knows how to run them.
struct ConvNorm
{
    ConvNormShape shape;
    std::shared_ptr<ConvLayer> conv; ///< null: no such layer in this block
    std::shared_ptr<NormLayer> norm;
    torch::Tensor foldedWeight; ///< defined after fold(); [outputs, inputs] for a 1x1 convolution
    torch::Tensor foldedBias;

    ConvNorm() = default;
    /// Registers the layers with `owner` under the two names.
    ConvNorm(torch::nn::Module& owner, const std::string& convName, const std::string& normName,
        const ConvNormShape& wanted);

    /// x: [N, inputs, H, W].
    [[nodiscard]] torch::Tensor run(const torch::Tensor& x, const ForwardOptions& options) const;
    void fold();
    /// Multiply-adds for a square input; `side` becomes the output's.
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const;
};

/// ConvNorm as a module of its own, with the keys conv.weight, bn.weight, ... (timm's).
class ConvBlock : public torch::nn::Module
{
public:
    explicit ConvBlock(const ConvNormShape& shape)
        : m_layers(*this, "conv", "bn", shape)
    {
    }
    [[nodiscard]] torch::Tensor run(const torch::Tensor& x, const ForwardOptions& options) const
    {
        return m_layers.run(x, options);
    }
    void fold() { m_layers.fold(); }
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const { return m_layers.multiplyAdds(side); }

private:
    ConvNorm m_layers;
};

/// Mean over height and width, [N, C]. Keeps the gradient channels-last: the mean's own comes as an
/// expanded scalar without a layout, and everything before would follow it into NCHW and copy at
/// each layer.
[[nodiscard]] torch::Tensor pooled(const torch::Tensor& x);

/// The end of a network: x [N, C, H, W] pooled, times the dropout mask if there is one, through the
/// classifier.
[[nodiscard]] NetOutput classified(const torch::Tensor& x, const torch::Tensor& auxLogits,
    const DenseLayer& classifier, const ForwardOptions& options);

/// A network that ends so: the mean over the picture, then a dense layer.
class PooledNet : public Net
{
public:
    [[nodiscard]] int pooledFeatures() const override
    {
        return static_cast<int>(m_fc->weight.size(1));
    }
    [[nodiscard]] NetHead head() const override { return { m_fc->weight, m_fc->bias }; }

protected:
    std::shared_ptr<DenseLayer> m_fc; ///< registered under the checkpoint's name
};

/// x through the blocks, one after another; false when it was stopped on the way.
template <typename Block>
[[nodiscard]] bool runBlocks(const std::vector<std::shared_ptr<Block>>& blocks, torch::Tensor& x,
    const ForwardOptions& options)
{
    for (const auto& block : blocks) {
        if (options.stop.stop_requested())
            return false;
        x = block->forward(x, options);
    }
    return true;
}

/// Makes a large plain weight's memory free; its shape stays readable.
void letGo(torch::Tensor& weight);

} // namespace crossiter
