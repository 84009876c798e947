#include "core/engine/Engine.h"

#include "core/attack/AttackLoop.h"
#include "core/base/Counted.h"
#include "core/engine/BenchWorks.h"
#include "core/engine/Defender.h"
#include "core/engine/LoadedModels.h"
#include "core/engine/PairJudge.h"
#include "core/engine/SelfTest.h"
#include "core/engine/Sweeper.h"
#include "core/engine/ThreadsAndDevice.h"

#include <torch/cuda.h>
#include <torch/version.h>

#include <chrono>

namespace crossiter {

struct Engine::Impl
{
    explicit Impl(EngineOptions options)
        : paths(std::move(options.store))
        , models(paths, options.memoryBytes)
        , sweeper(models)
    {
    }

    StorePaths paths;
    LoadedModels models;
    Sweeper sweeper;
};

Engine::Engine(EngineOptions options)
    : m_impl(std::make_unique<Impl>(std::move(options)))
{
}

Engine::~Engine() = default;

const StorePaths& Engine::storePaths() const
{
    return m_impl->paths;
}

std::vector<StoredModel> Engine::models() const
{
    return ModelStore(m_impl->paths).list();
}

StoredModel Engine::model(const std::string& id) const
{
    return ModelStore(m_impl->paths).find(id);
}

bool Engine::load(const std::vector<std::string>& ids, const Compute& compute,
    const ProgressSink& progress, std::stop_token stop)
{
    return translated([&] {
        if (!m_impl->models.load(ids, compute.numerics, resolve(compute.device), progress, stop))
            return false;
        if (progress)
            progress({ "networks loaded", ids.size(), ids.size(), 0.0 });
        return true;
    });
}

std::shared_ptr<const PredictResult> Engine::predict(const PredictRequest& request,
    const std::vector<Image>& images, const ProgressSink& progress, std::stop_token stop)
{
    if (request.models.empty())
        throw Error(ErrorKind::Usage, "no model", "--model", "at least one id");
    for (const Image& image : images)
        if (!request.anySize || image.empty())
            requireImageSpace(image);
    return translated([&] {
        const torch::Device device = prepare(request.compute);
        auto result = std::make_shared<PredictResult>();
        if (!m_impl->models.load(
                request.models, request.compute.numerics, device, progress, stop)) {
            result->cancelled = true;
            return std::shared_ptr<const PredictResult>(result);
        }
        const auto networks =
            m_impl->models.networks(request.models, request.compute.numerics, device);
        const auto started = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < images.size(); ++i) {
            std::vector<Prediction> row;
            for (const auto& network : networks) {
                if (stop.stop_requested()) {
                    result->cancelled = true;
                    return std::shared_ptr<const PredictResult>(result);
                }
                row.push_back(network->predict(images[i]));
            }
            result->predictions.push_back(std::move(row));
            if (progress) {
                const std::chrono::duration<double> spent =
                    std::chrono::steady_clock::now() - started;
                const auto done = static_cast<double>(i + 1);
                progress({ "predicting", i + 1, images.size(),
                    spent.count() / done * (static_cast<double>(images.size()) - done) });
            }
        }
        return std::shared_ptr<const PredictResult>(result);
    });
}

std::shared_ptr<const AttackTrace> Engine::attack(const AttackRequest& request, const Image& clean,
    std::shared_ptr<const AttackTrace> previous, const SubStepSink& onSubStep,
    const ProgressSink& progress, std::stop_token stop, SharedWork* shared)
{
    checkRequest(request);
    requireImageSpace(clean);
    const std::optional<DefenseRequest> through =
        request.through.empty() ? std::nullopt : std::optional(parseDefense(request.through));
    return translated([&] {
        const torch::Device device = prepare(request.compute);
        AttackNetworks parts;
        const bool gradients = usesSources(request.method);
        // Stopped here nothing is finished; what `previous` holds is kept by runAttack below.
        const bool loaded =
            (!gradients
                || m_impl->models.load(request.sources,
                    through.has_value() ? numericsBehind(*through, request.compute.numerics)
                                        : request.compute.numerics,
                    device, progress, stop))
            && m_impl->models.load(
                request.judges, request.compute.numerics, device, progress, stop);
        if (!loaded && !previous)
            return std::shared_ptr<const AttackTrace>();
        if (gradients && through.has_value()) {
            for (auto& source : m_impl->models.defended(
                     *through, request.sources, request.compute.numerics, device))
                parts.sources.push_back(std::move(source));
        } else if (gradients) {
            parts.sources =
                m_impl->models.networks(request.sources, request.compute.numerics, device);
        }
        parts.judges = m_impl->models.networks(request.judges, request.compute.numerics, device);
        return runAttack(request, clean, parts, previous, onSubStep, progress, stop, shared);
    });
}

std::shared_ptr<const AttackTrace> Engine::traceElsewhere(const AttackRequest& request,
    const Image& clean, const std::vector<OtherPicture>& pictures, const std::string& name,
    const std::shared_ptr<const AttackTrace>& previous, const SubStepSink& onSubStep,
    const ProgressSink& progress, std::stop_token stop)
{
    return PairJudge(m_impl->models, request)
        .judge(clean, pictures, name, previous, onSubStep, progress, stop);
}

std::shared_ptr<const DefendResult> Engine::defend(const DefendRequest& request,
    const std::vector<Image>& images, const ProgressSink& progress, std::stop_token stop)
{
    return Defender(m_impl->models).defend(request, images, progress, stop);
}

Image Engine::defendedPicture(const DefenseRequest& defense, const Image& image, int draw)
{
    return Defender(m_impl->models).picture(defense, image, draw);
}

std::shared_ptr<const SweepResult> Engine::sweep(const SweepRequest& request,
    const std::vector<SweepPicture>& pictures, const SweepSink& onCells,
    const ProgressSink& progress, std::stop_token stop)
{
    return m_impl->sweeper.sweep(request, pictures, onCells, progress, stop);
}

std::shared_ptr<const SweepResult> Engine::sweep(const SweepRequest& request,
    const std::shared_ptr<const AttackTrace>& trace, const SweepSink& onCells,
    const ProgressSink& progress, std::stop_token stop)
{
    std::vector<SweepPicture> pictures;
    if (trace != nullptr)
        for (const auto& subStep : trace->subSteps)
            pictures.push_back({ { subStep, &subStep->exported }, subStep->attackedLabel });
    return sweep(request, pictures, onCells, progress, std::move(stop));
}

std::shared_ptr<const BenchResult> Engine::bench(
    const BenchRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    if (request.runs < 1 || request.runs > 10'000) {
        throw Error(ErrorKind::Usage, "value out of range", "--runs", "1..10000",
            std::to_string(request.runs));
    }
    return translated([&] {
        const torch::Device device = prepare(request.compute);
        std::vector<std::string> ids = request.models;
        if (ids.empty()) {
            ids = defaultSources();
            ids.push_back(defaultJudge());
        }
        NetworkLookup lookup = [&](const std::string& id) {
            return m_impl->models.network(id, request.compute.numerics, device);
        };
        std::vector<BenchWork> works = networkWorks(ids, lookup, request.compute.numerics, device);
        if (request.roofline)
            for (BenchWork& work : rooflineWorks(scalarTypeOf(request.compute.numerics), device))
                works.push_back(std::move(work));
        return runBench(works, request.runs, progress, stop);
    });
}

SelfTestResult Engine::selfTest(
    const Compute& compute, const ProgressSink& progress, std::stop_token stop)
{
    return translated([&] {
        const torch::Device device = prepare(compute);
        std::vector<std::pair<std::shared_ptr<const Classifier>, std::shared_ptr<const Classifier>>>
            networks;
        // On the CPU it would be the same network twice.
        if (!device.is_cpu()) {
            std::vector<std::string> ids = defaultSources();
            ids.push_back(defaultJudge());
            for (const std::string& id : ids)
                networks.emplace_back(m_impl->models.network(id, Numerics::Reference, torch::kCPU),
                    m_impl->models.network(id, Numerics::Reference, device));
        }
        return runSelfTest(device, networks, progress, stop);
    });
}

Provenance Engine::origin(
    const std::vector<std::string>& models, const DefenseRequest& defense, const Compute& compute)
{
    return translated([&] {
        const torch::Device device = resolve(compute.device);
        Provenance found;
        found.version = version();
        found.library = std::string("LibTorch ") + TORCH_VERSION;
        found.weightsSha256 = m_impl->models.weights(models, defense, compute.numerics, device);
        found.threads = threadCount(compute.threads);
        found.device = device.str();
        return found;
    });
}

Provenance Engine::origin(const AttackRequest& request)
{
    // Where nothing is attacked, a defense stands in front of the judges.
    const DefenseRequest through = parseDefense(request.through);
    const bool attacks = usesSources(request.method);
    Provenance found =
        origin(request.judges, attacks ? DefenseRequest() : through, request.compute);
    if (attacks) {
        // A model that judges and is attacked through a defense is told once, as it is attacked.
        const Provenance sources = origin(request.sources, through, request.compute);
        for (const auto& [id, hash] : sources.weightsSha256)
            found.weightsSha256[id] = hash;
    }
    return found;
}

void Engine::requireModels(const std::vector<std::string>& ids) const
{
    for (const std::string& id : ids)
        requireWeightsHere(model(id));
}

int Engine::cudaDeviceCount() const
{
    return static_cast<int>(torch::cuda::device_count());
}

std::string Engine::describeDevice(const Compute& compute) const
{
    const torch::Device found = resolve(compute.device);
    if (found.is_cuda())
        return "CUDA device " + std::to_string(found.index());
    const int count = threadCount(compute.threads);
    return "CPU, " + counted(count, "thread");
}

const char* version()
{
    return CROSSITER_VERSION;
}

} // namespace crossiter
