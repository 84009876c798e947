#include "core/base/Error.h"
#include "core/ops/cuda/Kernels.h"
#include "core/ops/cuda/Launch.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace crossiter::cuda {

namespace {

void require(int error, const char* kernel)
{
    if (error != 0)
        throw Error(ErrorKind::Device, "kernel not launched", kernel, {}, textOf(error));
}

void* streamOf(const torch::Tensor& tensor)
{
    return c10::cuda::getCurrentCUDAStream(tensor.device().index()).stream();
}

template <typename T>
void forward(const torch::Tensor& x, const ResizeAxes& axes, torch::Tensor& out)
{
    require(
        launchTf1ResizeForward<T>(x.const_data_ptr<T>(), axes.rows.view<T>(),
            axes.columns.view<T>(), x.size(0) * x.size(1), out.mutable_data_ptr<T>(), streamOf(x)),
        "TF1 resize");
}

template <typename T>
void backward(const torch::Tensor& gradient, const ResizeAxes& axes, torch::Tensor& out)
{
    require(launchTf1ResizeBackward<T>(gradient.const_data_ptr<T>(), axes.rows.view<T>(),
                axes.columns.view<T>(), gradient.size(0) * gradient.size(1),
                out.mutable_data_ptr<T>(), streamOf(gradient)),
        "TF1 resize's gradient");
}

template <typename T>
void step(const torch::Tensor& x, const torch::Tensor& gradient, const torch::Tensor& clean,
    const SignedStep& p, torch::Tensor& out)
{
    require(launchSignedStep<T>(x.const_data_ptr<T>(), gradient.const_data_ptr<T>(),
                clean.const_data_ptr<T>(), static_cast<T>(p.step), static_cast<T>(p.epsilon),
                p.ball, x.numel(), out.mutable_data_ptr<T>(), streamOf(x)),
        "signed step");
}

} // namespace

bool kernelsBuilt() noexcept
{
    return true;
}

void tf1ResizeForward(const torch::Tensor& x, const ResizeAxes& axes, torch::Tensor& out)
{
    const c10::cuda::CUDAGuard guard(x.device());
    x.scalar_type() == torch::kDouble ? forward<double>(x, axes, out)
                                      : forward<float>(x, axes, out);
}

void tf1ResizeBackward(const torch::Tensor& gradient, const ResizeAxes& axes, torch::Tensor& out)
{
    const c10::cuda::CUDAGuard guard(gradient.device());
    gradient.scalar_type() == torch::kDouble ? backward<double>(gradient, axes, out)
                                             : backward<float>(gradient, axes, out);
}

void signedStep(const torch::Tensor& x, const torch::Tensor& gradient, const torch::Tensor& clean,
    const SignedStep& parameters, torch::Tensor& out)
{
    const c10::cuda::CUDAGuard guard(x.device());
    x.scalar_type() == torch::kDouble ? step<double>(x, gradient, clean, parameters, out)
                                      : step<float>(x, gradient, clean, parameters, out);
}

} // namespace crossiter::cuda
