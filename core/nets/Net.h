#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {

struct NetOutput
{
    torch::Tensor logits; ///< [N, classes]
    torch::Tensor auxLogits; ///< [N, classes]; undefined: the network has no auxiliary head
};

/// An architecture in inference mode. Member names equal the checkpoint's keys (hence the odd
/// spelling inside). After freeze() a net is read-only: forward may run on several threads.
class Net : public torch::nn::Module
{
public:
    /// input: [N, 3, side, side], preprocessed, in the parameters' type. Any side from 32 works.
    [[nodiscard]] virtual NetOutput forward(const torch::Tensor& input) = 0;
    /// Merges each batch norm into the convolution before it (computed in float64), and lays the
    /// weights out channels-last. Call once, after loading and after moving to a device.
    virtual void foldBatchNorm() = 0;
    /// Multiply-adds of one image's forward pass, convolutions and matrix products only.
    [[nodiscard]] virtual std::int64_t multiplyAdds(int inputSide) const = 0;

    /// Inference mode, no parameter wants a gradient.
    void freeze();
};

/// Names that makeNet takes.
[[nodiscard]] const std::vector<std::string>& architectures();
/// A net with uninitialised weights in float32. Throws Error(BadInput) that lists the
/// architectures.
[[nodiscard]] std::shared_ptr<Net> makeNet(const std::string& architecture, int classes);

} // namespace crossiter
