#pragma once

#include "core/classify/Prediction.h"
#include "core/image/Image.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <cstdint>
#include <string>

namespace crossiter {

/// What an attack differentiates: image space in, logits out. A classifier is one; a defense in
/// front of a classifier is another.
class DifferentiableSource
{
public:
    DifferentiableSource() = default;
    virtual ~DifferentiableSource() = default;
    DifferentiableSource(const DifferentiableSource&) = delete;
    DifferentiableSource& operator=(const DifferentiableSource&) = delete;

    /// x: [N, 3, 299, 299] in [-1, 1], type scalarType(), on device(). Differentiable in x; safe to
    /// call from several threads.
    [[nodiscard]] virtual NetOutput logits(const torch::Tensor& x) const = 0;
    /// The same with one draw of a random defense: everything random in this pass is a function of
    /// `draw`. A source without anything random ignores it.
    [[nodiscard]] virtual NetOutput logitsOfDraw(const torch::Tensor& x, std::uint64_t draw) const
    {
        static_cast<void>(draw);
        return logits(x);
    }
    [[nodiscard]] virtual bool random() const { return false; } ///< draws differ from each other
    [[nodiscard]] virtual const std::string& id() const = 0;
    [[nodiscard]] virtual int classes() const = 0;
    [[nodiscard]] virtual int labelOffset() const = 0; ///< competition label = index + offset
    [[nodiscard]] virtual torch::ScalarType scalarType() const = 0;
    [[nodiscard]] virtual torch::Device device() const = 0;

    /// Softmax of row 0 by competition label: 1001 values.
    [[nodiscard]] std::vector<float> probabilities(const torch::Tensor& logits) const;
    /// What it says of an 8-bit 299x299 image. No gradient is kept.
    [[nodiscard]] Prediction predict(const Image& image) const;
};

/// 8-bit image -> [1, 3, H, W] in [-1, 1]: u / 255 * 2 - 1 in `type`'s own arithmetic, the division
/// first (docs/rules.md: truncation at export makes the order matter).
[[nodiscard]] torch::Tensor toTensor(const Image& image, torch::ScalarType type);

} // namespace crossiter
