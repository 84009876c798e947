#include "core/jobs/BatchJobs.h"

#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/batch/Distributed.h"
#include "core/batch/SeedPlan.h"

#include <algorithm>
#include <utility>

namespace crossiter {

namespace {

std::optional<std::vector<int>> labelsOf(Engine& engine, const TournamentPlan& plan,
    const PlanDefense& defense, const std::vector<Image>& images, const std::stop_token& stop)
{
    DefendRequest request;
    request.models = { defense.model };
    request.defense = defense.defense;
    if (request.defense.seed == DefenseRequest().seed)
        request.defense.seed = plan.seed; // the defense's own, where its text names one
    request.numerics = plan.numerics;
    request.threads = plan.threads;
    request.device = plan.device;
    const auto result = engine.defend(request, images, {}, stop);
    if (result == nullptr || result->cancelled)
        return std::nullopt;
    std::vector<int> labels;
    for (const auto& models : result->predictions)
        labels.push_back(models.front().mean.top1());
    return labels;
}

/// The first whose weights are there; empty: none.
std::string firstThere(const Engine& engine, std::initializer_list<const char*> ids)
{
    const std::vector<StoredModel> models = engine.models();
    for (const char* id : ids) {
        if (hasWeights(models, id))
            return id;
    }
    return {};
}

} // namespace

BatchParts batchParts(Engine& engine)
{
    BatchParts parts;
    parts.attack = [&engine](const AttackRequest& request, const Image& clean,
                       const std::stop_token& stop) -> std::optional<Image> {
        const auto trace = engine.attack(request, clean, nullptr, {}, {}, stop);
        if (trace == nullptr || trace->cancelled)
            return std::nullopt;
        return trace->last().exported;
    };
    parts.defend = [&engine](const TournamentPlan& plan, const PlanDefense& defense,
                       const std::vector<Image>& images, const std::stop_token& stop) {
        return labelsOf(engine, plan, defense, images, stop);
    };
    parts.check = [&engine](const TournamentPlan& plan) { engine.requireModels(modelsOf(plan)); };
    parts.weights = [&engine](const std::vector<std::string>& ids) {
        return engine.origin(ids).weightsSha256;
    };
    parts.version = version();
    return parts;
}

std::shared_ptr<const TournamentResult> runTournament(Engine& engine, const TournamentPlan& plan,
    const std::filesystem::path& output, const RunOptions& options,
    const std::optional<ProcessGroup>& group, const TournamentSink& sink, std::stop_token stop)
{
    BatchParts parts = batchParts(engine);
    const int devices = engine.cudaDeviceCount();
    const bool onCpu = devices == 0 || plan.device.kind == Device::Kind::Cpu;
    parts.device = onCpu ? "cpu" : "cuda";
    if (!group) {
        LocalShare alone;
        return runTournament(plan, output, options, parts, alone, sink, std::move(stop));
    }
    RunOptions own = options;
    own.resume = options.resume || group->generation > 0; // torchrun has started the group anew
    const auto share = joinGroup(*group);
    if (onCpu)
        return runTournament(plan, output, own, parts, *share, sink, std::move(stop));
    // The plan, which all processes write and compare, does not name one process's device.
    BatchParts placed = parts;
    const Device mine { Device::Kind::Cuda, group->localRank % devices };
    placed.attack = [&parts, mine](
                        AttackRequest request, const Image& clean, const std::stop_token& token) {
        request.device = mine;
        return parts.attack(request, clean, token);
    };
    placed.defend = [&parts, mine](TournamentPlan changed, const PlanDefense& defense,
                        const std::vector<Image>& images, const std::stop_token& token) {
        changed.device = mine;
        return parts.defend(changed, defense, images, token);
    };
    return runTournament(plan, output, own, placed, *share, sink, std::move(stop));
}

TournamentPlan planPreset(const Engine& engine, const PlanPresetRequest& request)
{
    if (request.name == "embedded")
        return embeddedPlan(request.dataset);
    if (request.name != "seed")
        throw Error(ErrorKind::Usage, "unknown plan", "--plan-preset", "seed or embedded",
            foundWord(request.name, { "seed", "embedded" }, false));
    SeedModels models;
    models.ensAdv =
        firstThere(engine, { "inception-resnet-v2-ens-adv-slim", "inception-resnet-v2-ens-adv" });
    models.base = firstThere(engine, { "inception-v3-slim", "inception-v3" });
    const bool realEnsAdv = !models.ensAdv.empty();
    const bool realBase = !models.base.empty();
    if (!request.seedModelsOnly) {
        const std::vector<std::string>& pair = defaultSources();
        if (!realEnsAdv)
            models.ensAdv = pair.at(0);
        if (!realBase)
            models.base = pair.at(1);
    }
    if (models.ensAdv.empty() && models.base.empty())
        throw Error(ErrorKind::BadInput, "no network of the seed's is in a store",
            "--seed-models-only",
            "'crossiter models fetch inception-v3 inception-resnet-v2-ens-adv' first");
    return seedPlan(request.dataset, models, realEnsAdv, realBase);
}

} // namespace crossiter
