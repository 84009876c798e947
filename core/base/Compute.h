#pragma once

#include <string>

namespace crossiter {

/// How a network is computed; named in every trace.
enum class Numerics
{
    Fast, ///< float32, batch norm folded into the convolutions, channels-last: the default
    Reference, ///< float32, the plain network, NCHW
    Exact, ///< float64, the plain network, NCHW: the same bytes at any thread count
};

/// "fast", "reference", "exact". parseNumerics throws Error(Usage).
[[nodiscard]] std::string toString(Numerics numerics);
[[nodiscard]] Numerics parseNumerics(const std::string& text);

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

inline constexpr int kMostThreads = 1024;

/// How something is computed, whatever it is: what is asked does not change with it. A choice of
/// engine and of precision belongs here too. A seed does not: other draws are another question. It
/// stays with the attack, the defense and the plan that name it in their own documents, and an
/// attack behind a defense has two.
struct Compute
{
    Numerics numerics = Numerics::Fast;
    int threads = 0; ///< 0 = all cores, at most kMostThreads
    Device device = {};

    bool operator==(const Compute&) const = default;
};

/// Throws Error(Usage): threads out of range. Which devices there are is the engine's to say.
void checkCompute(const Compute& compute);

} // namespace crossiter
