#include "core/engine/EngineParts.h"

#include "core/defense/DefenseRequest.h"

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

void requireImageSpace(const Image& image)
{
    if (!image.isImageSpace()) {
        throw Error(ErrorKind::BadInput, "picture is not in image space", "engine", "299x299",
            std::to_string(image.width) + "x" + std::to_string(image.height));
    }
}

std::shared_ptr<const Purifier> PurifierCache::get(
    const std::string& id, torch::ScalarType type, torch::Device device)
{
    const std::lock_guard lock(m_mutex);
    auto& known = m_known[{ id, type, device.str() }];
    if (!known)
        known = loadPurifier(ModelStore(m_paths).find(id), type, device);
    return known;
}

bool Engine::Impl::load(const std::vector<std::string>& ids, Numerics numerics,
    torch::Device device, const ProgressSink& progress, const std::stop_token& stop)
{
    std::vector<std::string> missing;
    for (const std::string& id : ids) {
        if (!cache.has(id, numerics, device)
            && std::find(missing.begin(), missing.end(), id) == missing.end())
            missing.push_back(id);
    }
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (stop.stop_requested())
            return false;
        if (progress)
            progress({ "loading " + missing[i], i, missing.size(), -1.0 });
        (void)cache.get(missing[i], numerics, device);
    }
    return !stop.stop_requested();
}

std::vector<std::shared_ptr<const DifferentiableSource>> Engine::Impl::networks(
    const std::vector<std::string>& ids, Numerics numerics, torch::Device device)
{
    std::vector<std::shared_ptr<const DifferentiableSource>> found;
    found.reserve(ids.size());
    for (const std::string& id : ids)
        found.push_back(cache.get(id, numerics, device));
    return found;
}

std::shared_ptr<const DefenseStages> Engine::Impl::stages(
    const DefenseRequest& defense, torch::ScalarType type, torch::Device device)
{
    std::map<std::string, std::shared_ptr<const Purifier>> loaded;
    for (const std::string& id : purifiersOf(defense))
        loaded[id] = purifiers.get(id, type, device);
    return std::make_shared<const DefenseStages>(defense, resizes, loaded);
}

Numerics numericsBehind(const DefenseRequest& defense, Numerics numerics)
{
    const bool plain = defense.batchStatistics && numerics == Numerics::Fast;
    return plain ? Numerics::Reference : numerics;
}

std::shared_ptr<const Classifier> Engine::Impl::networkBehind(
    const DefenseRequest& defense, const std::string& id, Numerics numerics, torch::Device device)
{
    return cache.get(id, numericsBehind(defense, numerics), device);
}

std::vector<std::shared_ptr<const DefendedSource>> Engine::Impl::defended(
    const DefenseRequest& defense, const std::vector<std::string>& ids, Numerics numerics,
    torch::Device device)
{
    const auto shared = stages(defense, scalarTypeOf(numerics), device);
    std::vector<std::shared_ptr<const DefendedSource>> found;
    found.reserve(ids.size());
    for (const std::string& id : ids)
        found.push_back(std::make_shared<const DefendedSource>(
            networkBehind(defense, id, numerics, device), defense, shared));
    return found;
}

} // namespace crossiter
