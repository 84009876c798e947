#pragma once

#include "core/attack/AttackTrace.h"
#include "core/attack/SharedWork.h"
#include "core/base/Compute.h"
#include "core/base/Progress.h"
#include "core/classify/ModelStore.h"
#include "core/defense/DefendResult.h"
#include "core/report/Provenance.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// For the whole life of an engine.
struct EngineOptions
{
    StorePaths store = defaultStorePaths();
    std::uint64_t memoryBytes = 0; ///< budget for loaded weights; 0 = no limit
};

struct PredictRequest
{
    std::vector<std::string> models; ///< at least one id
    Compute compute;
    /// Pictures of any size, each fed by the network's own preprocessing; else 299x299 alone.
    bool anySize = false;
};

/// cancelled: `predictions` holds those of the images that were done, in order.
struct PredictResult
{
    std::vector<std::vector<Prediction>> predictions; ///< [image][model]
    bool cancelled = false;
};

/// Seconds per operation, medians over the runs, and what they were measured on.
struct BenchEntry
{
    std::string name; ///< "efficientnet-lite0 forward", "round of the default pair, without judges"
    double seconds = 0.0;
    double gflops = 0.0; ///< multiply-adds * 2 / seconds / 1e9; 0: not counted
    int runs = 0;
    double ofConvolutionPeak = 0.0; ///< gflops over BenchResult::convolutionGflops; 0: no roofline
};

struct BenchRequest
{
    std::vector<std::string> models; ///< empty: the default pair and judge
    Compute compute { .threads = 1 };
    int runs = 5;
    bool roofline = false; ///< also what this machine can do at best, measured in the same turns
};

struct BenchResult
{
    std::vector<BenchEntry> entries;
    /// The roof, of the fastest shape measured; 0 without a roofline or when stopped before it.
    double matrixGflops = 0.0; ///< matrix product
    double convolutionGflops = 0.0; ///< 3x3 convolution, batch 1, channels-last
    double bytesPerSecond = 0.0; ///< memory: read and written, large copy
    bool cancelled = false;
};

/// One operation on the device against its body on the CPU.
struct SelfTestEntry
{
    std::string name;
    double difference = 0.0; ///< the largest, in the units that the name says; infinity: NaN found
    double bound = 0.0;
    bool passed = false;
};

struct SelfTestResult
{
    std::string device;
    bool kernels =
        false; ///< this build holds the CUDA kernels; else LibTorch's operations stand in
    std::vector<SelfTestEntry> entries;
    bool cancelled = false;
};

/// The one door to the engine; knows neither Qt nor, in this header, LibTorch.
/// Thread-safe: calls may run at the same time from several threads; loaded networks are shared.
/// Long calls report progress on the calling thread and return early, with what is done, when the
/// token is stopped. Errors are Error.
class Engine
{
public:
    explicit Engine(EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    Engine(Engine&&) = delete;
    Engine& operator=(Engine&&) = delete;

    [[nodiscard]] const StorePaths& storePaths() const;
    [[nodiscard]] std::vector<StoredModel> models() const;
    [[nodiscard]] StoredModel model(const std::string& id) const;

    /// Loads networks ahead of their use. Returns false when stopped.
    /// Here and in predict, attack and traceElsewhere, each network that is not loaded yet is named
    /// in the progress ("loading ID") before it is, and a stop is asked for between two of them.
    /// compute: threads are not read.
    bool load(const std::vector<std::string>& ids, const Compute& compute = {},
        const ProgressSink& progress = {}, std::stop_token stop = {});

    /// images: 299x299 (Error(BadInput) else), or with anySize of any size but empty.
    [[nodiscard]] std::shared_ptr<const PredictResult> predict(const PredictRequest& request,
        const std::vector<Image>& images, const ProgressSink& progress = {},
        std::stop_token stop = {});

    /// clean: 299x299. `previous`: a trace of the same image whose request differs only in rounds
    /// (sameButRounds): its sub-steps are taken over, none is computed again; too many are cut off;
    /// they are passed to onSubStep too. Anything else in `previous` is ignored.
    /// shared: what attacks on this image compute in common (SharedWork.h); null: alone.
    /// Stopped: the trace says cancelled and holds every finished sub-step; if not even sub-step 0
    /// was finished, null.
    [[nodiscard]] std::shared_ptr<const AttackTrace> attack(const AttackRequest& request,
        const Image& clean, std::shared_ptr<const AttackTrace> previous = nullptr,
        const SubStepSink& onSubStep = {}, const ProgressSink& progress = {},
        std::stop_token stop = {}, SharedWork* shared = nullptr);

    /// Pictures that another program made of `clean`, one a step, judged as if they were an
    /// attack's results: sub-step 0 is clean, the others are the pictures as they are (no clip:
    /// linfExported may exceed any budget). All of one size, which may be any (PictureSize.h). Of
    /// the request only judges and compute are read; name: the pictures' file or folder, not empty.
    /// previous: an earlier trace by the same request; sub-steps whose pictures are the same at the
    /// same place are taken over, and passed to onSubStep too. Stopped: the trace says cancelled
    /// and holds what was judged; null before the first picture was.
    [[nodiscard]] std::shared_ptr<const AttackTrace> traceElsewhere(const AttackRequest& request,
        const Image& clean, const std::vector<OtherPicture>& pictures, const std::string& name,
        const std::shared_ptr<const AttackTrace>& previous = nullptr,
        const SubStepSink& onSubStep = {}, const ProgressSink& progress = {},
        std::stop_token stop = {});

    /// images: 299x299, judged in order (batch statistics take them in batches of 16). What is
    /// wrong with the request is Error(Usage); an unknown model or purifier is Error(BadInput).
    [[nodiscard]] std::shared_ptr<const DefendResult> defend(const DefendRequest& request,
        const std::vector<Image>& images, const ProgressSink& progress = {},
        std::stop_token stop = {});

    /// The picture that a network would see behind the defense's stages, brought to 8 bits; of
    /// random stages the draw `draw` of sub-step 0. Quick for stages without a network (some ms).
    [[nodiscard]] Image defendedPicture(
        const DefenseRequest& defense, const Image& image, int draw = 0);

    /// Every size x picture x model of the request, whose `subSteps` are places in `pictures` (at
    /// least one, Error(Internal) else). Cells that this engine has
    /// computed before come from its memory. Stopped: what is done, within the time of one forward
    /// pass.
    [[nodiscard]] std::shared_ptr<const SweepResult> sweep(const SweepRequest& request,
        const std::vector<SweepPicture>& pictures, const SweepSink& onCells = {},
        const ProgressSink& progress = {}, std::stop_token stop = {});
    /// The same of a trace's exported pictures.
    [[nodiscard]] std::shared_ptr<const SweepResult> sweep(const SweepRequest& request,
        const std::shared_ptr<const AttackTrace>& trace, const SweepSink& onCells = {},
        const ProgressSink& progress = {}, std::stop_token stop = {});

    [[nodiscard]] std::shared_ptr<const BenchResult> bench(
        const BenchRequest& request, const ProgressSink& progress = {}, std::stop_token stop = {});

    /// Every operation of ours on the device against the CPU, then the default pair and judge there
    /// and here. On the CPU: what stands in for kernels against the shared bodies. Throws
    /// Error(Device): no such device. compute: numerics are not read.
    [[nodiscard]] SelfTestResult selfTest(
        const Compute& compute, const ProgressSink& progress = {}, std::stop_token stop = {});

    /// What these models say behind the defense comes from: program, library, threads and device
    /// really used, SHA-256 of their weights and of the defense's purifiers (loaded where they are
    /// not yet). Input and true label stay empty. defense: checked. Throws Error(BadInput): unknown
    /// id, weights not there; Error(Device).
    [[nodiscard]] Provenance origin(const std::vector<std::string>& models,
        const DefenseRequest& defense = {}, const Compute& compute = {});
    /// The same of an attack: its judges, and its sources behind `through` where it uses them. What
    /// attacks nothing has its judges behind `through`.
    [[nodiscard]] Provenance origin(const AttackRequest& request);

    /// Throws Error(BadInput): unknown id, or its weights are in no store. Loads nothing.
    void requireModels(const std::vector<std::string>& ids) const;

    [[nodiscard]] int cudaDeviceCount() const; ///< 0 without a CUDA build, driver or device
    /// "CPU, 2 threads": for the status line. Throws Error(Device).
    [[nodiscard]] std::string describeDevice(const Compute& compute) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// "0.1.0"
[[nodiscard]] const char* version();

} // namespace crossiter
