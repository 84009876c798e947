#pragma once

// Private to core/ops: the tables of a TF1 resize, where a kernel can read them.

#include "core/ops/Tf1Resize.h"
#include "core/ops/Tf1ResizeBody.h"

namespace crossiter {

/// One axis as tensors on one device: indices int32, weights in the images' type.
struct ResizeAxis
{
    torch::Tensor lower;
    torch::Tensor upper;
    torch::Tensor weight;
    torch::Tensor firstUse;
    torch::Tensor endUse;

    /// In float64 on the CPU.
    [[nodiscard]] static ResizeAxis make(int inputs, int outputs);
    [[nodiscard]] ResizeAxis to(torch::ScalarType type, torch::Device device) const;

    template <typename T>
    [[nodiscard]] ops::ResizeAxisView<T> view() const
    {
        return { lower.const_data_ptr<int>(), upper.const_data_ptr<int>(),
            weight.const_data_ptr<T>(), firstUse.const_data_ptr<int>(),
            endUse.const_data_ptr<int>(), static_cast<int>(firstUse.size(0)),
            static_cast<int>(lower.size(0)) };
    }
};

struct ResizeAxes
{
    ResizeAxis rows;
    ResizeAxis columns;
};

struct Tf1Resize::Tables
{
    ResizeAxes wide; ///< float64, CPU
    ResizeAxes narrow; ///< float32, CPU

    /// For another device they are copied there at each call: some kilobytes.
    [[nodiscard]] ResizeAxes at(torch::ScalarType type, torch::Device device) const;
};

} // namespace crossiter
