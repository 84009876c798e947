#pragma once

#include "core/classify/ModelStore.h"

#include <torch/torch.h>

#include <memory>
#include <string>

namespace crossiter {

/// A network that answers a picture with a picture: the slot in front of a classifier. Immutable;
/// safe to use from several threads.
class Purifier
{
public:
    Purifier() = default;
    virtual ~Purifier() = default;
    Purifier(const Purifier&) = delete;
    Purifier& operator=(const Purifier&) = delete;
    Purifier(Purifier&&) = delete;
    Purifier& operator=(Purifier&&) = delete;

    /// x: [N, 3, 299, 299] in [-1, 1], of the type and on the device it was loaded for. The same
    /// shape, clipped to [-1, 1]. Differentiable in x.
    [[nodiscard]] virtual torch::Tensor operator()(const torch::Tensor& x) const = 0;
    [[nodiscard]] virtual const std::string& weightsSha256() const = 0;
};

/// A model of the store as a purifier: a trusted TorchScript program, architecture
/// "purifier-torchscript" (what `models import` writes) or "torchscript".
/// One grey picture goes through it: Error(Usage) naming expected and found when the answer has
/// another shape (a classifier's logits), Error(BadInput) when the weights are not there, are not
/// the manifest's, or the program fails.
[[nodiscard]] std::shared_ptr<const Purifier> loadPurifier(
    const StoredModel& model, torch::ScalarType type, torch::Device device);

} // namespace crossiter
