#include "core/ops/SignedStep.h"

#include "core/ops/SignedStepBody.h"
#include "core/ops/cuda/Kernels.h"

namespace crossiter {

namespace {

template <typename T>
void runOnCpu(const torch::Tensor& x, const torch::Tensor& gradient, const torch::Tensor& clean,
    const SignedStep& p, torch::Tensor& out)
{
    const T* from = x.const_data_ptr<T>();
    const T* slope = gradient.const_data_ptr<T>();
    const T* origin = clean.const_data_ptr<T>();
    T* to = out.mutable_data_ptr<T>();
    const auto step = static_cast<T>(p.step);
    const auto epsilon = static_cast<T>(p.epsilon);
    for (std::int64_t i = 0; i < x.numel(); ++i)
        to[i] = ops::signedStepValue<T>(from[i], slope[i], origin[i], step, epsilon, p.ball);
}

} // namespace

torch::Tensor signedStep(const torch::Tensor& x, const torch::Tensor& gradient,
    const torch::Tensor& clean, const SignedStep& parameters)
{
    TORCH_INTERNAL_ASSERT(x.sizes() == gradient.sizes() && x.sizes() == clean.sizes());
    const torch::Tensor from = x.contiguous();
    const torch::Tensor slope = gradient.contiguous();
    const torch::Tensor origin = clean.contiguous();
    torch::Tensor out = torch::empty_like(from);
    if (!from.is_cpu())
        cuda::signedStep(from, slope, origin, parameters, out);
    else if (from.scalar_type() == torch::kDouble)
        runOnCpu<double>(from, slope, origin, parameters, out);
    else
        runOnCpu<float>(from, slope, origin, parameters, out);
    return out;
}

} // namespace crossiter
