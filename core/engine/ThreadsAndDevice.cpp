#include "core/engine/ThreadsAndDevice.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include <algorithm>
#include <thread>

namespace crossiter {

int threadCount(int wanted)
{
    return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void useThreads(int wanted)
{
    const int count = threadCount(wanted);
    if (at::get_num_threads() != count)
        at::set_num_threads(count);
}

torch::Device resolve(const Device& device)
{
    if (device.kind == Device::Kind::Cpu)
        return { torch::kCPU };
    const int count = torch::cuda::device_count(); // NOLINT(bugprone-signed-char-misuse): a number
    if (device.kind == Device::Kind::Auto)
        return count > 0 ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
    if (device.index >= count) {
        throw Error(ErrorKind::Device, "no such device", "--device " + toString(device),
            count == 0 ? "a CUDA device and a build with CUDA"
                       : "cuda:0.." + std::to_string(count - 1),
            std::to_string(count) + " devices");
    }
    return { torch::kCUDA, static_cast<torch::DeviceIndex>(device.index) };
}

torch::Device prepare(const Compute& compute)
{
    checkCompute(compute);
    useThreads(compute.threads);
    return resolve(compute.device);
}

void requireImageSpace(const Image& image)
{
    if (!image.isImageSpace()) {
        throw Error(ErrorKind::BadInput, "picture is not in image space", "engine", "299x299",
            std::to_string(image.width) + "x" + std::to_string(image.height));
    }
}

} // namespace crossiter
