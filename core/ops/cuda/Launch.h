#pragma once

// Private to core/ops/cuda: between nvcc, which sees no torch, and the compiler that does. All
// pointers are of one device, `stream` is a cudaStream_t of it; launches do not wait. Each returns
// a cudaError_t as a number, 0: launched.

#include "core/ops/Tf1ResizeBody.h"

namespace crossiter::cuda {

template <typename T>
int launchTf1ResizeForward(const T* x, const ops::ResizeAxisView<T>& rows,
    const ops::ResizeAxisView<T>& columns, long long planes, T* out, void* stream);

template <typename T>
int launchTf1ResizeBackward(const T* gradient, const ops::ResizeAxisView<T>& rows,
    const ops::ResizeAxisView<T>& columns, long long planes, T* out, void* stream);

template <typename T>
int launchSignedStep(const T* x, const T* gradient, const T* clean, T step, T epsilon, bool ball,
    long long count, T* out, void* stream);

const char* textOf(int error); ///< CUDA's own words

} // namespace crossiter::cuda
