#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

struct NetOutput
{
    torch::Tensor logits; ///< [N, classes]
    torch::Tensor auxLogits; ///< [N, classes]; undefined: the network has no auxiliary head
    /// [N, pooledFeatures], before any dropout mask; undefined where pooledFeatures() is 0.
    torch::Tensor features;
};

/// The last layer: logits = features * weight' + bias.
struct NetHead
{
    torch::Tensor weight; ///< [classes, pooledFeatures]
    torch::Tensor bias; ///< [classes]
};

/// What an architecture leaves open.
struct NetOptions
{
    int classes = 1000; ///< rows of the classifier
    bool auxHead = false; ///< Inception networks: build the auxiliary head AuxLogits
    /// Inception v3 only: average pools count the zeros of their padding (timm's port), instead of
    /// leaving them out as TF-Slim does.
    bool poolsCountPadding = false;
};

/// How a forward pass departs from plain inference.
struct ForwardOptions
{
    /// [N, pooledFeatures] or [1, pooledFeatures], multiplied onto the pooled features before the
    /// classifier; already scaled by 1 / keep. Undefined: none.
    torch::Tensor dropoutMask;
    /// Batch norms use this batch's mean and biased variance; running averages stay untouched.
    /// Error(Usage) after foldBatchNorm.
    bool batchStatistics = false;
    /// With batch statistics: the last picture stands for this many copies of itself, as far as
    /// mean and variance go; what the filling of a batch is then costs one forward pass.
    int lastCounts = 1;
    /// The last layer is left out: logits stay undefined. Where pooledFeatures() > 0.
    bool featuresOnly = false;
    /// Asked between the blocks. A pass that was stopped gives undefined tensors.
    std::stop_token stop;
};

/// An architecture in inference mode. Member names equal the checkpoint's keys (hence the odd
/// spelling inside). Fresh from makeNet its parameters are uninitialised memory that nothing has
/// touched. After freeze() a net is read-only: forward may run on several threads.
class Net : public torch::nn::Module
{
public:
    /// input: [N, 3, side, side], preprocessed, in the parameters' type. Any side from 32 works for
    /// EfficientNet-Lite and ResNet v2, from 75 for the Inception networks; their auxiliary head
    /// wants 299.
    [[nodiscard]] NetOutput forward(
        const torch::Tensor& input, const ForwardOptions& options = ForwardOptions())
    {
        return evaluate(input, options);
    }
    /// Merges each batch norm into the convolution before it, where there is one (computed in
    /// float64), and lays the
    /// weights out channels-last; each plain weight is let go as soon as its folded one is there.
    /// Call once, after loading and after moving to a device.
    virtual void foldBatchNorm() = 0;
    /// Multiply-adds of one image's forward pass, convolutions and matrix products only, auxiliary
    /// head left out.
    [[nodiscard]] virtual std::int64_t multiplyAdds(int inputSide) const = 0;
    /// Length of the pooled features that the classifier reads: 1280, 2048, 1536; 0: not known, and
    /// no dropout mask can be given.
    [[nodiscard]] virtual int pooledFeatures() const = 0;
    /// Undefined tensors where pooledFeatures() is 0.
    [[nodiscard]] virtual NetHead head() const { return {}; }
    /// Keep probability of the dropout before the classifier, as the network was trained; 0: not
    /// known, or trained without dropout (ResNet v2).
    [[nodiscard]] virtual double keepProbability() const { return 0.0; }

    /// Inference mode, no parameter wants a gradient.
    virtual void freeze();
    /// Of all parameters and buffers.
    [[nodiscard]] virtual std::uint64_t weightBytes() const;

protected:
    [[nodiscard]] virtual NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) = 0;
};

/// Names that makeNet takes.
[[nodiscard]] const std::vector<std::string>& architectures();
/// A net with uninitialised weights in float32. Throws Error(BadInput) that lists the
/// architectures.
[[nodiscard]] std::shared_ptr<Net> makeNet(
    const std::string& architecture, const NetOptions& options);
[[nodiscard]] std::shared_ptr<Net> makeNet(const std::string& architecture, int classes);

/// Key of the classifier's weight, whose rows are the classes: "_fc.weight", "fc.weight",
/// "last_linear.weight", "classif.weight", "logits.weight". Throws as makeNet does.
[[nodiscard]] std::string classifierKey(const std::string& architecture);
/// What the keys of the auxiliary head begin with: "AuxLogits."; empty: the architecture has none.
[[nodiscard]] std::string auxPrefix(const std::string& architecture);

} // namespace crossiter
