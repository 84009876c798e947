#pragma once

#include "core/ops/HostDevice.h"

namespace crossiter::ops {

/// One axis of a TF1 bilinear resize. Output o lies between the inputs lower[o] and upper[o], at
/// weight[o] from the first; input i has a part in the outputs firstUse[i] .. endUse[i] - 1 and in
/// no others (both tables rise, so these are neighbours; none when a shrinking skips i).
template <typename T>
struct ResizeAxisView
{
    const int* lower; ///< [outputs]
    const int* upper; ///< [outputs], lower or lower + 1
    const T* weight; ///< [outputs], 0 <= weight < 1
    const int* firstUse; ///< [inputs]
    const int* endUse; ///< [inputs]
    int inputs;
    int outputs;
};

/// Output value (row, column) of a plane [rows.inputs, columns.inputs]: first along the columns,
/// then along the rows, as TensorFlow 1 does it.
template <typename T>
CROSSITER_HOST_DEVICE inline T tf1ResizeValue(const T* plane, const ResizeAxisView<T>& rows,
    const ResizeAxisView<T>& columns, int row, int column)
{
    const T* top = plane + static_cast<long long>(rows.lower[row]) * columns.inputs;
    const T* bottom = plane + static_cast<long long>(rows.upper[row]) * columns.inputs;
    const int left = columns.lower[column];
    const int right = columns.upper[column];
    const T along = columns.weight[column];
    const T above = top[left] + (top[right] - top[left]) * along;
    const T below = bottom[left] + (bottom[right] - bottom[left]) * along;
    return above + (below - above) * rows.weight[row];
}

/// Share of input `input` in output `output`.
template <typename T>
CROSSITER_HOST_DEVICE inline T tf1ResizeShare(const ResizeAxisView<T>& axis, int input, int output)
{
    // At the far end both neighbours are the last input: the shares add up to 1.
    return (axis.lower[output] == input ? T(1) - axis.weight[output] : T(0))
        + (axis.upper[output] == input ? axis.weight[output] : T(0));
}

/// Gradient of input value (row, column), gathered from a plane [rows.outputs, columns.outputs] of
/// output gradients. Gathering needs no atomics: the order of the sum is fixed on every device.
template <typename T>
CROSSITER_HOST_DEVICE inline T tf1ResizeGradient(const T* gradients, const ResizeAxisView<T>& rows,
    const ResizeAxisView<T>& columns, int row, int column)
{
    T sum = T(0);
    for (int r = rows.firstUse[row]; r < rows.endUse[row]; ++r) {
        const T* line = gradients + static_cast<long long>(r) * columns.outputs;
        T part = T(0);
        for (int c = columns.firstUse[column]; c < columns.endUse[column]; ++c)
            part += line[c] * tf1ResizeShare(columns, column, c);
        sum += part * tf1ResizeShare(rows, row, r);
    }
    return sum;
}

} // namespace crossiter::ops
