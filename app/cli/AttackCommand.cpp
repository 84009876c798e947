#include "app/cli/AttackOptions.h"
#include "app/cli/Terminal.h"
#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

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

void addOutput(CLI::App& command, AttackOptions& options)
{
    const std::string group = attackField("save").group;
    addField(command, attackField("save"), options.choices);
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
    addAttackNetworks(*command, options->choices);
    addOutput(*command, *options);
    addLabelOptions(*command, options->job.labels);
    addReadOptions(*command, options->job.read);
    addCommonOptions(*command, options->common);
    command->footer(defaultsTable());
    onChosen(*command, chosen, options, attack);
}

} // namespace crossiter::cli
