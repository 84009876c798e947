#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/jobs/ScoreFolders.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct ScoreOptions
{
    CommonOptions common;
    ScoreJob job;
    std::vector<std::string> models;
};

/// "3 of 20 (15.0 %)"; "-" of nothing.
std::string share(std::size_t part, std::size_t whole)
{
    if (whole == 0)
        return "-";
    return std::to_string(part) + " of " + std::to_string(whole) + " ("
        + fixedText(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %)";
}

Json rate(std::size_t part, std::size_t whole)
{
    return whole == 0 ? Json(nullptr)
                      : jsonNumber(static_cast<double>(part) / static_cast<double>(whole));
}

Json modelsJson(const ScoreReport& report)
{
    Json models = Json::array();
    for (const ModelScore& score : report.models) {
        Json json;
        json["model"] = score.model;
        json["pairs"] = score.pairs;
        json["flipped"] = score.flipped;
        json["flip_rate"] = rate(score.flipped, score.pairs);
        json["labelled"] = score.labelled;
        json["clean_right"] = score.cleanRight;
        json["clean_accuracy"] = rate(score.cleanRight, score.labelled);
        json["adversarial_right"] = score.adversarialRight;
        json["adversarial_accuracy"] = rate(score.adversarialRight, score.labelled);
        json["right_on_both"] = score.rightOnBoth;
        json["adversarial_accuracy_of_clean_right"] = rate(score.rightOnBoth, score.cleanRight);
        models.push_back(std::move(json));
    }
    return models;
}

Json pairsJson(const ScoreReport& report, const std::vector<std::string>& models)
{
    const auto ranked = [](const RankedLabel& label) {
        Json json;
        json["label"] = label.label;
        json["name"] = labelName(label.label);
        json["probability"] = jsonNumber(label.probability);
        return json;
    };
    Json pairs = Json::array();
    for (const ScoredPair& pair : report.pairs) {
        Json json;
        json["name"] = pair.name;
        json["true_label"] = pair.trueLabel.label ? Json(*pair.trueLabel.label) : Json(nullptr);
        const bool done = pair.error.empty();
        json["error"] = done ? Json(nullptr) : Json(pair.error);
        json["linf"] = done ? Json(pair.linf) : Json(nullptr);
        json["l2"] = done ? jsonNumber(pair.l2) : Json(nullptr);
        json["ssim"] = done ? jsonNumber(pair.ssim) : Json(nullptr);
        json["judges"] = Json::object();
        for (std::size_t i = 0; i < pair.judges.size(); ++i) {
            json["judges"][models[i]]["clean"] = ranked(pair.judges[i].clean);
            json["judges"][models[i]]["adversarial"] = ranked(pair.judges[i].adversarial);
        }
        pairs.push_back(std::move(json));
    }
    return pairs;
}

std::string reportJson(const ScoreReport& report, const std::vector<std::string>& models)
{
    const auto spread = [](const Spread& value, const char* worst) {
        Json json;
        json["mean"] = value.mean ? jsonNumber(*value.mean) : Json(nullptr);
        json[worst] = value.worst ? jsonNumber(*value.worst) : Json(nullptr);
        return json;
    };
    Json json;
    json["models"] = modelsJson(report);
    json["size"] = toString(report.size);
    json["labels"] = labelsJson(report.labels);
    json["linf"] = spread(report.linf, "max");
    json["l2"] = spread(report.l2, "max");
    json["ssim"] = spread(report.ssim, "min");
    json["missing"] = report.missing;
    json["extra"] = report.extra;
    json["failed"] = report.failed;
    json["cancelled"] = report.cancelled;
    json["pairs"] = pairsJson(report, models);
    return jsonText(json);
}

std::string reportText(const ScoreReport& report)
{
    std::vector<std::vector<std::string>> rows { { "MODEL", "FLIPPED", "RIGHT CLEAN",
        "RIGHT ADVERSARIAL", "RIGHT ON BOTH, OF RIGHT CLEAN" } };
    for (const ModelScore& score : report.models) {
        rows.push_back({ score.model, share(score.flipped, score.pairs),
            share(score.cleanRight, score.labelled), share(score.adversarialRight, score.labelled),
            share(score.rightOnBoth, score.cleanRight) });
    }
    const auto orDash = [](const std::optional<double>& value, int digits) {
        return value ? fixedText(*value, digits) : std::string("-");
    };
    return textTable(rows) + "\n"
        + textTable(
            { { report.size == PictureSize() ? "DISTANCE" : "DISTANCE AT " + toString(report.size),
                  "MEAN", "WORST" },
                { "L-infinity (grey levels)", orDash(report.linf.mean, 3),
                    orDash(report.linf.worst, 0) },
                { "L2 (0..1 scale)", orDash(report.l2.mean, 3), orDash(report.l2.worst, 3) },
                { "SSIM", orDash(report.ssim.mean, 4), orDash(report.ssim.worst, 4) } });
}

int score(const ScoreOptions& options, const std::stop_token& stop)
{
    ScoreJob job = options.job;
    job.request = options.common.predictRequest(options.models);
    job.labels.onMatched = labelNotes(options.common);
    Engine engine(options.common.engineOptions());
    ScoreReport report;
    {
        ProgressLine line(options.common.quiet);
        report = scoreFolders(engine, job, line.sink(), stop);
    }
    for (const ScoredPair& pair : report.pairs)
        if (!pair.error.empty())
            printError(pair.error);
    if (report.missing.size() > 1 && !options.common.verbose) {
        printError(Error(ErrorKind::BadInput,
            std::to_string(report.missing.size()) + " adversarial images missing",
            job.adversarialDir.string(),
            "images " + report.missing[0] + ", " + report.missing[1]
                + (report.missing.size() > 2 ? " and others (--verbose lists them)" : ""))
                       .what());
    } else {
        for (const std::string& stem : report.missing)
            printError(Error(ErrorKind::BadInput, "adversarial image missing",
                job.adversarialDir.string(), "an image " + stem)
                           .what());
    }
    printSuspicion(report.labels, options.common);
    if (options.common.verbose)
        for (const std::string& stem : report.extra)
            printNote("no clean image for " + oneLine(stem));
    print(options.common.json ? reportJson(report, options.models) : reportText(report));
    const std::size_t failed = report.failed + report.missing.size();
    return exitCodeOfJob(report.cancelled, failed, report.pairs.size() + report.missing.size());
}

} // namespace

void addScoreCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<ScoreOptions>();
    CLI::App* command = app.add_subcommand(
        "score", "Judges adversarial images made elsewhere against their clean ones");
    command->add_option("CLEAN_DIR", options->job.cleanDir, "clean images, any size")
        ->required()
        ->type_name("DIR");
    command
        ->add_option("ADV_DIR", options->job.adversarialDir,
            "images of 299x299, or of --size, with the same stems; or .npy batches of them, in the "
            "order of the rows of --labels (without it of the clean names)")
        ->required()
        ->type_name("DIR");
    addText(
        *command, "--size",
        "compare and judge at this size: the clean photos are brought there, the networks are fed "
        "from there",
        [options](
            const std::string& text) { options->job.size = parsePictureSize("--size", text); },
        "299x299")
        ->type_name("WxH");
    addModelOption(*command, options->models);
    command->add_option("--csv", options->job.csv, "write a row for each image and model there")
        ->type_name("FILE");
    addArrayOptions(*command, options->job.arrays);
    addLabelOptions(*command, options->job.labels);
    addReadOptions(*command, options->job.read);
    addCommonOptions(*command, options->common);
    command->footer(
        "Accuracies are over the images whose true label is known, flips over all; SSIM's "
        "worst is its smallest.");
    onChosen(*command, chosen, options, score);
}

} // namespace crossiter::cli
