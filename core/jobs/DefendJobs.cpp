#include "core/jobs/DefendJobs.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/base/TimeLeft.h"
#include "core/contest/SafeName.h"
#include "core/defense/DefenseRequest.h"
#include "core/jobs/JobGuard.h"
#include "core/report/TraceExport.h"

#include <algorithm>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// Images that go to the engine at once: a batch of the statistics.
constexpr std::size_t kTogether = kBatchOfStatistics;

struct ReadImage
{
    std::size_t entry = 0; ///< index into the report's images
    Image image;
};

void countRight(DefendedImage& entry, std::size_t& right, std::size_t& labelled)
{
    if (!entry.trueLabel.label)
        return;
    const auto& draws = entry.prediction.drawTop1;
    const auto hits = std::count(draws.begin(), draws.end(), *entry.trueLabel.label);
    entry.prediction.trueTop1 = wilson(static_cast<std::size_t>(hits), draws.size());
    right += entry.prediction.mean.top1() == *entry.trueLabel.label ? 1 : 0;
    ++labelled;
}

std::string suspicionOf(const DefendReport& report, const fs::path& csv)
{
    LabelShift shift;
    for (const DefendedImage& image : report.images)
        if (image.error.empty() && image.trueLabel.origin == TrueLabelOrigin::Csv)
            shift.add(*image.trueLabel.label, { image.prediction.mean.top1() });
    return shift.suspicion(csv.filename().string());
}

/// A table: no picture's name, and over nothing that was given.
void guard(const Engine& engine, const DefendJob& job, const std::vector<fs::path>& images)
{
    if (fs::is_directory(job.outputCsv) || job.outputCsv.filename().empty())
        throw Error(ErrorKind::BadInput, "the result is a file", job.outputCsv.string(),
            "a name as OUTPUT.csv", "a folder");
    if (namesPicture(job.outputCsv))
        throw Error(ErrorKind::BadInput, "the result is a table", job.outputCsv.string(),
            "one image or folder, then a name as OUTPUT.csv", "a picture's name");
    OutputGuard files;
    addLabelFiles(files, job.labels);
    addModelFiles(files, engine, job.request.models);
    addModelFiles(files, engine, purifiersOf(job.request.defense));
    for (const fs::path& image : images)
        files.addPicture(image);
    files.addOutput(job.outputCsv, OutputKind::Text);
    files.addOutput(provenanceBeside(job.outputCsv), OutputKind::Text);
    files.check();
}

void writeAll(Engine& engine, const DefendJob& job, DefendReport& report)
{
    const DefendRequest& request = job.request;
    Provenance origin = engine.origin(request.models, request.defense, request.compute);
    if (fs::is_regular_file(job.input))
        nameInput(origin, job.input);
    origin.labels = report.labels;
    origin.colour = job.read.colour;
    report.written = writeDefense(job.outputCsv, request, report, origin);
}

} // namespace

void requireDefense(
    const Engine& engine, const std::vector<std::string>& models, const DefenseRequest& defense)
{
    checkDefense(defense);
    engine.requireModels(models);
    engine.requireModels(purifiersOf(defense));
}

DefendReport defendInputs(Engine& engine, const DefendJob& job, const DefendedImageSink& onImage,
    const ProgressSink& progress, std::stop_token stop)
{
    if (job.request.models.size() != 1)
        throw Error(ErrorKind::Usage, "wrong number of models", "--model",
            "one: a line of the result holds one label", std::to_string(job.request.models.size()));
    requireDefense(engine, job.request.models, job.request.defense);
    const InputListing listing = listInputs(job.input);
    const LabelTable labels = job.labels.labels();
    guard(engine, job, listing.images);
    const OutputFolder output(
        job.outputCsv.has_parent_path() ? job.outputCsv.parent_path() : fs::path("."));

    DefendReport report;
    report.inputs = listing.images.size();
    report.skipped = listing.skipped;
    if (labels.given())
        report.labels.tables.push_back(matchTable(labels, listing.images));
    job.labels.tell(report.labels);
    report.litter = listing.litter;
    DefendRequest request = job.request;
    request.trueLabel.reset(); // each image has its own
    std::size_t right = 0;
    std::size_t labelled = 0;
    const Stopwatch clock;
    std::vector<ReadImage> batch;
    // False when stopped.
    const auto judge = [&] {
        std::vector<Image> images;
        images.reserve(batch.size());
        for (const ReadImage& one : batch)
            images.push_back(one.image);
        const auto found = engine.defend(request, images, {}, stop);
        if (found->cancelled)
            return false;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            DefendedImage& entry = report.images[batch[i].entry];
            entry.prediction = found->predictions[i].front();
            countRight(entry, right, labelled);
        }
        batch.clear();
        return true;
    };
    std::size_t told = 0;
    for (std::size_t i = 0; i < listing.images.size(); ++i) {
        DefendedImage entry;
        entry.image = listing.images[i];
        try {
            requireSafeFileName(entry.image.filename().string(), entry.image.string());
            ReadImage one { i, readIntoImageSpace(entry.image, job.read, stop) };
            if (one.image.empty()) {
                report.cancelled = true;
                return report;
            }
            entry.sha256 = sha256File(entry.image);
            entry.trueLabel = resolveTrueLabel(entry.image, job.labels.trueLabel, &labels);
            batch.push_back(std::move(one));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::BadInput)
                throw;
            entry.error = error.what();
            ++report.failed;
        }
        report.images.push_back(std::move(entry));
        const bool last = i + 1 == listing.images.size();
        if (batch.size() < kTogether && !last)
            continue;
        if (stop.stop_requested() || (!batch.empty() && !judge())) {
            report.cancelled = true;
            return report;
        }
        for (; onImage && told < report.images.size(); ++told)
            onImage(report.images[told]);
        if (progress)
            progress({ "defending", i + 1, report.inputs,
                secondsLeft(clock.seconds(), i + 1, report.inputs - (i + 1)) });
    }
    report.right = wilson(right, labelled);
    report.labels.suspicion = suspicionOf(report, job.labels.labelsCsv);
    if (report.failed < report.inputs)
        writeAll(engine, job, report);
    return report;
}

} // namespace crossiter
