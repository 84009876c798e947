#pragma once

// Private to core/engine: each device operation against its body on the CPU.

#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"

namespace crossiter {

/// On a device: our kernels (or what stands in for them) and the networks' forward pass and input
/// gradient, each against the CPU. On the CPU: the stand-ins in LibTorch's operations against the
/// shared bodies. networks: pairs of the same network on the CPU and on the device.
[[nodiscard]] SelfTestResult runSelfTest(torch::Device device,
    const std::vector<
        std::pair<std::shared_ptr<const Classifier>, std::shared_ptr<const Classifier>>>& networks,
    const ProgressSink& progress, const std::stop_token& stop);

} // namespace crossiter
