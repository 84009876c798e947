#include "core/engine/BenchWorks.h"

#include "core/attack/AttackLoop.h"
#include "core/base/Contains.h"
#include "core/defense/DefendedSource.h"

#include <torch/cuda.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace crossiter {

namespace {

constexpr int kBenchDraws = 100;

/// Noise in every value, so that no layer meets an easy input; the same in every run.
Image noiseImage()
{
    Image image(kImageSide, kImageSide);
    std::uint32_t state = 1;
    for (std::uint8_t& value : image.rgb) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<std::uint8_t>(state >> 24U);
    }
    return image;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

std::vector<BenchWork> networkWorks(const std::vector<std::string>& ids,
    const NetworkLookup& lookup, Numerics numerics, torch::Device device)
{
    const Image image = noiseImage();
    std::vector<BenchWork> works;
    for (const std::string& id : ids) {
        const auto network = lookup(id);
        const auto adds = static_cast<double>(network->multiplyAdds());
        works.push_back(
            { id + " forward", adds, [network, image] { (void)network->predict(image); } });
        if (const int features = network->pooledFeatures(); features > 0) {
            DefenseRequest dropout;
            dropout.dropout = true;
            dropout.keep = 0.8;
            dropout.samples = kBenchDraws;
            ResizeBank bank;
            const auto source = std::make_shared<const DefendedSource>(
                network, dropout, std::make_shared<const DefenseStages>(dropout, bank));
            DrawnPicture picture;
            picture.x = toTensor(image, network->scalarType()).to(device);
            works.push_back({ id + " forward, " + std::to_string(kBenchDraws) + " dropout draws",
                adds + static_cast<double>(kBenchDraws) * features * network->classes(),
                [source, picture] { (void)source->draws({ picture }); } });
        }
        const torch::Tensor x = toTensor(image, network->scalarType()).to(device);
        // The input's gradient costs as many multiply-adds as the forward pass.
        works.push_back({ id + " forward and input gradient", 2 * adds,
            [network, x] { (void)differentiate(*network, x, -1, false); } });
    }

    AttackRequest round = defaultRequest(Method::CrossIterative);
    const bool pairIsThere =
        std::ranges::all_of(round.sources, [&](const auto& id) { return contains(ids, id); });
    if (pairIsThere) {
        round.judges.clear();
        round.rounds = 1;
        round.keepFloats = false;
        round.compute.numerics = numerics;
        AttackNetworks parts;
        double adds = 0.0;
        for (const std::string& id : round.sources) {
            parts.sources.push_back(lookup(id));
            adds += 2 * static_cast<double>(lookup(id)->multiplyAdds());
        }
        works.push_back({ "round of the default pair, without judges", adds,
            [round, image, parts] { (void)runAttack(round, image, parts); } });
    }
    return works;
}

std::vector<BenchWork> rooflineWorks(torch::ScalarType type, torch::Device device)
{
    const auto options = torch::TensorOptions().dtype(type).device(device);
    std::vector<BenchWork> works;
    const auto wait = [device] {
        if (device.is_cuda())
            torch::cuda::synchronize(device.index());
    };
    constexpr std::int64_t kSide = 1024;
    const torch::Tensor left = torch::rand({ kSide, kSide }, options);
    const torch::Tensor right = torch::rand({ kSide, kSide }, options);
    works.push_back({ "matrix product 1024", static_cast<double>(kSide * kSide * kSide),
        [=] {
            (void)torch::mm(left, right);
            wait();
        },
        BenchWork::Kind::MatrixRoof });

    // Shapes of the Inception networks: early and wide, middle, late and deep.
    struct Shape
    {
        std::int64_t channels;
        std::int64_t side;
    };
    for (const Shape shape : std::array<Shape, 3> { { { 64, 147 }, { 192, 71 }, { 256, 35 } } }) {
        const auto layout = torch::MemoryFormat::ChannelsLast;
        const torch::Tensor x =
            torch::rand({ 1, shape.channels, shape.side, shape.side }, options).contiguous(layout);
        const torch::Tensor weight =
            torch::rand({ shape.channels, shape.channels, 3, 3 }, options).contiguous(layout);
        works.push_back({ "convolution 3x3, " + std::to_string(shape.channels) + " channels, side "
                + std::to_string(shape.side),
            static_cast<double>(shape.channels * shape.channels * 9 * shape.side * shape.side),
            [=] {
                const torch::NoGradGuard guard;
                (void)torch::conv2d(x, weight, {}, 1, 1);
                wait();
            },
            BenchWork::Kind::ConvolutionRoof });
    }

    constexpr std::int64_t kCopied = 64LL << 20; // bytes, beyond every cache
    const torch::Tensor from = torch::ones({ kCopied }, options.dtype(torch::kByte));
    const torch::Tensor to = torch::empty_like(from);
    works.push_back({ "memory copy 64 MB", 2.0 * kCopied,
        [=] {
            to.copy_(from);
            wait();
        },
        BenchWork::Kind::MemoryRoof });
    return works;
}

std::shared_ptr<const BenchResult> runBench(const std::vector<BenchWork>& works, int runs,
    const ProgressSink& progress, const std::stop_token& stop)
{
    std::vector<std::vector<double>> seconds(works.size());
    auto result = std::make_shared<BenchResult>();
    const std::size_t total = works.size() * static_cast<std::size_t>(runs + 1);
    std::size_t done = 0;
    for (int run = -1; run < runs && !result->cancelled; ++run) { // -1: warm-up
        for (std::size_t i = 0; i < works.size(); ++i) {
            if (stop.stop_requested()) {
                result->cancelled = true;
                break;
            }
            if (progress)
                progress({ works[i].name, done, total, -1.0 });
            const auto started = std::chrono::steady_clock::now();
            works[i].run();
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started;
            if (run >= 0)
                seconds[i].push_back(spent.count());
            ++done;
        }
    }
    for (std::size_t i = 0; i < works.size(); ++i) {
        if (seconds[i].empty())
            continue;
        const BenchWork& work = works[i];
        const double middle = median(seconds[i]);
        BenchEntry entry { work.name, middle, 2 * work.multiplyAdds / middle / 1e9,
            static_cast<int>(seconds[i].size()), 0.0 };
        if (work.kind == BenchWork::Kind::MatrixRoof) {
            result->matrixGflops = std::max(result->matrixGflops, entry.gflops);
        } else if (work.kind == BenchWork::Kind::ConvolutionRoof) {
            result->convolutionGflops = std::max(result->convolutionGflops, entry.gflops);
        } else if (work.kind == BenchWork::Kind::MemoryRoof) {
            result->bytesPerSecond = work.multiplyAdds / middle;
            entry.gflops = 0.0;
        }
        result->entries.push_back(std::move(entry));
    }
    if (result->convolutionGflops > 0.0)
        for (BenchEntry& entry : result->entries)
            entry.ofConvolutionPeak = entry.gflops / result->convolutionGflops;
    return result;
}

} // namespace crossiter
