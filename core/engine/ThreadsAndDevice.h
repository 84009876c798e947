#pragma once

// Private to core/engine: threads, device and LibTorch's faults, the same in every call.

#include "core/base/Compute.h"
#include "core/base/Error.h"
#include "core/image/Image.h"

#include <torch/torch.h>

#include <new>

namespace crossiter {

[[nodiscard]] int threadCount(int wanted); ///< 0 = all cores

/// LibTorch's thread count belongs to the calling thread.
void useThreads(int wanted);

/// Throws Error(Device).
[[nodiscard]] torch::Device resolve(const Device& device);

/// The start of a call: checked, this thread's count set; where it computes.
[[nodiscard]] torch::Device prepare(const Compute& compute);

/// Throws Error(BadInput) unless 299x299.
void requireImageSpace(const Image& image);

/// Whatever LibTorch throws becomes the one exception type.
template <typename Work>
auto translated(const Work& work)
{
    try {
        return work();
    } catch (const c10::OutOfMemoryError& error) {
        throw Error(ErrorKind::Device, "device out of memory", "LibTorch", {},
            error.what_without_backtrace());
    } catch (const c10::Error& error) {
        throw Error(
            ErrorKind::Internal, "LibTorch failed", "engine", {}, error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::BadInput, "out of memory", "engine");
    }
}

} // namespace crossiter
