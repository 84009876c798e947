#pragma once

#include <cstddef>

namespace crossiter {

/// A share with its 95 % interval, all 0..1.
struct Proportion
{
    std::size_t hits = 0;
    std::size_t total = 0;
    double share = 0.0; ///< hits / total; 0 when total is 0
    double low = 0.0;
    double high = 1.0;
};

/// Wilson's score interval without continuity correction (Wilson 1927, "Probable Inference, the Law
/// of Succession, and Statistical Inference"): it keeps to 0..1 and is honest for shares near
/// either end and for few images. total 0 gives 0..1. z: the normal quantile, 1.96 for 95 %. hits
/// <= total; a caller's mistake throws Error(Internal).
[[nodiscard]] Proportion wilson(std::size_t hits, std::size_t total, double z = 1.959963984540054);

/// McNemar's exact test of paired yes / no results (McNemar 1947; exact binomial form): two-sided p
/// of seeing discordant pairs split as unevenly as onlyFirst : onlySecond when either is as likely.
/// 1 when there is no discordant pair. Exact in double up to 1e6 pairs.
[[nodiscard]] double mcNemarExact(std::size_t onlyFirst, std::size_t onlySecond);

} // namespace crossiter
