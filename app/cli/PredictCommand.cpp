#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/jobs/PredictFiles.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct PredictOptions
{
    CommonOptions common;
    PredictJob job;
    std::vector<std::string> models;
    int top = 5;
};

int predict(const PredictOptions& options, const std::stop_token& stop)
{
    PredictJob job = options.job;
    job.request = options.common.predictRequest(options.models);
    Engine engine(options.common.engineOptions());
    PredictReport report;
    {
        ProgressLine line(options.common.quiet);
        report = predictFiles(engine, job, line.sink(), stop);
    }
    Json output = Json::array();
    for (const PredictedImage& image : report.images) {
        if (!image.error.empty())
            printError(image.error);
        if (!image.profileFault.empty() && !options.common.quiet)
            printNote(image.image.filename().string() + ": its colour profile is ignored, "
                + image.profileFault);
        for (const Prediction& prediction : image.predictions) {
            Json entry;
            entry["image"] = image.image.string();
            entry["model"] = prediction.model;
            entry["top"] = topJson(prediction, options.top);
            output.push_back(std::move(entry));
        }
    }
    // Nothing to show is no result: a script must not take an empty list for one.
    if (!output.empty())
        print(jsonText(output));
    return exitCodeOfJob(report.cancelled, report.failed, job.images.size());
}

} // namespace

void addPredictCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<PredictOptions>();
    CLI::App* command = app.add_subcommand("predict", "What networks see in images, as JSON");
    command->add_option("IMAGE", options->job.images, "pictures of any size")
        ->required()
        ->type_name("FILE");
    addModelOption(*command, options->models);
    addWhole(*command, "--top", "how many labels", options->top, 1, 1001, "5");
    addReadOptions(*command, options->job.read);
    addCommonOptions(*command, options->common);
    command->footer("Prints [{\"image\", \"model\", \"top\": [{\"label\", \"name\", "
                    "\"probability\"}]}], image by image.");
    onChosen(*command, chosen, options, predict);
}

} // namespace crossiter::cli
