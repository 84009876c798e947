#pragma once

#include "core/attack/AttackTrace.h"

namespace crossiter {

/// How far two traces of one attack are apart at one sub-step.
struct SubStepDifference
{
    double equalPixels = 1.0; ///< 0..1: pixels of the exported pictures equal in all three values
    double equalTop1 = 1.0; ///< 0..1: judges with the same top-1; 1 without judges
    bool samePicture = true; ///< the exported pictures are byte-equal
    bool sameLabel = true; ///< both attacked the same label
};

/// Both of one photo and of requests that differ only in how they are computed (numerics, threads,
/// device): same size of picture, same judges. Else Error(Internal).
[[nodiscard]] SubStepDifference differenceOf(const SubStep& a, const SubStep& b);

} // namespace crossiter
