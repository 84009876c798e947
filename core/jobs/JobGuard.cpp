#include "core/jobs/JobGuard.h"

#include "core/base/Error.h"
#include "core/defense/DefenseRequest.h"
#include "core/report/TraceExport.h"

#include <limits>
#include <set>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

fs::path resultOf(const AttackJob& job, const fs::path& image)
{
    return job.outputDir / (image.stem().string() + ".png");
}

std::string lastSubStepOf(const AttackJob& job, const fs::path& image)
{
    return image.stem().string() + ".sub-step-" + std::to_string(subStepCount(job.request))
        + ".png";
}

bool isSamePlace(const fs::path& a, const fs::path& b)
{
    std::error_code fault;
    const fs::path left = fs::weakly_canonical(a, fault);
    const fs::path right = fs::weakly_canonical(b, fault);
    return left == right;
}

/// With the traces in the results' folder, a result may have the name of another image's sub-step.
void refuseMixedNames(const AttackJob& job, const std::vector<fs::path>& images)
{
    if (job.traceDir.empty() || !isSamePlace(job.traceDir, job.outputDir))
        return;
    std::set<std::string> stems;
    for (const fs::path& image : images)
        stems.insert(image.stem().string());
    for (const fs::path& image : images) {
        const fs::path result = resultOf(job, image);
        const auto stem = stemOfTraceFile(result.filename().string(), subStepCount(job.request));
        if (stem && stems.count(*stem) > 0)
            throw Error(ErrorKind::BadInput, "two results would have one name", result.string(),
                "another folder for --trace",
                "the result of " + image.filename().string() + " and a sub-step of " + *stem);
    }
}

void addSweepOutputs(OutputGuard& guard, const fs::path& folder, const SweepRequest& request)
{
    guard.addOutput(folder / "sweep.csv", OutputKind::Text);
    if (request.defense.random())
        guard.addOutput(folder / "sweep.draws.csv", OutputKind::Text);
    for (const std::string& model : request.models)
        guard.addOutput(
            folder / ("sweep." + model + ".png"), OutputKind::Any, folder / "sweep.json");
    guard.addOutput(folder / "sweep.json", OutputKind::Text);
}

} // namespace

void addModelFiles(OutputGuard& guard, const Engine& engine, const std::vector<std::string>& ids)
{
    for (const std::string& id : ids) {
        const StoredModel model = engine.model(id);
        guard.addInput(model.weights, "weights of " + id + ",");
        if (!model.weights.empty())
            guard.addInputFolder(model.weights.parent_path(), "a file of the model " + id + ",");
    }
}

void addLabelFiles(OutputGuard& guard, const LabelSources& labels)
{
    guard.addInput(labels.labelsCsv, "--labels");
    guard.addInput(labels.targetsCsv, "--targets");
}

void requireResultNames(const AttackJob& job, const fs::path& image)
{
    const fs::path result = resultOf(job, image);
    requireFileName(result, image);
    requireFileName(provenanceBeside(result), image);
    if (job.traceDir.empty())
        return;
    requireFileName(job.traceDir / (image.stem().string() + ".trace.json"), image);
    requireFileName(job.traceDir / lastSubStepOf(job, image), image);
}

void guardAttack(const Engine& engine, const AttackJob& job, const std::vector<fs::path>& images,
    const std::vector<std::string>& models)
{
    OutputGuard guard;
    addLabelFiles(guard, job.labels);
    addModelFiles(guard, engine, models);
    std::set<std::string> stems;
    for (const fs::path& image : images) {
        guard.addPicture(image);
        const fs::path result = resultOf(job, image);
        guard.addOutput(result, OutputKind::Any, provenanceBeside(result));
        guard.addOutput(provenanceBeside(result), OutputKind::Text);
        stems.insert(image.stem().string());
    }
    if (!job.traceDir.empty()) {
        const int last = subStepCount(job.request);
        guard.addOutputFolder(
            job.traceDir,
            [&](const std::string& name) {
                const auto stem = stemOfTraceFile(name, last);
                return stem && stems.count(*stem) > 0;
            },
            [&](const std::string& name) {
                return job.traceDir / (stemOfTraceFile(name, last).value_or("") + ".trace.json");
            });
    }
    guard.check();
    refuseMixedNames(job, images);
}

void guardSweep(const Engine& engine, const SweepJob& job, const std::vector<std::string>& models)
{
    OutputGuard guard;
    guard.addPicture(job.image);
    addLabelFiles(guard, job.labels);
    addModelFiles(guard, engine, models);
    if (!job.traceDir.empty())
        guard.addInputFolder(job.traceDir, "a file of the trace,", [&job](const std::string& name) {
            return stemOfTraceFile(name, std::numeric_limits<int>::max())
                == job.image.stem().string();
        });
    addSweepOutputs(guard, job.outputDir, job.request);
    guard.check();
}

void guardFolderSweep(
    const Engine& engine, const FolderSweepJob& job, const std::vector<fs::path>& images)
{
    if (job.outputDir.empty())
        return;
    OutputGuard guard;
    addLabelFiles(guard, job.labels);
    addModelFiles(guard, engine, job.request.models);
    addModelFiles(guard, engine, purifiersOf(job.request.defense));
    for (const fs::path& image : images)
        guard.addPicture(image);
    guard.addOutput(job.outputDir / "accuracy.csv", OutputKind::Text);
    guard.addOutput(job.outputDir / "accuracy.json", OutputKind::Text);
    guard.check();
}

} // namespace crossiter
