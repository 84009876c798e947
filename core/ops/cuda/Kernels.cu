#include "core/ops/SignedStepBody.h"
#include "core/ops/cuda/Launch.h"

#include <cuda_runtime_api.h>

namespace crossiter::cuda {

namespace {

constexpr int kThreads = 256;
constexpr long long kMaxBlocks = 65535; // a grid-stride loop takes the rest

int blocksFor(long long count)
{
    const long long blocks = (count + kThreads - 1) / kThreads;
    return static_cast<int>(blocks < kMaxBlocks ? blocks : kMaxBlocks);
}

__device__ long long firstIndex()
{
    return static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ long long indexStride()
{
    return static_cast<long long>(gridDim.x) * blockDim.x;
}

template <typename T>
__global__ void resizeForward(const T* x, ops::ResizeAxisView<T> rows,
    ops::ResizeAxisView<T> columns, long long count, T* out)
{
    const long long inputs = static_cast<long long>(rows.inputs) * columns.inputs;
    for (long long i = firstIndex(); i < count; i += indexStride()) {
        const int column = static_cast<int>(i % columns.outputs);
        const long long line = i / columns.outputs;
        const int row = static_cast<int>(line % rows.outputs);
        const T* plane = x + line / rows.outputs * inputs;
        out[i] = ops::tf1ResizeValue<T>(plane, rows, columns, row, column);
    }
}

template <typename T>
__global__ void resizeBackward(const T* gradient, ops::ResizeAxisView<T> rows,
    ops::ResizeAxisView<T> columns, long long count, T* out)
{
    const long long outputs = static_cast<long long>(rows.outputs) * columns.outputs;
    for (long long i = firstIndex(); i < count; i += indexStride()) {
        const int column = static_cast<int>(i % columns.inputs);
        const long long line = i / columns.inputs;
        const int row = static_cast<int>(line % rows.inputs);
        const T* plane = gradient + line / rows.inputs * outputs;
        out[i] = ops::tf1ResizeGradient<T>(plane, rows, columns, row, column);
    }
}

template <typename T>
__global__ void signedStepKernel(const T* x, const T* gradient, const T* clean, T step, T epsilon,
    bool ball, long long count, T* out)
{
    for (long long i = firstIndex(); i < count; i += indexStride())
        out[i] = ops::signedStepValue<T>(x[i], gradient[i], clean[i], step, epsilon, ball);
}

} // namespace

template <typename T>
int launchTf1ResizeForward(const T* x, const ops::ResizeAxisView<T>& rows,
    const ops::ResizeAxisView<T>& columns, long long planes, T* out, void* stream)
{
    const long long count = planes * rows.outputs * columns.outputs;
    if (count > 0)
        resizeForward<T><<<blocksFor(count), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
            x, rows, columns, count, out);
    return static_cast<int>(cudaGetLastError());
}

template <typename T>
int launchTf1ResizeBackward(const T* gradient, const ops::ResizeAxisView<T>& rows,
    const ops::ResizeAxisView<T>& columns, long long planes, T* out, void* stream)
{
    const long long count = planes * rows.inputs * columns.inputs;
    if (count > 0)
        resizeBackward<T><<<blocksFor(count), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
            gradient, rows, columns, count, out);
    return static_cast<int>(cudaGetLastError());
}

template <typename T>
int launchSignedStep(const T* x, const T* gradient, const T* clean, T step, T epsilon, bool ball,
    long long count, T* out, void* stream)
{
    if (count > 0)
        signedStepKernel<T><<<blocksFor(count), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
            x, gradient, clean, step, epsilon, ball, count, out);
    return static_cast<int>(cudaGetLastError());
}

const char* textOf(int error)
{
    return cudaGetErrorString(static_cast<cudaError_t>(error));
}

template int launchTf1ResizeForward<float>(const float*, const ops::ResizeAxisView<float>&,
    const ops::ResizeAxisView<float>&, long long, float*, void*);
template int launchTf1ResizeForward<double>(const double*, const ops::ResizeAxisView<double>&,
    const ops::ResizeAxisView<double>&, long long, double*, void*);
template int launchTf1ResizeBackward<float>(const float*, const ops::ResizeAxisView<float>&,
    const ops::ResizeAxisView<float>&, long long, float*, void*);
template int launchTf1ResizeBackward<double>(const double*, const ops::ResizeAxisView<double>&,
    const ops::ResizeAxisView<double>&, long long, double*, void*);
template int launchSignedStep<float>(
    const float*, const float*, const float*, float, float, bool, long long, float*, void*);
template int launchSignedStep<double>(
    const double*, const double*, const double*, double, double, bool, long long, double*, void*);

} // namespace crossiter::cuda
