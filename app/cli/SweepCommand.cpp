#include "app/cli/AttackOptions.h"
#include "app/cli/DefenseOptions.h"
#include "app/cli/Terminal.h"
#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/defense/SweptSize.h"
#include "core/jobs/SweepJobs.h"
#include "core/report/JsonValues.h"

#include <filesystem>
#include <memory>

namespace crossiter::cli {

namespace {

struct SweepOptions
{
    AttackOptions attack; ///< with the common options and where labels come from
    DefenseOptions defense;
    std::filesystem::path input;
    std::filesystem::path outputDir;
    std::filesystem::path traceDir;
    std::string sizes;
    bool attacks = false; ///< --method was typed
    SweepRequest request;
};

Json sizeJson(const std::optional<int>& size)
{
    return size ? Json(*size) : Json(nullptr);
}

/// Of the last sub-step: what each model says at each size in a few words would be too long; the
/// best and the worst size tell whether there is something to see.
std::string sweepText(const SweepReport& report)
{
    const SweepResult& result = *report.result;
    const SweepRequest& request = result.request;
    const int last = request.subSteps.back();
    std::vector<std::vector<std::string>> rows { { "MODEL", "SIZES",
        request.trueLabel ? "TRUE LABEL AT" : "CELLS", "BEST SIZE", "PROBABILITY" } };
    for (std::size_t model = 0; model < request.models.size(); ++model) {
        std::size_t right = 0;
        const SweepCell* best = nullptr;
        for (const int size : request.sizes) {
            const SweepCell* cell = result.cell(last, size, static_cast<int>(model));
            right += request.trueLabel && cell->label == *request.trueLabel ? 1 : 0;
            if (best == nullptr || cell->trueProbability >= best->trueProbability)
                best = cell;
        }
        rows.push_back({ request.models[model], std::to_string(request.sizes.size()),
            request.trueLabel ? counted(right, "size") : std::to_string(result.cells.size()),
            request.trueLabel ? std::to_string(best->size) : "-",
            request.trueLabel ? fixedText(best->trueProbability, 3) : "-" });
    }
    return "sub-step " + std::to_string(last) + " of "
        + std::to_string(report.result->request.subSteps.size() - 1) + ", "
        + counted(result.cells.size(), "cell") + " in " + fixedText(report.seconds, 1) + " s\n"
        + textTable(rows);
}

std::string sweepJsonText(const SweepReport& report)
{
    Json json;
    json["cells"] = report.result->cells.size();
    json["substeps"] = report.result->request.subSteps.size();
    json["seconds"] = jsonNumber(report.seconds);
    json["true_label"] = sizeJson(report.trueLabel.label);
    json["labels"] = labelsJson(report.labels);
    json["best_size"] = sizeJson(report.result->bestSize());
    json["written"] = Json::array();
    for (const auto& path : report.written)
        json["written"].push_back(path.string());
    return jsonText(json);
}

int sweepOne(const SweepOptions& options, Engine& engine, const std::stop_token& stop)
{
    const CommonOptions& common = options.attack.common;
    SweepJob job;
    job.image = options.input;
    job.outputDir = options.outputDir;
    job.request = options.request;
    job.read = options.attack.job.read;
    job.labels = options.attack.job.labels;
    job.labels.onMatched = labelNotes(common);
    job.traceDir = options.traceDir;
    if (options.attacks)
        job.attack = requestOf(options.attack);
    job.request.target = options.attack.choices.target;
    SweepReport report;
    {
        ProgressLine line(common.quiet);
        report = sweepImage(engine, job, {}, line.sink(), stop);
    }
    if (report.cancelled)
        printError("cancelled, " + options.input.string() + ": nothing was written");
    else if (common.json)
        print(sweepJsonText(report));
    else if (!common.quiet)
        print(sweepText(report));
    if (common.verbose)
        for (const auto& path : report.written)
            printNote("wrote " + oneLine(path.string()));
    return exitCodeOfJob(report.cancelled, 0, 1);
}

std::string accuracyText(const FolderSweepReport& report)
{
    std::vector<std::vector<std::string>> rows { { "SIZE", "MODEL", "RIGHT", "OF", "SHARE",
        "95 % INTERVAL", "MEAN TRUE PROBABILITY" } };
    for (const SizeAccuracy& row : report.rows)
        rows.push_back(
            { std::to_string(row.size), report.request.models[static_cast<std::size_t>(row.model)],
                std::to_string(row.right.hits), std::to_string(row.right.total),
                fixedText(row.right.share, 3),
                fixedText(row.right.low, 3) + " to " + fixedText(row.right.high, 3),
                fixedText(row.meanTrueProbability, 3) });
    const std::optional<int> best = report.bestSize();
    return textTable(rows, { 0, 2, 3 }) + "best size: " + (best ? std::to_string(*best) : "-")
        + "\n";
}

std::string accuracyJsonText(const FolderSweepReport& report)
{
    Json json;
    json["images"] = report.images;
    json["unlabelled"] = report.unlabelled;
    json["failed"] = report.errors.size();
    json["labels"] = labelsJson(report.labels);
    json["best_size"] = sizeJson(report.bestSize());
    json["rows"] = Json::array();
    for (const SizeAccuracy& row : report.rows) {
        Json entry;
        entry["size"] = row.size;
        entry["model"] = report.request.models[static_cast<std::size_t>(row.model)];
        entry["right"] = row.right.hits;
        entry["total"] = row.right.total;
        entry["share"] = jsonNumber(row.right.share);
        entry["low"] = jsonNumber(row.right.low);
        entry["high"] = jsonNumber(row.right.high);
        entry["mean_true_probability"] = jsonNumber(row.meanTrueProbability);
        json["rows"].push_back(std::move(entry));
    }
    return jsonText(json);
}

int sweepAll(const SweepOptions& options, Engine& engine, const std::stop_token& stop)
{
    if (options.attacks || !options.traceDir.empty())
        throw Error(ErrorKind::Usage, "a folder is swept as it is",
            options.attacks ? "--method" : "--from-trace",
            "one image, or a folder of attacked images", "a folder");
    const CommonOptions& common = options.attack.common;
    FolderSweepJob job;
    job.folder = options.input;
    job.request = options.request;
    job.read = options.attack.job.read;
    job.labels = options.attack.job.labels;
    job.labels.onMatched = labelNotes(common);
    job.outputDir = options.outputDir;
    const OutputFolder output(options.outputDir);
    FolderSweepReport report;
    {
        ProgressLine line(common.quiet);
        report = sweepFolder(engine, job, {}, line.sink(), stop);
    }
    for (const std::string& error : report.errors)
        printError(error);
    printSuspicion(report.labels, common);
    if (!common.quiet)
        printLitter(report.litter);
    std::vector<std::filesystem::path> written;
    if (report.cancelled)
        printError("cancelled, " + options.input.string() + ": nothing was written");
    else if (report.images > 0)
        written = writeAccuracy(engine, options.outputDir, report);
    if (!report.cancelled && common.json)
        print(accuracyJsonText(report));
    else if (!report.cancelled && !common.quiet)
        print(accuracyText(report));
    if (common.verbose) {
        if (report.unlabelled > 0)
            printNote(counted(report.unlabelled, "image") + " without a true label left out");
        for (const auto& path : written)
            printNote("wrote " + oneLine(path.string()));
    }
    return exitCodeOfJob(
        report.cancelled, report.errors.size(), report.images + report.errors.size());
}

int sweep(const SweepOptions& options, const std::stop_token& stop)
{
    SweepOptions chosen = options;
    const CommonOptions& common = options.attack.common;
    common.requirePrecision();
    chosen.request.compute = common.compute;
    Engine engine(common.engineOptions());
    return std::filesystem::is_directory(options.input) ? sweepAll(chosen, engine, stop)
                                                        : sweepOne(chosen, engine, stop);
}

} // namespace

void addSweepCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand("sweep",
        "An image through a defense at many sizes, or the accuracy of a folder over sizes");
    command
        ->add_option("INPUT", options->input,
            "image; or folder of images whose true labels are known: accuracy over sizes")
        ->required()
        ->type_name("PATH");
    addModelOption(*command, options->request.models);
    addText(*command, "--sizes", "FIRST:LAST:STEP, both ends in, or a list; 1..299",
        [options](
            const std::string& text) { options->request.sizes = parseSweepSizes("--sizes", text); })
        ->required()
        ->type_name("SIZES");
    command->add_option("--output", options->outputDir, "sweep.csv, .json and heat maps go here")
        ->required()
        ->type_name("DIR");
    command
        ->add_option("--from-trace", options->traceDir,
            "sweep every sub-step of DIR/STEM.trace.json, STEM of the image")
        ->type_name("DIR");
    options->defense.addTo(*command);
    CLI::Option* method = addAttackRule(*command, options->attack);
    addAttackNetworks(*command, options->attack.choices);
    command->get_option("--judge")->group(""); // the sweep's models judge
    addLabelOptions(*command, options->attack.job.labels);
    addReadOptions(*command, options->attack.job.read);
    addCommonOptions(*command, options->attack.common);
    command->footer(
        "Without --method and --from-trace the image is swept as it is. The sizes take the place "
        "of the first --resize's last size;\nwithout --resize they stand in front.");
    command->callback([options, command, method, &chosen] {
        if (command->get_option("--judge")->count() > 0)
            throw Error(ErrorKind::Usage, "a sweep's judges are its models", "--judge",
                "--model ID, repeatable", "--judge");
        options->attacks = method->count() > 0;
        options->request.defense = options->defense.request(*command, options->attack.common.seed);
        for (const int size : options->request.sizes)
            checkDefense(withSize(options->request.defense, size));
        if (!options->attacks) {
            const std::string typed = typedField(*command, "target");
            const bool targets = command->get_option("--targets")->count() > 0;
            if (targets || !typed.empty())
                throw Error(ErrorKind::Usage, "this option belongs to an attack",
                    typed.empty() ? "--targets" : typed, "--method METHOD with it", "no --method");
        }
        chosen.run = [options](const std::stop_token& stop) { return sweep(*options, stop); };
    });
}

} // namespace crossiter::cli
