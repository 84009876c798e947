#include "core/ops/Tf1Resize.h"

#include "core/base/Error.h"
#include "core/ops/Tf1ResizeTables.h"
#include "core/ops/cuda/Kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace crossiter {

namespace {

constexpr int kMaxSide = 4096;
constexpr std::int64_t kRowsPerTask = 64;

/// Runs body(plane, row) over all rows of all planes.
template <typename Body>
void overRows(std::int64_t planes, std::int64_t rows, const Body& body)
{
    at::parallel_for(
        0, planes * rows, kRowsPerTask,
        [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                body(i / rows, static_cast<int>(i % rows));
        });
}

template <typename T>
void forwardOnCpu(const torch::Tensor& x, const ResizeAxes& axes, torch::Tensor& out)
{
    const auto rows = axes.rows.view<T>();
    const auto columns = axes.columns.view<T>();
    const T* from = x.const_data_ptr<T>();
    T* to = out.mutable_data_ptr<T>();
    const std::int64_t inputs = static_cast<std::int64_t>(rows.inputs) * columns.inputs;
    overRows(x.size(0) * x.size(1), rows.outputs, [&](std::int64_t plane, int row) {
        T* line = to + (plane * rows.outputs + row) * columns.outputs;
        for (int column = 0; column < columns.outputs; ++column)
            line[column] =
                ops::tf1ResizeValue<T>(from + plane * inputs, rows, columns, row, column);
    });
}

template <typename T>
void backwardOnCpu(const torch::Tensor& gradient, const ResizeAxes& axes, torch::Tensor& out)
{
    const auto rows = axes.rows.view<T>();
    const auto columns = axes.columns.view<T>();
    const T* from = gradient.const_data_ptr<T>();
    T* to = out.mutable_data_ptr<T>();
    const std::int64_t outputs = static_cast<std::int64_t>(rows.outputs) * columns.outputs;
    overRows(gradient.size(0) * gradient.size(1), rows.inputs, [&](std::int64_t plane, int row) {
        T* line = to + (plane * rows.inputs + row) * columns.inputs;
        for (int column = 0; column < columns.inputs; ++column)
            line[column] =
                ops::tf1ResizeGradient<T>(from + plane * outputs, rows, columns, row, column);
    });
}

torch::Tensor newPlanes(const torch::Tensor& like, int height, int width)
{
    return torch::empty({ like.size(0), like.size(1), height, width }, like.options());
}

/// x: contiguous, [N, C, inputs, inputs].
torch::Tensor forward(const torch::Tensor& x, const ResizeAxes& axes)
{
    torch::Tensor out = newPlanes(
        x, static_cast<int>(axes.rows.lower.size(0)), static_cast<int>(axes.columns.lower.size(0)));
    if (!x.is_cpu())
        cuda::tf1ResizeForward(x, axes, out);
    else if (x.scalar_type() == torch::kDouble)
        forwardOnCpu<double>(x, axes, out);
    else
        forwardOnCpu<float>(x, axes, out);
    return out;
}

torch::Tensor backward(const torch::Tensor& gradient, const ResizeAxes& axes)
{
    torch::Tensor out = newPlanes(gradient, static_cast<int>(axes.rows.firstUse.size(0)),
        static_cast<int>(axes.columns.firstUse.size(0)));
    if (!gradient.is_cpu())
        cuda::tf1ResizeBackward(gradient, axes, out);
    else if (gradient.scalar_type() == torch::kDouble)
        backwardOnCpu<double>(gradient, axes, out);
    else
        backwardOnCpu<float>(gradient, axes, out);
    return out;
}

/// Tables travel as saved tensors, so that nothing outlives or outruns the graph.
class ResizeFunction : public torch::autograd::Function<ResizeFunction>
{
public:
    static torch::Tensor forward(
        torch::autograd::AutogradContext* context, const torch::Tensor& x, const ResizeAxes& axes)
    {
        context->save_for_backward({ axes.rows.lower, axes.rows.upper, axes.rows.weight,
            axes.rows.firstUse, axes.rows.endUse, axes.columns.lower, axes.columns.upper,
            axes.columns.weight, axes.columns.firstUse, axes.columns.endUse });
        return crossiter::forward(x.contiguous(), axes);
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients)
    {
        const auto t = context->get_saved_variables();
        const ResizeAxes axes { { t[0], t[1], t[2], t[3], t[4] },
            { t[5], t[6], t[7], t[8], t[9] } };
        return { crossiter::backward(gradients[0].contiguous(), axes), {} };
    }
};

} // namespace

ResizeAxis ResizeAxis::make(int inputs, int outputs)
{
    const auto whole = torch::TensorOptions().dtype(torch::kInt32);
    ResizeAxis axis { torch::empty({ outputs }, whole), torch::empty({ outputs }, whole),
        torch::empty({ outputs }, torch::kDouble), torch::empty({ inputs }, whole),
        torch::empty({ inputs }, whole) };
    int* lower = axis.lower.mutable_data_ptr<int>();
    int* upper = axis.upper.mutable_data_ptr<int>();
    for (int o = 0; o < outputs; ++o) {
        // In whole numbers: the position's floor is exact.
        const std::int64_t scaled = static_cast<std::int64_t>(o) * inputs;
        lower[o] = static_cast<int>(scaled / outputs);
        upper[o] = std::min(lower[o] + 1, inputs - 1);
        axis.weight.mutable_data_ptr<double>()[o] = static_cast<double>(scaled % outputs) / outputs;
    }
    for (int i = 0; i < inputs; ++i) {
        axis.firstUse.mutable_data_ptr<int>()[i] =
            static_cast<int>(std::lower_bound(upper, upper + outputs, i) - upper);
        axis.endUse.mutable_data_ptr<int>()[i] =
            static_cast<int>(std::upper_bound(lower, lower + outputs, i) - lower);
    }
    return axis;
}

ResizeAxis ResizeAxis::to(torch::ScalarType type, torch::Device device) const
{
    return { lower.to(device), upper.to(device), weight.to(type).to(device), firstUse.to(device),
        endUse.to(device) };
}

ResizeAxes Tf1Resize::Tables::at(torch::ScalarType type, torch::Device device) const
{
    const ResizeAxes& host = type == torch::kDouble ? wide : narrow;
    if (device.is_cpu())
        return host;
    return { host.rows.to(type, device), host.columns.to(type, device) };
}

Tf1Resize::Tf1Resize(int inputHeight, int inputWidth, int outputHeight, int outputWidth)
{
    for (const int side : { inputHeight, inputWidth, outputHeight, outputWidth }) {
        if (side < 1 || side > kMaxSide)
            throw Error(ErrorKind::Usage, "side out of range", "resize",
                "1.." + std::to_string(kMaxSide) + " pixels", std::to_string(side));
    }
    auto tables = std::make_shared<Tables>();
    tables->wide = { ResizeAxis::make(inputHeight, outputHeight),
        ResizeAxis::make(inputWidth, outputWidth) };
    tables->narrow = { tables->wide.rows.to(torch::kFloat, torch::kCPU),
        tables->wide.columns.to(torch::kFloat, torch::kCPU) };
    m_tables = std::move(tables);
}

torch::Tensor Tf1Resize::operator()(const torch::Tensor& x) const
{
    TORCH_INTERNAL_ASSERT(
        x.dim() == 4 && (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kDouble));
    const ResizeAxes axes = m_tables->at(x.scalar_type(), x.device());
    TORCH_INTERNAL_ASSERT(
        x.size(2) == axes.rows.firstUse.size(0) && x.size(3) == axes.columns.firstUse.size(0));
    return ResizeFunction::apply(x, axes);
}

} // namespace crossiter
