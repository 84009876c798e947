#include "core/attack/TraceDifference.h"

#include "core/base/Error.h"

namespace crossiter {

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
    if (pixels > 0) {
        difference.equalPixels = static_cast<double>(equal) / static_cast<double>(pixels);
    }
    difference.sameLabel = a.attackedLabel == b.attackedLabel;
    std::size_t agree = 0;
    for (std::size_t judge = 0; judge < a.judges.size(); ++judge) {
        agree += a.judges[judge].top1() == b.judges[judge].top1() ? std::size_t { 1 } : 0;
    }
    if (!a.judges.empty()) {
        difference.equalTop1 = static_cast<double>(agree) / static_cast<double>(a.judges.size());
    }
    return difference;
}

} // namespace crossiter
