#include "core/engine/Engine.h"

#include "core/attack/AttackLoop.h"
#include "core/base/Counted.h"
#include "core/base/Sha256.h"
#include "core/defense/DefenseSizes.h"
#include "core/engine/BenchWorks.h"
#include "core/engine/EngineParts.h"
#include "core/engine/SelfTest.h"
#include "core/image/ImageDiff.h"

#include <torch/cuda.h>
#include <torch/version.h>

#include <chrono>

namespace crossiter {

Engine::Engine(EngineOptions options)
    : m_impl(std::make_unique<Impl>(std::move(options)))
{
}

Engine::~Engine() = default;

const StorePaths& Engine::storePaths() const
{
    return m_impl->options.store;
}

std::vector<StoredModel> Engine::models() const
{
    return ModelStore(m_impl->options.store).list();
}

StoredModel Engine::model(const std::string& id) const
{
    return ModelStore(m_impl->options.store).find(id);
}

bool Engine::load(const std::vector<std::string>& ids, Numerics numerics, const Device& device,
    const ProgressSink& progress, std::stop_token stop)
{
    return translated([&] {
        if (!m_impl->load(ids, numerics, resolve(device), progress, stop))
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
    for (const Image& image : images) {
        if (!request.anySize || image.empty())
            requireImageSpace(image);
    }
    return translated([&] {
        useThreads(request.threads);
        auto result = std::make_shared<PredictResult>();
        const torch::Device device = resolve(request.device);
        if (!m_impl->load(request.models, request.numerics, device, progress, stop)) {
            result->cancelled = true;
            return std::shared_ptr<const PredictResult>(result);
        }
        const auto networks = m_impl->networks(request.models, request.numerics, device);
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
    const ProgressSink& progress, std::stop_token stop)
{
    checkRequest(request);
    requireImageSpace(clean);
    const std::optional<DefenseRequest> through =
        request.through.empty() ? std::nullopt : std::optional(parseDefense(request.through));
    return translated([&] {
        useThreads(request.threads);
        const torch::Device device = resolve(request.device);
        AttackNetworks parts;
        const bool gradients =
            request.method != Method::Noop && request.method != Method::RandomNoise;
        // Stopped here nothing is finished; what `previous` holds is kept by runAttack below.
        const bool loaded = (!gradients
                                || m_impl->load(request.sources,
                                    through.has_value() ? numericsBehind(*through, request.numerics)
                                                        : request.numerics,
                                    device, progress, stop))
            && m_impl->load(request.judges, request.numerics, device, progress, stop);
        if (!loaded && !previous)
            return std::shared_ptr<const AttackTrace>();
        if (gradients && through.has_value()) {
            for (auto& source :
                m_impl->defended(*through, request.sources, request.numerics, device))
                parts.sources.push_back(std::move(source));
        } else if (gradients) {
            parts.sources = m_impl->networks(request.sources, request.numerics, device);
        }
        parts.judges = m_impl->networks(request.judges, request.numerics, device);
        return runAttack(request, clean, parts, previous, onSubStep, progress, stop);
    });
}

std::shared_ptr<const AttackTrace> Engine::tracePair(const AttackRequest& request,
    const Image& clean, const Image& other, const std::string& name, const ProgressSink& progress,
    std::stop_token stop)
{
    if (clean.empty())
        requireImageSpace(clean);
    // Two sizes are refused before anything is loaded.
    static_cast<void>(linfDistance(clean, other));
    return translated([&]() -> std::shared_ptr<const AttackTrace> {
        useThreads(request.threads);
        const torch::Device device = resolve(request.device);
        if (!m_impl->load(request.judges, request.numerics, device, progress, stop))
            return nullptr;
        const auto judges = m_impl->networks(request.judges, request.numerics, device);
        auto trace = std::make_shared<AttackTrace>();
        trace->request = request;
        trace->request.method = Method::Noop;
        trace->request.rounds = 0;
        trace->clean = clean;
        trace->judges = request.judges;
        trace->madeElsewhere = name;
        trace->notes = { "made elsewhere: " + name };
        for (const Image* image : { &clean, &other }) {
            auto subStep = std::make_shared<SubStep>();
            subStep->index = static_cast<int>(trace->subSteps.size());
            subStep->round = subStep->index;
            subStep->exported = *image;
            subStep->linfExported = linfDistance(*image, clean);
            subStep->linfFloatPx = subStep->linfExported;
            for (const auto& judge : judges) {
                if (stop.stop_requested())
                    return nullptr;
                subStep->judges.push_back(judge->predict(*image));
            }
            trace->subSteps.push_back(std::move(subStep));
            if (progress)
                progress({ "judging the pair", trace->subSteps.size(), 2, -1.0 });
        }
        return trace;
    });
}

std::shared_ptr<const BenchResult> Engine::bench(
    const BenchRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    if (request.runs < 1 || request.runs > 10'000) {
        throw Error(ErrorKind::Usage, "value out of range", "--runs", "1..10000",
            std::to_string(request.runs));
    }
    return translated([&] {
        useThreads(request.threads);
        const torch::Device device = resolve(request.device);
        std::vector<std::string> ids = request.models;
        if (ids.empty()) {
            ids = defaultSources();
            ids.push_back(defaultJudge());
        }
        NetworkLookup lookup = [&](const std::string& id) {
            return m_impl->cache.get(id, request.numerics, device);
        };
        std::vector<BenchWork> works = networkWorks(ids, lookup, request.numerics, device);
        if (request.roofline) {
            for (BenchWork& work : rooflineWorks(scalarTypeOf(request.numerics), device))
                works.push_back(std::move(work));
        }
        return runBench(works, request.runs, progress, stop);
    });
}

SelfTestResult Engine::selfTest(
    const SelfTestRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    return translated([&] {
        useThreads(request.threads);
        const torch::Device device = resolve(request.device);
        std::vector<std::pair<std::shared_ptr<const Classifier>, std::shared_ptr<const Classifier>>>
            networks;
        // On the CPU it would be the same network twice.
        if (!device.is_cpu()) {
            std::vector<std::string> ids = defaultSources();
            ids.push_back(defaultJudge());
            for (const std::string& id : ids) {
                networks.emplace_back(m_impl->cache.get(id, Numerics::Reference, torch::kCPU),
                    m_impl->cache.get(id, Numerics::Reference, device));
            }
        }
        return runSelfTest(device, networks, progress, stop);
    });
}

Provenance Engine::provenance(const AttackRequest& request, const std::filesystem::path& inputFile,
    const std::string& trueLabelOrigin)
{
    return translated([&] {
        Provenance found;
        found.version = version();
        found.library = std::string("LibTorch ") + TORCH_VERSION;
        if (!inputFile.empty()) {
            found.inputName = inputFile.filename().string();
            found.inputSha256 = sha256File(inputFile);
        }
        const torch::Device device = resolve(request.device);
        const DefenseRequest through = parseDefense(request.through);
        const bool attacks =
            request.method != Method::Noop && request.method != Method::RandomNoise;
        const auto add = [&](const std::string& id, const DefenseRequest& defense) {
            found.weightsSha256[id] =
                m_impl->networkBehind(defense, id, request.numerics, device)->weightsSha256();
        };
        // Where nothing is attacked, a defense stands in front of the judges.
        for (const std::string& id : request.judges)
            add(id, attacks ? DefenseRequest() : through);
        if (attacks) {
            for (const std::string& id : request.sources)
                add(id, through);
        }
        for (const std::string& id : purifiersOf(through)) {
            found.weightsSha256[id] =
                m_impl->purifiers.get(id, scalarTypeOf(request.numerics), device)->weightsSha256();
        }
        found.threads = threadCount(request.threads);
        found.device = device.str();
        found.trueLabelOrigin = trueLabelOrigin;
        return found;
    });
}

int Engine::cudaDeviceCount() const
{
    return static_cast<int>(torch::cuda::device_count());
}

std::string Engine::describeDevice(const Device& device, int threads) const
{
    const torch::Device found = resolve(device);
    if (found.is_cuda())
        return "CUDA device " + std::to_string(found.index());
    const int count = threadCount(threads);
    return "CPU, " + counted(count, "thread");
}

const char* version()
{
    return CROSSITER_VERSION;
}

} // namespace crossiter
