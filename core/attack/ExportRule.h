#pragma once

#include "core/attack/AttackTrace.h"

namespace crossiter {

/// Float image -> the bytes that would be saved: the save rule in the image's own type, then the
/// judge's clip to clean +- epsilon on integers, so that max |result - clean| <= epsilon255 always.
/// floats: 3 planes of clean.width * clean.height values in [-1, 1]. epsilon255 in 0..255.
/// Rules: voilin/nips-2017 (truncation; the stretch of scipy.misc.imsave) and CleverHans' toolkit
/// (the judge's clip).
[[nodiscard]] Image exportImage(
    const FloatImage& floats, const Image& clean, SaveRule rule, int epsilon255);

} // namespace crossiter
