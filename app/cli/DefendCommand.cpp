#include "app/cli/DefenseOptions.h"
#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/jobs/DefendJobs.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct DefendOptions
{
    CommonOptions common;
    DefenseOptions defense;
    DefendJob job;
};

/// "0.700 (0.604 to 0.781)"
std::string intervalText(const Proportion& share)
{
    return fixedText(share.share, 3) + " (" + fixedText(share.low, 3) + " to "
        + fixedText(share.high, 3) + ")";
}

std::string tableText(const DefendReport& report)
{
    std::vector<std::vector<std::string>> rows { { "IMAGE", "LABEL", "PROBABILITY", "TRUE IN DRAWS",
        "FLIPS" } };
    for (const DefendedImage& image : report.images) {
        if (!image.error.empty())
            continue;
        const RankedLabel best = image.prediction.mean.top(1).at(0);
        rows.push_back({ oneLine(image.image.filename().string()), labelName(best.label),
            fixedText(best.probability, 3),
            image.trueLabel.label ? intervalText(image.prediction.trueTop1) : "-",
            fixedText(image.prediction.flipRate, 3) });
    }
    std::string text = textTable(rows);
    if (report.right.total > 0)
        text += std::to_string(report.right.hits) + " of " + std::to_string(report.right.total)
            + " right: " + intervalText(report.right) + "\n";
    return text;
}

std::string reportJson(const DefendReport& report)
{
    Json json;
    json["right"] = report.right.total > 0 ? proportionJson(report.right) : Json(nullptr);
    json["failed"] = report.failed;
    json["labels"] = labelsJson(report.labels);
    json["images"] = Json::array();
    for (const DefendedImage& image : report.images) {
        Json row;
        row["image"] = image.image.string();
        row["error"] = image.error.empty() ? Json(nullptr) : Json(image.error);
        row["true_label"] = image.trueLabel.label ? Json(*image.trueLabel.label) : Json(nullptr);
        if (image.error.empty()) {
            const RankedLabel best = image.prediction.mean.top(1).at(0);
            row["label"] = best.label;
            row["name"] = labelName(best.label);
            row["probability"] = jsonNumber(best.probability);
            row["draws"] = image.prediction.drawTop1.size();
            row["true_top1"] =
                image.trueLabel.label ? proportionJson(image.prediction.trueTop1) : Json(nullptr);
            row["flip_rate"] = jsonNumber(image.prediction.flipRate);
        }
        json["images"].push_back(std::move(row));
    }
    return jsonText(json);
}

int defend(const DefendOptions& options, const std::stop_token& stop)
{
    const CommonOptions& common = options.common;
    common.requirePrecision();
    DefendJob job = options.job;
    job.request.compute = common.compute;
    job.labels.onMatched = labelNotes(common);
    Engine engine(common.engineOptions());
    DefendReport report;
    {
        ProgressLine line(common.quiet);
        report = defendInputs(
            engine, job,
            [](const DefendedImage& image) {
                if (!image.error.empty())
                    printError(image.error);
            },
            line.sink(), stop);
    }
    printSuspicion(report.labels, common);
    if (!common.quiet)
        printLitter(report.litter);
    if (report.cancelled)
        printError("cancelled, " + job.input.string() + ": nothing was written");
    else if (common.json)
        print(reportJson(report));
    else if (!common.quiet)
        print(tableText(report));
    if (common.verbose)
        for (const auto& path : report.written)
            printNote("wrote " + oneLine(path.string()));
    return exitCodeOfJob(report.cancelled, report.failed, report.inputs);
}

} // namespace

void addDefendCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<DefendOptions>();
    CLI::App* command = app.add_subcommand(
        "defend", "Labels behind a defense, as the competition's file of NAME.png,LABEL lines");
    command->add_option("INPUT", options->job.input, "image, or folder of images")
        ->required()
        ->type_name("PATH");
    command->add_option("OUTPUT_CSV", options->job.outputCsv, "lines NAME.png,LABEL")
        ->required()
        ->type_name("FILE");
    addModelOption(*command, options->job.request.models);
    options->defense.addTo(*command);
    addLabelOptions(*command, options->job.labels);
    addReadOptions(*command, options->job.read);
    addCommonOptions(*command, options->common);
    command->footer("TRUE IN DRAWS is the share of draws whose top-1 is the true label, with "
                    "Wilson's 95 % interval;\nFLIPS the share of draws that differ from the "
                    "answer. A defense without chance has one draw.");
    command->callback([options, command, &chosen] {
        options->job.request.defense = options->defense.request(*command, options->common.seed);
        chosen.run = [options](const std::stop_token& stop) { return defend(*options, stop); };
    });
}

} // namespace crossiter::cli
