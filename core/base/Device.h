#pragma once

#include <string>

namespace crossiter {

/// Which processor computes. `Auto` takes the first CUDA device that works, else the CPU.
struct Device
{
    enum class Kind
    {
        Auto,
        Cpu,
        Cuda
    };
    Kind kind = Kind::Auto;
    int index = 0; ///< of the CUDA device

    bool operator==(const Device&) const = default;
};

/// "auto", "cpu", "cuda", "cuda:N". Throws Error(Usage).
[[nodiscard]] Device parseDevice(const std::string& text);
[[nodiscard]] std::string toString(const Device& device);

} // namespace crossiter
