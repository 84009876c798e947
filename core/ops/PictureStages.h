#pragma once

#include <torch/torch.h>

namespace crossiter {

// Steps of defenses on pictures x: [N, 3, H, W] in [-1, 1], float32 or float64, any device. Each
// returns a new tensor of x's type on x's device. Differentiable as said.

/// Where a random resize puts the picture.
struct PadPlace
{
    int side = 331; ///< of the resized picture, 1..padded side
    int top = 0; ///< 0..padded side - side
    int left = 0;
};

/// Nearest neighbour to place.side (src = floor(i * in / out), TF1's), then zeros round it up to
/// paddedSide: [N, 3, paddedSide, paddedSide]. Zero is mid-grey on this scale. Differentiable.
/// Places out of range are Error(Usage). Source: cihangxie/NIPS2017_adv_challenge_defense.
[[nodiscard]] torch::Tensor resizeAndPad(
    const torch::Tensor& x, const PadPlace& place, int paddedSide);

/// 2^bits grey levels, 1..8 (Error(Usage) else): round(u (2^bits - 1)) / (2^bits - 1) with u on
/// 0..1, halves to even (Xu, Evans and Qi 2017, arXiv:1704.01155). Straight-through gradient.
[[nodiscard]] torch::Tensor reduceBits(const torch::Tensor& x, int bits);

/// Median of a side x side window round each pixel, each channel alone; beyond the edge the picture
/// is mirrored with its edge repeated (SciPy's "reflect"). side odd, 3..15 (Error(Usage) else). The
/// gradient goes to the chosen pixel.
[[nodiscard]] torch::Tensor medianFilter(const torch::Tensor& x, int side);

/// Rounded to 8 bits, JPEG of this quality, decoded (core/image's codec). quality 1..100
/// (Error(Usage) else). Straight-through gradient.
[[nodiscard]] torch::Tensor jpegRoundTrip(const torch::Tensor& x, int quality);

} // namespace crossiter
