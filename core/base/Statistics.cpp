#include "core/base/Statistics.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace crossiter {

Proportion wilson(std::size_t hits, std::size_t total, double z)
{
    if (hits > total)
        throw Error(ErrorKind::Internal, "more hits than trials", "wilson", std::to_string(total),
            std::to_string(hits));
    Proportion out;
    out.hits = hits;
    out.total = total;
    if (total == 0)
        return out;
    const auto n = static_cast<double>(total);
    const double p = static_cast<double>(hits) / n;
    const double square = z * z;
    const double middle = (p + square / (2.0 * n)) / (1.0 + square / n);
    const double half =
        z / (1.0 + square / n) * std::sqrt(p * (1.0 - p) / n + square / (4.0 * n * n));
    out.share = p;
    // At the ends the bound is exactly 0 or 1; rounding must not say otherwise.
    out.low = hits == 0 ? 0.0 : std::max(0.0, middle - half);
    out.high = hits == total ? 1.0 : std::min(1.0, middle + half);
    return out;
}

double mcNemarExact(std::size_t onlyFirst, std::size_t onlySecond)
{
    const std::size_t pairs = onlyFirst + onlySecond;
    if (pairs == 0 || onlyFirst == onlySecond)
        return 1.0;
    const std::size_t fewer = std::min(onlyFirst, onlySecond);
    // Sum of the binomial tail in logarithms: 0.5^pairs underflows from 1075 pairs on.
    const auto n = static_cast<double>(pairs);
    double tail = 0.0;
    for (std::size_t k = 0; k <= fewer; ++k) {
        const auto x = static_cast<double>(k);
        tail += std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0)
            - n * std::log(2.0));
    }
    return std::min(1.0, 2.0 * tail);
}

} // namespace crossiter
