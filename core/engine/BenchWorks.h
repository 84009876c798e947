#pragma once

// Private to core/engine: what `bench` times.

#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"

#include <functional>

namespace crossiter {

struct BenchWork
{
    enum class Kind
    {
        Network,
        MatrixRoof,
        ConvolutionRoof,
        MemoryRoof
    };

    std::string name;
    double multiplyAdds = 0.0; ///< MemoryRoof: bytes moved
    std::function<void()> run;
    Kind kind = Kind::Network;
};

using NetworkLookup = std::function<std::shared_ptr<const Classifier>(const std::string& id)>;

/// Forward pass, forward with 100 draws of dropout, and forward with input gradient, of each
/// network on one picture; then a round of the default pair when both its networks are among `ids`.
[[nodiscard]] std::vector<BenchWork> networkWorks(const std::vector<std::string>& ids,
    const NetworkLookup& lookup, Numerics numerics, torch::Device device);

/// What bounds a network: the best matrix product, 3x3 convolution and memory copy that LibTorch
/// reaches here.
[[nodiscard]] std::vector<BenchWork> rooflineWorks(torch::ScalarType type, torch::Device device);

/// One warm-up turn, then `runs` turns over all works, so that a burst of other load does not fall
/// on one operation alone. Medians; of a roof's shapes the best.
[[nodiscard]] std::shared_ptr<const BenchResult> runBench(const std::vector<BenchWork>& works,
    int runs, const ProgressSink& progress, const std::stop_token& stop);

} // namespace crossiter
