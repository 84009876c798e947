#include "app/cli/AttackOptions.h"
#include "app/cli/Terminal.h"
#include "core/attack/AttackExtras.h"
#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/defense/DefenseRequest.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace crossiter::cli {

AttackRequest requestOf(const AttackOptions& options)
{
    options.common.requirePrecision();
    AttackRequest request = defaultRequest(options.method, options.epsilon);
    if (!options.sources.empty())
        request.sources = options.sources;
    request.judges.clear();
    for (const std::string& id : options.judges.empty() ? request.sources : options.judges) {
        if (std::find(request.judges.begin(), request.judges.end(), id) == request.judges.end())
            request.judges.push_back(id);
    }
    request.rounds = options.rounds.value_or(request.rounds);
    if (options.method == Method::MiFgsm)
        request.stepPx = evenStepPx(request.epsilon255, request.rounds);
    request.stepPx = options.step.value_or(request.stepPx);
    request.projection = options.projection.value_or(request.projection);
    request.labelRule = options.labelRule.value_or(request.labelRule);
    request.save = options.save.value_or(request.save);
    request.target = options.target;
    request.through = options.through;
    request.throughDraws = options.throughDraws;
    request.momentum = options.momentum.value_or(request.momentum);
    request.ensemble = options.ensemble.value_or(request.ensemble);
    request.diversity = options.diversity;
    request.translation = options.translation;
    request.scales = options.scales;
    request.nesterov = options.nesterov;
    request.seed = options.common.seed;
    request.numerics = options.common.numerics;
    request.threads = options.common.threads;
    request.device = options.common.device;
    const bool target = options.target || options.job.targetRank;
    const bool targets = target || !options.job.labels.targetsCsv.empty();
    if (targets && request.labelRule != LabelRule::Target)
        throw Error(ErrorKind::Usage, "a target is not for this method and label rule",
            target ? "--target" : "--targets", "a targeted method and the rule target",
            toString(options.method) + " and " + toString(request.labelRule));
    if (options.job.floats && options.job.traceDir.empty())
        throw Error(ErrorKind::Usage, "float images belong to a trace", "--floats", "--trace DIR");
    return request;
}

namespace {

/// "1-2 Dalmatian, 3 Saluki": which label which sub-steps attacked.
std::string attackedText(const std::vector<AttackedStep>& steps)
{
    std::string text;
    for (std::size_t first = 0; first < steps.size();) {
        std::size_t last = first;
        while (last + 1 < steps.size() && steps[last + 1].label == steps[first].label)
            ++last;
        if (steps[first].label >= 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(first + 1)
                + (last > first ? "-" + std::to_string(last + 1) : "")
                + (steps[first].descends ? " towards " : " ") + labelName(steps[first].label);
        }
        first = last + 1;
    }
    return text.empty() ? "no label" : text;
}

std::string labelled(const RankedLabel& ranked)
{
    return labelName(ranked.label) + " " + fixedText(ranked.probability, 3);
}

std::string summaryText(const AttackedImage& image)
{
    std::string text = oneLine(image.image.string()) + " -> " + oneLine(image.output.string())
        + "  L-infinity " + std::to_string(image.linfExported) + ", " + fixedText(image.seconds, 1)
        + " s\n";
    std::vector<std::vector<std::string>> rows;
    rows.push_back({ "  true label",
        image.trueLabel.label
            ? labelName(*image.trueLabel.label) + " (" + describe(image.trueLabel.origin) + ")"
            : "not known" });
    rows.push_back({ "  attacked", attackedText(image.steps) });
    for (const JudgeOutcome& judge : image.judges)
        rows.push_back(
            { "  " + judge.model, labelled(judge.clean) + " -> " + labelled(judge.final) });
    return text + textTable(rows);
}

Json rankedJson(const RankedLabel& ranked)
{
    Json json;
    json["label"] = ranked.label;
    json["name"] = labelName(ranked.label);
    json["probability"] = jsonNumber(ranked.probability);
    return json;
}

Json summaryJson(const AttackedImage& image)
{
    Json json;
    json["image"] = image.image.string();
    json["output"] = image.error.empty() ? Json(image.output.string()) : Json(nullptr);
    json["error"] = image.error.empty() ? Json(nullptr) : Json(image.error);
    json["true_label"] = image.trueLabel.label ? Json(*image.trueLabel.label) : Json(nullptr);
    json["target"] = image.target ? Json(*image.target) : Json(nullptr);
    json["linf_exported"] = image.linfExported;
    json["attacked"] = Json::array();
    for (const AttackedStep& step : image.steps)
        json["attacked"].push_back(step.label >= 0 ? Json(step.label) : Json(nullptr));
    json["judges"] = Json::object();
    for (const JudgeOutcome& judge : image.judges) {
        json["judges"][judge.model]["clean"] = rankedJson(judge.clean);
        json["judges"][judge.model]["final"] = rankedJson(judge.final);
    }
    return json;
}

int attack(const AttackOptions& options, const std::stop_token& stop)
{
    AttackJob job = options.job;
    job.request = requestOf(options);
    Engine engine(options.common.engineOptions());
    const CommonOptions& common = options.common;
    job.labels.onMatched = labelNotes(common);
    const auto onImage = [&common](const AttackedImage& image) {
        if (!image.error.empty()) {
            printError(image.error);
            return;
        }
        if (!common.quiet && !common.json)
            print(summaryText(image));
        if (common.verbose) {
            for (const std::string& note : image.notes)
                printNote(oneLine(note));
            for (const auto& path : image.written)
                printNote("wrote " + oneLine(path.string()));
        }
    };
    AttackReport report;
    {
        ProgressLine line(common.quiet);
        report = attackInputs(engine, job, onImage, line.sink(), stop);
    }
    printSuspicion(report.labels, common);
    if (!common.quiet)
        printLitter(report.litter);
    if (common.json) {
        Json output = Json::array();
        for (const AttackedImage& image : report.images)
            output.push_back(summaryJson(image));
        print(jsonText(output));
    } else if (!common.quiet && report.inputs > 1) {
        const std::size_t done = report.images.size() - report.failed;
        print(std::to_string(done) + " of " + counted(report.inputs, "image") + " done, "
            + std::to_string(report.failed) + " failed"
            + (report.skipped > 0 ? ", " + counted(report.skipped, "other file") + " skipped" : "")
            + "\n");
    }
    if (report.cancelled)
        printError("cancelled, " + job.input.string() + ": "
            + std::to_string(report.images.size() - report.failed) + " of "
            + counted(report.inputs, "image") + " done; what is done stays");
    return exitCodeOfJob(report.cancelled, report.failed, report.inputs);
}

template <typename T>
std::string choicesOf(const std::vector<T>& values)
{
    std::string text;
    for (const T& value : values)
        text += (text.empty() ? "" : ", ") + toString(value);
    return text;
}

} // namespace

void addAttackNetworks(CLI::App& command, AttackOptions& options)
{
    const std::string group = "Networks";
    command
        .add_option("--source", options.sources,
            "stepped network, repeatable, in order [efficientnet-lite1, efficientnet-lite0]")
        ->allow_extra_args(false)
        ->type_name("ID")
        ->group(group);
    command
        .add_option(
            "--judge", options.judges, "network that only predicts, repeatable [the sources]")
        ->allow_extra_args(false)
        ->type_name("ID")
        ->group(group);
}

namespace {

/// MI-FGSM's options and its successors', for every gradient method.
void addAttackExtras(CLI::App& command, AttackOptions& options)
{
    const std::string group = "Gradient (with every method that steps)";
    addText(command, "--momentum", "decay of the accumulated gradient, 0..10 [mi-fgsm 1, else 0]",
        [&options](const std::string& text) { options.momentum = parseNumber("--momentum", text); })
        ->type_name("MU")
        ->group(group);
    command
        .add_flag("--nesterov", options.nesterov, "gradient ahead of the image, along the momentum")
        ->group(group);
    addText(
        command, "--diversity", "probability of a random resize and pad before the source",
        [&options](
            const std::string& text) { options.diversity = parseNumber("--diversity", text); },
        "0")
        ->type_name("P")
        ->group(group);
    addText(
        command, "--translation", "side of the Gaussian that smooths the gradient: 0, or odd 3..31",
        [&options](const std::string& text) {
            options.translation = parseWhole("--translation", text, 0, 31);
        },
        "0")
        ->type_name("N")
        ->group(group);
    addText(
        command, "--scales", "mean gradient over the image divided by 1, 2, 4, ...: 1..10 of them",
        [&options](
            const std::string& text) { options.scales = parseWhole("--scales", text, 1, 10); },
        "1")
        ->type_name("N")
        ->group(group);
    addText(command, "--ensemble",
        choicesOf(allEnsembles()) + " [mi-fgsm mean-logits, else alternate]",
        [&options](const std::string& text) { options.ensemble = parseEnsemble(text); })
        ->type_name("NAME")
        ->group(group);
}

} // namespace

CLI::Option* addAttackRule(CLI::App& command, AttackOptions& options)
{
    const std::string group = "Attack (defaults by method: see below)";
    CLI::Option* method = addText(command, "--method", choicesOf(allMethods()),
        [&options](const std::string& text) { options.method = parseMethod(text); });
    method->type_name("METHOD")->group(group);
    addText(
        command, "--epsilon", "L-infinity budget in grey levels, 0..255",
        [&options](
            const std::string& text) { options.epsilon = parseWhole("--epsilon", text, 0, 255); },
        "16")
        ->type_name("N")
        ->group(group);
    addText(command, "--rounds", "passes over all sources, 0..1000",
        [&options](
            const std::string& text) { options.rounds = parseWhole("--rounds", text, 0, 1000); })
        ->type_name("N")
        ->group(group);
    addText(command, "--step", "grey levels a sub-step",
        [&options](const std::string& text) { options.step = parseNumber("--step", text); })
        ->type_name("PX")
        ->group(group);
    addText(command, "--projection", "none or ball",
        [&options](const std::string& text) { options.projection = parseProjection(text); })
        ->type_name("NAME")
        ->group(group);
    addText(command, "--label-rule", choicesOf(allLabelRules()),
        [&options](const std::string& text) { options.labelRule = parseLabelRule(text); })
        ->type_name("RULE")
        ->group(group);
    auto* target = addText(command, "--target",
        "target of every image: 1..1000 or a name; second, least (likely) or random: by what the "
        "sources say of the clean image",
        [&options](const std::string& text) {
            options.job.targetRank = findTargetRank(text);
            if (!options.job.targetRank)
                options.target = parseLabel("--target", text);
            if (options.target == 0)
                throw Error(ErrorKind::Usage, "the background is no target", "--target",
                    "1..1000 or a class name", text);
        });
    target->type_name("LABEL")->group(group);
    command
        .add_option("--targets", options.job.labels.targetsCsv,
            "rows NAME.png,CLASS, or the dataset's CSV (columns ImageId, TargetClass)")
        ->type_name("CSV")
        ->excludes(target)
        ->group(group);
    addText(command, "--through",
        "attack through a defense: a preset, or items as in resize=200;dropout",
        [&options](const std::string& text) { options.through = defenseText(parseDefense(text)); })
        ->type_name("DEFENSE")
        ->group(group);
    addText(
        command, "--through-draws", "gradients averaged a sub-step through a random defense",
        [&options](const std::string& text) {
            options.throughDraws = parseWhole("--through-draws", text, 1, 1000);
        },
        "1")
        ->type_name("N")
        ->group(group);
    addAttackExtras(command, options);
    return method;
}

namespace {

void addOutput(CLI::App& command, AttackOptions& options)
{
    const std::string group = "Output";
    addText(command, "--save", "floor, round or legacy-stretch",
        [&options](const std::string& text) { options.save = parseSaveRule(text); })
        ->type_name("RULE")
        ->group(group);
    command
        .add_option("--trace", options.job.traceDir,
            "write STEM.trace.json and each sub-step's picture there")
        ->type_name("DIR")
        ->group(group);
    command
        .add_flag(
            "--floats", options.job.floats, "with --trace: each sub-step's float image as .npy")
        ->group(group);
}

constexpr const char* kDefaultsTable =
    "Defaults by method:\n"
    "  method                  rounds  step     projection  label rule     save\n"
    "  cross-iterative         3       6.375    none        own-refreshed  floor\n"
    "  cross-iterative-target  20      1        ball        target         round\n"
    "  fgsm                    1       epsilon  ball        own-clean      floor\n"
    "  step-target             1       epsilon  ball        target         round\n"
    "  bim                     10      6.375    ball        own-clean      floor\n"
    "  iter-target             20      1        ball        target         round\n"
    "  mi-fgsm                 10      epsilon  ball        joint-clean    round\n"
    "                                  / rounds\n"
    "  noop                    -       -        -           -              round\n"
    "  random-noise            -       epsilon  -           -              round";

} // namespace

void addAttackCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<AttackOptions>();
    CLI::App* command =
        app.add_subcommand("attack", "Adversarial images of a photo or of each photo of a folder");
    command->add_option("INPUT", options->job.input, "image, or folder of images")
        ->required()
        ->type_name("PATH");
    command->add_option("OUTPUT_DIR", options->job.outputDir, "STEM.png and its provenance go here")
        ->required()
        ->type_name("DIR");
    addAttackRule(*command, *options)->required();
    addAttackNetworks(*command, *options);
    addOutput(*command, *options);
    addLabelOptions(*command, options->job.labels);
    addReadOptions(*command, options->job.read);
    addCommonOptions(*command, options->common);
    command->footer(kDefaultsTable);
    command->callback([options, &chosen] {
        chosen.run = [options](const std::stop_token& stop) { return attack(*options, stop); };
    });
}

} // namespace crossiter::cli
