#include "core/attack/AttackTrace.h"

#include "core/classify/Labels.h"

#include <algorithm>

namespace crossiter {

int AttackTrace::judgeIndex(const std::string& id) const
{
    const auto found = std::find(judges.begin(), judges.end(), id);
    return found == judges.end() ? -1 : static_cast<int>(found - judges.begin());
}

bool AttackTrace::complete() const
{
    const int planned = madeElsewhere.empty() ? subStepCount(request) : 1;
    return static_cast<int>(subSteps.size()) == planned + 1;
}

std::vector<int> labelReturns(const AttackTrace& trace, int judge, int trueLabel)
{
    std::vector<int> returns;
    bool held = false; // the judge had the true label at the sub-step before
    bool everHeld = false;
    for (const auto& subStep : trace.subSteps) {
        const bool holds = subStep->judges.at(static_cast<std::size_t>(judge)).top1() == trueLabel;
        if (holds && !held && everHeld)
            returns.push_back(subStep->index);
        held = holds;
        everHeld = everHeld || holds;
    }
    return returns;
}

int jointTop1(const std::vector<Prediction>& predictions)
{
    if (predictions.empty())
        return -1;
    int best = -1;
    double bestSum = -1.0;
    for (int label = 1; label < kLabelCount; ++label) {
        double sum = 0.0;
        for (const Prediction& prediction : predictions)
            sum += prediction.probabilityOf(label);
        if (sum > bestSum) {
            bestSum = sum;
            best = label;
        }
    }
    return best;
}

} // namespace crossiter
