#include "core/jobs/BatchJobs.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "core/base/RegularFile.h"
#include "core/base/Suggestion.h"
#include "core/batch/Distributed.h"
#include "core/batch/SeedPlan.h"
#include "core/batch/TournamentFolders.h"
#include "core/batch/TournamentGuard.h"
#include "core/jobs/InputFiles.h"
#include "core/report/ReferenceTable.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostExportBytes = 2ULL << 30U;

std::vector<fs::path> resultFiles(const fs::path& folder, bool pictures)
{
    std::vector<fs::path> files;
    std::error_code fault;
    const auto takeFolder = [&](const fs::path& from, const auto& wanted) {
        for (fs::directory_iterator entry(from, fault), end; !fault && entry != end;
             entry.increment(fault))
            if (entry->is_regular_file(fault) && wanted(entry->path()))
                files.push_back(fs::relative(entry->path(), folder));
    };
    takeFolder(
        folder,
        [](const fs::path& file) {
            const std::string name = file.filename().string();
            return file.extension() == ".csv" || name == "report.md" || name == "report.json"
                || name == "plan.json";
        });
    const auto isPng = [](const fs::path& file) { return file.extension() == ".png"; };
    const auto takeEach = [&](const char* parent, const auto& wanted) {
        for (fs::directory_iterator entry(folder / parent, fault), end; !fault && entry != end;
             entry.increment(fault))
            takeFolder(entry->path(), wanted);
    };
    takeEach("defenses_output", [](const fs::path& file) { return file.extension() == ".csv"; });
    if (pictures) {
        takeFolder(folder / "all_adv_examples", isPng);
        takeEach("attacks_output", isPng);
        takeEach("targeted_attacks_output", isPng);
    }
    std::ranges::sort(files);
    return files;
}

std::optional<std::vector<int>> labelsOf(Engine& engine, const TournamentPlan& plan,
    const PlanDefense& defense, const std::vector<Image>& images, const std::stop_token& stop)
{
    DefendRequest request;
    request.models = { defense.model };
    request.defense = defense.defense;
    if (request.defense.seed == DefenseRequest().seed)
        request.defense.seed = plan.seed; // the defense's own, where its text names one
    request.compute = plan.compute;
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
    for (const char* id : ids)
        if (hasWeights(models, id))
            return id;
    return {};
}

} // namespace

BatchEngine batchEngine(Engine& engine)
{
    BatchEngine batch;
    batch.attack = [&engine](const AttackRequest& request, const Image& clean,
                       const std::stop_token& stop) -> std::optional<Image> {
        const auto trace = engine.attack(request, clean, nullptr, {}, {}, stop);
        if (trace == nullptr || trace->cancelled)
            return std::nullopt;
        return trace->last().exported;
    };
    batch.defend = [&engine](const TournamentPlan& plan, const PlanDefense& defense,
                       const std::vector<Image>& images, const std::stop_token& stop) {
        return labelsOf(engine, plan, defense, images, stop);
    };
    batch.check = [&engine](const TournamentPlan& plan) {
        checkPlanModels(
            plan, "plan", [&engine](const std::string& id) { engine.requireModels({ id }); });
        engine.requireModels(modelsOf(plan)); // those that no key names: the default pair
    };
    batch.weights = [&engine](const std::vector<std::string>& ids) {
        return engine.origin(ids).weightsSha256;
    };
    batch.version = version();
    if (const fs::path& references = engine.storePaths().references; !references.empty())
        batch.published = readReferenceTables(references);
    return batch;
}

std::shared_ptr<const TournamentResult> runTournament(Engine& engine, const TournamentPlan& plan,
    const std::filesystem::path& output, const RunOptions& options,
    const std::optional<ProcessGroup>& group, const TournamentSink& sink, std::stop_token stop)
{
    BatchEngine batch = batchEngine(engine);
    const int devices = engine.cudaDeviceCount();
    const bool onCpu = devices == 0 || plan.compute.device.kind == Device::Kind::Cpu;
    batch.device = onCpu ? "cpu" : "cuda";
    if (!group) {
        LocalShare alone;
        return runTournament(plan, output, options, batch, alone, sink, std::move(stop));
    }
    RunOptions own = options;
    own.resume = options.resume || group->generation > 0; // torchrun has started the group anew
    const auto share = joinGroup(*group);
    if (onCpu)
        return runTournament(plan, output, own, batch, *share, sink, std::move(stop));
    // The plan, which all processes write and compare, does not name one process's device.
    BatchEngine placed = batch;
    const Device mine { Device::Kind::Cuda, group->localRank % devices };
    placed.attack = [&batch, mine](
                        AttackRequest request, const Image& clean, const std::stop_token& token) {
        request.compute.device = mine;
        return batch.attack(request, clean, token);
    };
    placed.defend = [&batch, mine](TournamentPlan changed, const PlanDefense& defense,
                        const std::vector<Image>& images, const std::stop_token& token) {
        changed.compute.device = mine;
        return batch.defend(changed, defense, images, token);
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

void requireOutput(const fs::path& output, const TournamentPlan& plan, const fs::path& planFile)
{
    guardTournament(TournamentFolders(output), plan, { planFile });
}

void requirePlanName(const fs::path& file)
{
    if (namesPicture(file))
        throw Error(ErrorKind::BadInput, "the result is a plan", file.string(),
            "a name as PLAN.json", "a picture's name");
}

void writePlan(const fs::path& file, const TournamentPlan& plan, const fs::path& planFile)
{
    requirePlanName(file);
    OutputGuard guard;
    guard.addInput(planFile, "the plan");
    addPlanInputs(guard, plan);
    guard.addOutput(file, OutputKind::Text);
    guard.check();
    writeFileAtomically(file, planText(plan));
}

std::vector<fs::path> exportTournament(const fs::path& from, const fs::path& to,
    const TournamentPlan& plan, bool pictures, const ProgressSink& progress,
    const std::stop_token& stop)
{
    std::error_code fault;
    const std::string relative = fs::weakly_canonical(to, fault)
                                     .lexically_relative(fs::weakly_canonical(from, fault))
                                     .string();
    if (!relative.empty() && relative.compare(0, 2, "..") != 0)
        throw Error(ErrorKind::BadInput, "cannot export into the tournament's own folder",
            to.string(), "a folder outside of it");
    const std::vector<fs::path> files = resultFiles(from, pictures);
    OutputGuard guard;
    addPlanInputs(guard, plan);
    for (const fs::path& file : files)
        guard.addOutput(to / file);
    guard.check();
    std::vector<fs::path> written;
    for (const fs::path& file : files) {
        if (stop.stop_requested())
            break;
        fs::create_directories((to / file).parent_path(), fault);
        writeFileAtomically(to / file, readFile(from / file, kMostExportBytes));
        written.push_back(to / file);
        if (progress)
            progress({ "copying", written.size(), files.size(), -1.0 });
    }
    return written;
}

} // namespace crossiter
