#pragma once

#include <torch/torch.h>

#include <memory>

namespace crossiter {

/// TensorFlow 1's bilinear resize (tf.image.resize_bilinear, align_corners = False), the grid of
/// the competition's resize defenses: src = i * inputs / outputs, lo = floor(src), hi = min(lo + 1,
/// inputs - 1), no half-pixel centres, no antialiasing. LibTorch's interpolate is another grid.
/// Positions are taken in float64 and rounded once to the tensor's type; TensorFlow takes them in
/// float32, up to 5e-5 away. The tables of both axes are computed once, at construction.
/// Immutable; safe to use from several threads.
class Tf1Resize
{
public:
    /// Sides in pixels, each 1..4096 (Error(Usage) else).
    Tf1Resize(int inputHeight, int inputWidth, int outputHeight, int outputWidth);

    /// x: [N, C, inputHeight, inputWidth], float32 or float64, any device. Returns [N, C,
    /// outputHeight, outputWidth], contiguous, same type and device. Differentiable once. A side
    /// that does not change is copied as it is.
    [[nodiscard]] torch::Tensor operator()(const torch::Tensor& x) const;

    struct Tables; ///< private to core/ops

private:
    std::shared_ptr<const Tables> m_tables;
};

} // namespace crossiter
