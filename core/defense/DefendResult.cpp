#include "core/defense/DefendResult.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace crossiter {

std::size_t SweepResult::planned() const
{
    return request.sizes.size() * request.subSteps.size() * request.models.size();
}

const SweepCell* SweepResult::cell(int subStep, int size, int model) const
{
    const auto place = [](const SweepCell& cell) {
        return std::tuple(cell.subStep, cell.size, cell.model);
    };
    const std::tuple wanted(subStep, size, model);
    const auto found = std::ranges::lower_bound(cells, wanted, {}, place);
    return found != cells.end() && place(*found) == wanted ? &*found : nullptr;
}

std::optional<int> SweepResult::bestSize(std::optional<int> subStep) const
{
    if (!request.trueLabel || request.subSteps.empty())
        return std::nullopt;
    const int wanted = subStep.value_or(request.subSteps.back());
    std::map<int, std::pair<double, int>> sums; // size -> sum, cells
    for (const SweepCell& cell : cells) {
        if (cell.subStep != wanted)
            continue;
        sums[cell.size].first += cell.trueProbability;
        ++sums[cell.size].second;
    }
    std::optional<int> best;
    double highest = -1.0;
    for (const auto& [size, sum] : sums) {
        // A size that a stop left without some of its models cannot be compared.
        if (sum.second != static_cast<int>(request.models.size()))
            continue;
        const double mean = sum.first / sum.second;
        if (mean >= highest) { // ties to the larger size
            highest = mean;
            best = size;
        }
    }
    return best;
}

} // namespace crossiter
