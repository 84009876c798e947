#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/jobs/SeriesTrace.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct TraceOptions
{
    CommonOptions common;
    SeriesJob job;
    std::vector<std::string> models;
};

/// The table's rows, one a sub-step, in the order of the sub-steps.
class Rows
{
public:
    explicit Rows(const std::vector<std::string>& models)
        : m_judges(models.size())
    {
        std::vector<std::string> head { "STEP", "PICTURE", "L-INFINITY" };
        head.insert(head.end(), models.begin(), models.end());
        m_rows.push_back(head);
    }

    const std::vector<std::string>& add(const SubStep& subStep, const std::optional<int>& trueLabel)
    {
        std::vector<std::string> row { std::to_string(subStep.index),
            subStep.index == 0 ? "clean" : oneLine(subStep.other.name),
            std::to_string(subStep.linfExported) };
        for (std::size_t i = 0; i < m_judges.size(); ++i) {
            const RankedLabel best = subStep.judges.at(i).top(1).at(0);
            const bool holds = best.label == trueLabel;
            // As labelReturns counts them.
            const bool back = holds && m_judges[i].everHeld && !m_judges[i].holds;
            m_judges[i] = { holds, holds || m_judges[i].everHeld };
            row.push_back(labelName(best.label) + " " + fixedText(best.probability, 3)
                + (back ? " (true label back)" : ""));
        }
        m_rows.push_back(std::move(row));
        return m_rows.back();
    }

    [[nodiscard]] std::string text() const { return textTable(m_rows, { 0, 2 }); }

private:
    struct Judge
    {
        bool holds = false; ///< the true label, at the sub-step before
        bool everHeld = false;
    };
    std::vector<Judge> m_judges;
    std::vector<std::vector<std::string>> m_rows;
};

std::string line(const std::vector<std::string>& row)
{
    std::string text;
    for (const std::string& cell : row)
        text += (text.empty() ? "" : "  ") + cell;
    return text + "\n";
}

std::string reportJson(const SeriesReport& report, const SeriesJob& job)
{
    const std::optional<int>& label = report.trueLabel.label;
    Json json;
    json["clean"] = job.clean.string();
    json["series"] = job.series.path.string();
    json["size"] = toString(job.size.value_or(PictureSize()));
    json["true_label"] = label ? Json(*label) : Json(nullptr);
    json["labels"] = labelsJson(report.labels);
    json["label_returns"] = Json::object();
    json["substeps"] = Json::array();
    if (report.trace) {
        const AttackTrace& trace = *report.trace;
        for (std::size_t i = 0; label && i < trace.judges.size(); ++i)
            json["label_returns"][trace.judges[i]] =
                labelReturns(trace, static_cast<int>(i), *label);
        for (const auto& subStep : trace.subSteps) {
            Json step;
            step["substep"] = subStep->index;
            step["made_elsewhere"] =
                subStep->other.name.empty() ? Json(nullptr) : Json(subStep->other.name);
            step["linf_exported"] = subStep->linfExported;
            step["judges"] = Json::object();
            for (const Prediction& prediction : subStep->judges)
                step["judges"][prediction.model] = topJson(prediction, 1).at(0);
            json["substeps"].push_back(std::move(step));
        }
    }
    json["waited_for"] = report.waitedFor.empty() ? Json(nullptr) : Json(report.waitedFor);
    json["cancelled"] = report.cancelled;
    json["written"] = Json::array();
    for (const auto& path : report.written)
        json["written"].push_back(path.string());
    return jsonText(json);
}

int trace(const TraceOptions& options, const std::stop_token& stop)
{
    const CommonOptions& common = options.common;
    common.requirePrecision();
    SeriesJob job = options.job;
    job.request = defaultRequest(Method::Noop);
    job.request.judges = options.models.empty() ? defaultSources() : options.models;
    job.request.sources = job.request.judges;
    job.request.compute = common.compute;
    job.labels.onMatched = labelNotes(common);
    const bool spoken = !common.quiet && !common.json;
    Engine engine(common.engineOptions());
    SeriesReport report;
    {
        ProgressLine progress(common.quiet);
        Rows rows(job.request.judges);
        const auto told = [&](const SubStep& subStep, const std::optional<int>& trueLabel) {
            if (job.watch && spoken)
                printNow(line(rows.add(subStep, trueLabel)));
        };
        report = traceSeries(engine, job, told, progress.sink(), stop);
    }
    if (!report.waitedFor.empty() && !common.quiet)
        printNote("left out: " + oneLine(report.waitedFor));
    if (common.json) {
        print(reportJson(report, job));
    } else if (spoken && !job.watch && report.trace) {
        Rows rows(report.trace->judges);
        for (const auto& subStep : report.trace->subSteps)
            rows.add(*subStep, report.trueLabel.label);
        print(rows.text());
    }
    if (common.verbose)
        for (const auto& path : report.written)
            printNote("wrote " + oneLine(path.string()));
    const bool ended = job.watch && report.trace && report.trace->subSteps.size() > 1;
    if (report.cancelled && !ended)
        printError("cancelled, " + job.series.path.string() + ": nothing was written");
    return exitCodeOfJob(report.cancelled && !ended, 0, 1);
}

} // namespace

void addTraceCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<TraceOptions>();
    SeriesJob& job = options->job;
    CLI::App* command = app.add_subcommand(
        "trace", "Pictures that another program made of a photo, one a step, as a trace");
    command
        ->add_option("SERIES", job.series.path,
            "folder of picture and .npy files (step2 before step10), .npy file, or text list of "
            "such files")
        ->required()
        ->type_name("PATH");
    command->add_option("--clean", job.clean, "the photo that they were made of, any size")
        ->required()
        ->type_name("PHOTO");
    command
        ->add_option("--model", options->models, "model id, repeatable; default: the default pair")
        ->allow_extra_args(false)
        ->type_name("ID");
    command->add_option("--output", job.outputDir, "STEM.trace.json and each picture go here")
        ->type_name("DIR");
    addText(
        *command, "--size",
        "the pictures' size: the photo is brought there, the networks are fed "
        "from there",
        [&job](const std::string& text) { job.size = parsePictureSize("--size", text); }, "299x299")
        ->type_name("WxH");
    CLI::Option* watch = command->add_flag(
        "--watch", job.watch, "take new pictures as they are written, until Ctrl-C");
    addText(*command, "--steps", "with --watch: end after so many pictures",
        [&job](const auto& text) {
            job.steps = static_cast<std::size_t>(
                parseWhole("--steps", text, 1, static_cast<int>(kMaxSeriesPictures)));
        })
        ->needs(watch)
        ->type_name("N");
    addArrayOptions(*command, job.series.arrays);
    addLabelOptions(*command, job.labels);
    addReadOptions(*command, job.read);
    addCommonOptions(*command, options->common);
    command->footer("Ctrl-C ends --watch and writes what is there; exit code 0 then.");
    command->callback([options, &chosen] {
        chosen.run = [options](const std::stop_token& stop) { return trace(*options, stop); };
    });
}

} // namespace crossiter::cli
