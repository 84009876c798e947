#pragma once

// Private to core/ops: what runs on a device. Built with nvcc: our kernels, whose bodies are those
// of the CPU (*Body.h). Built without: the same arithmetic in LibTorch's operations.

#include "core/ops/SignedStep.h"
#include "core/ops/Tf1ResizeTables.h"

namespace crossiter::cuda {

/// True: this build holds the kernels.
[[nodiscard]] bool kernelsBuilt() noexcept;

/// x: contiguous [N, C, inputs, inputs] on a device, float32 or float64; out: contiguous [N, C,
/// outputs, outputs]; axes on the same device and of the same type.
void tf1ResizeForward(const torch::Tensor& x, const ResizeAxes& axes, torch::Tensor& out);

/// The other way: gradient has the outputs' shape, out the inputs'.
void tf1ResizeBackward(const torch::Tensor& gradient, const ResizeAxes& axes, torch::Tensor& out);

/// All contiguous, of one shape, type and device.
void signedStep(const torch::Tensor& x, const torch::Tensor& gradient, const torch::Tensor& clean,
    const SignedStep& parameters, torch::Tensor& out);

} // namespace crossiter::cuda
