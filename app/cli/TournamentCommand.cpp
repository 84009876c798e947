#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/TimeLeft.h"
#include "core/batch/LocalProcesses.h"
#include "core/batch/TournamentView.h"
#include "core/jobs/BatchJobs.h"
#include "core/report/JsonValues.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

namespace crossiter::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kMostProcesses = 1024;
constexpr std::size_t kMostFailureLines = 20; ///< on stderr; the report has all

struct TournamentOptions
{
    CommonOptions common;
    std::string plan;
    std::string output;
    RunOptions run;
    int processes = 0; ///< 0: this one alone, or as the environment says
    PlanPresetRequest preset;
    std::string dataset;
    std::string csv;
    std::optional<int> images;
    std::optional<int> epsilon;
    bool official = false;
    bool allClassification = false;
    std::string writePlan;
    CLI::App* command = nullptr;

    [[nodiscard]] bool typed(const char* option) const { return command->count(option) > 0; }
};

fs::path absolutePath(const std::string& text)
{
    fs::path path = fs::absolute(text).lexically_normal();
    return path.has_filename() ? path : path.parent_path(); // "DIR/"
}

TournamentPlan presetPlan(const TournamentOptions& options, const Engine& engine)
{
    if (options.dataset.empty())
        throw Error(ErrorKind::Usage, "argument missing", "--plan-preset", "--dataset DIR");
    PlanPresetRequest request = options.preset;
    request.dataset.folder = absolutePath(options.dataset);
    if (!options.csv.empty())
        request.dataset.csv = absolutePath(options.csv);
    TournamentPlan plan = planPreset(engine, request);
    plan.official = options.official;
    if (options.official)
        plan.epsilon255.reset();
    return plan;
}

/// The file or the preset, and what was typed beside it.
TournamentPlan planOf(const TournamentOptions& options, const Engine& engine)
{
    const bool preset = !options.preset.name.empty();
    if (preset == !options.plan.empty())
        throw Error(ErrorKind::Usage, "which plan?", "crossiter tournament",
            "PLAN, or --plan-preset NAME", preset ? "both" : "neither");
    for (const char* option : { "--dataset", "--csv", "--official", "--seed-models-only" }) {
        if (!preset && options.typed(option))
            throw Error(ErrorKind::Usage, "this is for --plan-preset", option,
                "the same in the plan's file");
    }
    TournamentPlan plan = preset ? presetPlan(options, engine) : readPlan(options.plan);
    if (options.images)
        plan.dataset.images = static_cast<std::size_t>(*options.images);
    if (options.epsilon)
        plan.epsilon255 = *options.epsilon;
    plan.allClassification = plan.allClassification || options.allClassification;
    const CommonOptions& common = options.common;
    if (options.typed("--threads"))
        plan.compute.threads = common.compute.threads > 0
            ? common.compute.threads
            : std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
    if (options.typed("--numerics"))
        plan.compute.numerics = common.compute.numerics;
    if (options.typed("--seed"))
        plan.seed = common.seed;
    if (options.typed("--device"))
        plan.compute.device = common.compute.device;
    const std::string place = preset ? "--plan-preset " + options.preset.name : options.plan;
    checkPlan(plan, place);
    checkPlanModels(
        plan, place, [&engine](const std::string& id) { engine.requireModels({ id }); });
    return plan;
}

std::string percent(const std::optional<double>& share)
{
    return share ? fixedText(*share * 100.0, 1) + " %" : "-";
}

void printResult(
    const TournamentOptions& options, const TournamentPlan& plan, const TournamentResult& result)
{
    const fs::path output = absolutePath(options.output);
    const std::vector<NormalisedScore> scores = scoresOf(plan, result.outcome);
    if (options.common.json) {
        Json json;
        json["output"] = output.string();
        json["images"] = result.outcome.images.size();
        json["failures"] = result.failures.size();
        json["notes"] = result.notes;
        json["scores"] = Json::array();
        for (const NormalisedScore& score : scores) {
            Json line;
            line["kind"] = score.kind;
            line["name"] = score.name;
            line["score"] = score.score;
            line["normalised"] = score.normalised ? jsonNumber(*score.normalised) : Json(nullptr);
            json["scores"].push_back(std::move(line));
        }
        print(jsonText(json));
        return;
    }
    if (options.common.quiet)
        return;
    for (const std::string& note : result.notes)
        if (note.starts_with("warning: "))
            printNote(oneLine(note, 1000));
    std::vector<std::vector<std::string>> rows { { "KIND", "NAME", "SCORE", "NORMALISED",
        "OVER RIGHT" } };
    for (const NormalisedScore& score : scores)
        rows.push_back({ score.kind, score.name, std::to_string(score.score),
            percent(score.normalised), percent(score.normalisedOverRight) });
    print(textTable(rows, { 2, 3, 4 }) + "\n" + counted(result.outcome.images.size(), "image")
        + ", " + counted(result.failures.size(), "failure") + "; "
        + oneLine((output / "report.md").string()) + "\n");
}

/// 130, 0, 1 when not one label came out, else 4.
int exitCodeOf(const TournamentResult& result)
{
    if (result.cancelled)
        return exitCodeOfJob(true, 0, 0);
    std::size_t labels = 0;
    for (const auto& list : result.outcome.labels)
        for (const std::optional<int>& label : list)
            labels += label ? 1 : 0;
    return exitCodeOfJob(false, result.failures.size(), result.failures.size() + labels);
}

std::string describe(const TournamentEvent& event)
{
    return event.stage + (event.name.empty() ? "" : " " + event.name)
        + (event.image.empty() ? "" : ", " + event.image);
}

int runHere(const TournamentOptions& options, const TournamentPlan& plan, Engine& engine,
    const std::optional<ProcessGroup>& group, const std::stop_token& stop)
{
    ProgressLine line(options.common.quiet);
    const ProgressSink progress = line.sink();
    std::size_t failures = 0;
    std::string phase;
    std::size_t first = 0;
    Stopwatch clock;
    const auto onEvent = [&](const TournamentEvent& event) {
        if (!event.failure.empty() && ++failures <= kMostFailureLines)
            printError(describe(event) + ": " + event.failure);
        if (event.stage != phase || event.found) {
            phase = event.stage;
            first = event.done;
            clock.restart();
        }
        const std::size_t fresh = event.done - std::min(first, event.done);
        const std::size_t toDo = event.total - std::min(event.done, event.total);
        if (progress)
            progress({ describe(event), event.done, event.total,
                secondsLeft(clock.seconds(), fresh, toDo) });
    };
    const auto result = runTournament(
        engine, plan, absolutePath(options.output), options.run, group, onEvent, stop);
    if (failures > kMostFailureLines)
        printError(std::to_string(failures - kMostFailureLines)
            + " more failures: " + oneLine((absolutePath(options.output) / "report.md").string()));
    if (result->wroteReport)
        printResult(options, plan, *result);
    return exitCodeOf(*result);
}

int runProcesses(
    const TournamentOptions& options, const TournamentPlan& plan, const std::stop_token& stop)
{
    const fs::path output = absolutePath(options.output);
    LocalProcesses request;
    request.program = fs::read_symlink("/proc/self/exe").string();
    request.processes = options.processes;
    const CommonOptions& common = options.common;
    if (!common.store.empty())
        request.arguments.insert(
            request.arguments.end(), { "--store", absolutePath(common.store).string() });
    if (common.memoryBytes > 0)
        request.arguments.insert(
            request.arguments.end(), { "--memory", std::to_string(common.memoryBytes) });
    if (common.json)
        request.arguments.emplace_back("--json");
    if (common.quiet)
        request.arguments.emplace_back("--quiet");
    std::unique_ptr<TournamentView> view;
    std::size_t done = 0;
    std::size_t total = 0;
    LocalProcessesResult result;
    {
        ProgressLine line(common.quiet);
        const ProgressSink progress = line.sink();
        const auto onWorkers = [&](const std::vector<WorkerState>& workers) {
            if (!view && holdsTournament(output))
                view = std::make_unique<TournamentView>(output);
            if (view && view->update()) {
                const auto snapshot = view->snapshot(); // or the loop would outlive it
                done = 0;
                total = 0;
                for (const SubmissionProgress& submission : snapshot->submissions) {
                    done += submission.done + submission.failed;
                    total += submission.total;
                }
            }
            std::string at;
            for (const WorkerState& worker : workers)
                at += (at.empty() ? "" : " | ") + std::to_string(worker.rank) + ": " + worker.now;
            if (progress)
                progress({ at, done, total });
        };
        const auto onText = [](int, std::string_view out, std::string_view error) {
            print(std::string(out));
            std::string_view rest = error;
            while (!rest.empty()) {
                const std::size_t end = std::min(rest.find('\n'), rest.size());
                std::string text(rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
                constexpr std::string_view kName = "crossiter: ";
                printError(text.starts_with(kName) ? text.substr(kName.size()) : text);
            }
        };
        result = runLocalProcesses(plan, output, options.run, request, onWorkers, onText, stop);
    }
    for (const std::string& lost : result.lost)
        printError(lost
            + (result.exitCode == 0 || result.exitCode == 4 ? "; the others took its work over"
                                                            : ""));
    return result.exitCode;
}

/// What the dataset leaves out, before any work; its errors are the tournament's own to tell.
void tellDataset(const TournamentPlan& plan)
{
    try {
        for (const std::string& note : viewDataset(plan.dataset).notes)
            printNote(oneLine(note, 1000));
    } catch (const Error&) {
        return;
    }
}

int tournament(const TournamentOptions& options, const std::stop_token& stop)
{
    options.common.requirePrecision();
    Engine engine(options.common.engineOptions());
    const TournamentPlan plan = planOf(options, engine);
    if (!options.output.empty())
        requireOutput(absolutePath(options.output), plan, options.plan);
    if (!options.writePlan.empty()) {
        writePlan(options.writePlan, plan, options.plan);
        if (options.output.empty())
            return 0;
    }
    if (options.output.empty())
        throw Error(ErrorKind::Usage, "argument missing", "crossiter tournament", "--output DIR");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment
    const auto group = groupFromEnvironment([](const char* name) { return std::getenv(name); });
    if (!options.common.quiet && !group)
        tellDataset(plan);
    if (options.processes == 0)
        return runHere(options, plan, engine, group, stop);
    if (group)
        throw Error(ErrorKind::Usage, "already one of several processes", "--processes",
            "this option alone, or " + group->startedBy);
    return runProcesses(options, plan, stop);
}

void addPresetOptions(CLI::App& command, TournamentOptions& options)
{
    const std::string group = "Plans without a file";
    command
        .add_option("--plan-preset", options.preset.name,
            "seed (the rows of the seed's tables) or embedded (6 attacks x 6 defenses)")
        ->type_name("NAME")
        ->group(group);
    command.add_option("--dataset", options.dataset, "folder of the images")
        ->type_name("DIR")
        ->group(group);
    command.add_option("--csv", options.csv, "the dataset's CSV; else labels from the file names")
        ->type_name("CSV")
        ->group(group);
    command
        .add_flag("--official", options.official,
            "the official evaluation's rules, files and epsilons 4, 8, 12, 16")
        ->group(group);
    command
        .add_flag("--seed-models-only", options.preset.seedModelsOnly,
            "leave out rows whose own network is not fetched; no stand-ins")
        ->group(group);
    command
        .add_option("--write-plan", options.writePlan,
            "write the plan to this file; without --output that is all")
        ->type_name("FILE")
        ->group(group);
}

} // namespace

void addTournamentCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<TournamentOptions>();
    CLI::App* command = app.add_subcommand("tournament",
        "Attacks x defenses on a dataset, with the competition's files. Several processes "
        "(torchrun, Slurm, --processes) share the work.");
    options->command = command;
    command->add_option("PLAN", options->plan, "the plan (JSON; docs/batch.md)");
    command->add_option("--output", options->output, "folder for everything that comes out")
        ->type_name("DIR");
    command->add_flag("--resume", options->run.resume,
        "go on with the tournament in the folder (begin, if there is none)");
    addWhole(*command, "--processes", "start so many local processes", options->processes, 1,
        kMostProcesses);
    addWhole(*command, "--images", "only the first N images", options->images, 1, 1'000'000);
    addWhole(*command, "--epsilon", "budget in grey levels, instead of the plan's",
        options->epsilon, 0, 255);
    command->add_flag(
        "--all-classification", options->allClassification, "write all_classification.csv too");
    addPresetOptions(*command, *options);
    addCommonOptions(*command, options->common, 1);
    onChosen(*command, chosen, options, tournament);
}

} // namespace crossiter::cli
