#pragma once

#include "core/image/Image.h"

namespace crossiter {

/// How two pictures of one size differ, in grey levels.
struct ImageDiff
{
    int linf = 0; ///< max |a - b| over all values, 0..255
    double l2 = 0.0; ///< root mean square of a - b over all values, 0..255
    double l2Norm = 0.0; ///< sqrt(sum ((a - b) / 255)^2): the norm on the [0, 1] scale
    /// Mean SSIM of the luma (0.299 R + 0.587 G + 0.114 B), -1..1, as Wang et al. 2004: Gaussian
    /// window of 11x11, sigma 1.5, K1 0.01, K2 0.03, L 255, weighted (biased) variances, averaged
    /// over the places where the whole window fits. A side below 11 pixels shortens the window.
    double ssim = 1.0;
    double changedShare = 0.0; ///< pixels with any channel changed / pixels, 0..1
};

/// Throws Error(BadInput) when the sizes differ. Two empty pictures are equal.
[[nodiscard]] ImageDiff compareImages(const Image& a, const Image& b);

/// Only max |a - b|: cheap. Throws Error(BadInput) when the sizes differ.
[[nodiscard]] int linfDistance(const Image& a, const Image& b);

/// How a perturbation is made visible.
enum class PerturbationMode
{
    Signed, ///< 128 + gain * (adv - clean), clipped
    Magnitude, ///< gain * |adv - clean|, clipped
    EpsilonNormalised, ///< 127.5 + 127.5 * (adv - clean) / epsilon, clipped; gain not used
};

/// gain 1..255, epsilon255 >= 1 (grey levels); same sizes, else Error(BadInput).
[[nodiscard]] Image renderPerturbation(
    const Image& clean, const Image& adversarial, PerturbationMode mode, int gain, int epsilon255);

} // namespace crossiter
