#pragma once

#include "core/ops/HostDevice.h"

namespace crossiter::ops {

/// One value of signedStep, in type T (float or double). All arguments are rounded to T before.
template <typename T>
CROSSITER_HOST_DEVICE inline T signedStepValue(
    T x, T gradient, T clean, T step, T epsilon, bool ball)
{
    T move =
        gradient > T(0) ? step : (gradient < T(0) ? -step : T(0)); // NaN compares false: no move
    move = move < -epsilon ? -epsilon : (move > epsilon ? epsilon : move);
    T y = x + move;
    if (ball) {
        const T low = clean - epsilon;
        const T high = clean + epsilon;
        y = y < low ? low : (y > high ? high : y);
    }
    return y < T(-1) ? T(-1) : (y > T(1) ? T(1) : y);
}

} // namespace crossiter::ops
