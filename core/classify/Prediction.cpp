#include "core/classify/Prediction.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace crossiter {

int Prediction::top1() const
{
    // max_element keeps the first of equal values: the smaller label, as top() orders them.
    const auto best = std::ranges::max_element(probabilities);
    return static_cast<int>(best - probabilities.begin());
}

int Prediction::leastLikely() const
{
    const auto least = std::min_element(probabilities.begin() + 1, probabilities.end());
    return static_cast<int>(least - probabilities.begin());
}

double Prediction::probabilityOf(int label) const
{
    if (label < 0 || static_cast<std::size_t>(label) >= probabilities.size())
        return 0.0;
    return static_cast<double>(probabilities[static_cast<std::size_t>(label)]);
}

std::vector<RankedLabel> Prediction::top(int count) const
{
    std::vector<int> order(probabilities.size());
    std::iota(order.begin(), order.end(), 0);
    const auto wanted = std::min(order.size(), static_cast<std::size_t>(std::max(count, 0)));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted),
        order.end(), [this](int a, int b) {
            const float pa = probabilities[static_cast<std::size_t>(a)];
            const float pb = probabilities[static_cast<std::size_t>(b)];
            return pa > pb || (pa == pb && a < b);
        });
    std::vector<RankedLabel> best;
    best.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i)
        best.push_back({ order[i], probabilityOf(order[i]) });
    return best;
}

} // namespace crossiter
