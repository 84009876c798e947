#include "core/attack/AttackTrace.h"

#include "core/base/Error.h"
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
    return madeElsewhere.empty() ? static_cast<int>(subSteps.size()) == subStepCount(request) + 1
                                 : subSteps.size() > 1 && !cancelled;
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

SubStepDifference differenceOf(const SubStep& a, const SubStep& b)
{
    if (a.exported.rgb.size() != b.exported.rgb.size() || a.judges.size() != b.judges.size()) {
        throw Error(ErrorKind::Internal, "cannot compare sub-steps", "sub-step of another attack",
            "equal sizes and judges", "others");
    }
    SubStepDifference difference;
    const auto& x = a.exported.rgb;
    const auto& y = b.exported.rgb;
    std::size_t equal = 0;
    for (std::size_t at = 0; at + 2 < x.size(); at += 3) {
        equal += x[at] == y[at] && x[at + 1] == y[at + 1] && x[at + 2] == y[at + 2]
            ? std::size_t { 1 }
            : 0;
    }
    const std::size_t pixels = x.size() / 3;
    difference.samePicture = equal == pixels;
    if (pixels > 0)
        difference.equalPixels = static_cast<double>(equal) / static_cast<double>(pixels);
    difference.sameLabel = a.attackedLabel == b.attackedLabel;
    std::size_t agree = 0;
    for (std::size_t judge = 0; judge < a.judges.size(); ++judge)
        agree += a.judges[judge].top1() == b.judges[judge].top1() ? std::size_t { 1 } : 0;
    if (!a.judges.empty())
        difference.equalTop1 = static_cast<double>(agree) / static_cast<double>(a.judges.size());
    return difference;
}

} // namespace crossiter
