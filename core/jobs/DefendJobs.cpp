#include "core/jobs/DefendJobs.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/classify/Labels.h"
#include "core/contest/SafeName.h"
#include "core/defense/DefenseSizes.h"
#include "core/jobs/JobGuard.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <chrono>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

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

Json proportionJson(const Proportion& share)
{
    Json json;
    json["hits"] = share.hits;
    json["total"] = share.total;
    json["share"] = jsonNumber(share.share);
    json["low"] = jsonNumber(share.low);
    json["high"] = jsonNumber(share.high);
    return json;
}

Json imageJson(const DefendedImage& image)
{
    Json json;
    json["image"] = image.image.filename().string();
    json["sha256"] = image.sha256.empty() ? Json(nullptr) : Json(image.sha256);
    json["error"] = image.error.empty() ? Json(nullptr) : Json(image.error);
    json["true_label"] = image.trueLabel.label ? Json(*image.trueLabel.label) : Json(nullptr);
    if (!image.error.empty())
        return json;
    const RankedLabel best = image.prediction.mean.top(1).at(0);
    json["label"] = best.label;
    json["name"] = labelName(best.label);
    json["probability"] = jsonNumber(best.probability);
    json["draws"] = image.prediction.drawTop1.size();
    json["true_top1"] =
        image.trueLabel.label ? proportionJson(image.prediction.trueTop1) : Json(nullptr);
    json["flip_rate"] = jsonNumber(image.prediction.flipRate);
    return json;
}

std::string csvText(const DefendReport& report)
{
    std::string text;
    for (const DefendedImage& image : report.images) {
        if (image.error.empty())
            text += csvField(image.image.filename().string()) + ","
                + std::to_string(image.prediction.mean.top1()) + "\n";
    }
    return text;
}

std::string suspicionOf(const DefendReport& report, const fs::path& csv)
{
    LabelShift shift;
    for (const DefendedImage& image : report.images) {
        if (image.error.empty() && image.trueLabel.origin == TrueLabelOrigin::Csv)
            shift.add(*image.trueLabel.label, { image.prediction.mean.top1() });
    }
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
        files.addInput(image);
    files.addOutput(job.outputCsv, OutputKind::Text);
    files.addOutput(provenanceBeside(job.outputCsv), OutputKind::Text);
    files.check();
}

void writeAll(Engine& engine, const DefendJob& job, DefendReport& report)
{
    const DefendRequest& request = job.request;
    const fs::path file = fs::is_regular_file(job.input) ? job.input : fs::path();
    Provenance origin = defenseProvenance(engine, request.models, request.defense, request.numerics,
        request.threads, request.device, file, {});
    origin.labels = report.labels;
    origin.colour = job.read.colour;
    Json json;
    json["version"] = origin.version;
    json["request"] = { { "model", request.models.front() },
        { "defense", defenseText(request.defense) }, { "samples", request.defense.samples },
        { "seed", request.defense.seed }, { "numerics", toString(request.numerics) },
        { "threads", request.threads }, { "device", toString(request.device) } };
    json["provenance"] = provenanceJson(origin);
    json["right"] = report.right.total > 0 ? proportionJson(report.right) : Json(nullptr);
    json["images"] = Json::array();
    for (const DefendedImage& image : report.images)
        json["images"].push_back(imageJson(image));
    const fs::path beside = provenanceBeside(job.outputCsv);
    writeFileAtomically(job.outputCsv, csvText(report));
    writeFileAtomically(beside, jsonText(json));
    report.written = { job.outputCsv, beside };
}

} // namespace

Provenance defenseProvenance(Engine& engine, const std::vector<std::string>& models,
    const DefenseRequest& defense, Numerics numerics, int threads, const Device& device,
    const fs::path& inputFile, const std::string& trueLabelOrigin)
{
    AttackRequest asked;
    asked.method = Method::Noop;
    asked.sources.clear();
    asked.judges = models;
    asked.through = defenseText(defense); // its purifiers count
    asked.numerics = numerics;
    asked.threads = threads;
    asked.device = device;
    return engine.provenance(asked, inputFile, trueLabelOrigin);
}

void requireDefense(
    const Engine& engine, const std::vector<std::string>& models, const DefenseRequest& defense)
{
    checkDefense(defense);
    requireModels(engine, models);
    requireModels(engine, purifiersOf(defense));
}

DefendReport defendInputs(Engine& engine, const DefendJob& job, const DefendedImageSink& onImage,
    const ProgressSink& progress, std::stop_token stop)
{
    if (job.request.models.size() != 1)
        throw Error(ErrorKind::Usage, "wrong number of models", "--model",
            "one: a line of the result holds one label", std::to_string(job.request.models.size()));
    requireDefense(engine, job.request.models, job.request.defense);
    const InputListing listing = listInputs(job.input);
    const bool hasLabels = !job.labels.labelsCsv.empty();
    const LabelTable labels = hasLabels ? readLabelTable(job.labels.labelsCsv) : LabelTable();
    guard(engine, job, listing.images);
    const OutputFolder output(
        job.outputCsv.has_parent_path() ? job.outputCsv.parent_path() : fs::path("."));

    DefendReport report;
    report.inputs = listing.images.size();
    report.skipped = listing.skipped;
    if (hasLabels)
        report.labels.tables.push_back(matchTable(job.labels.labelsCsv, labels, listing.images));
    job.labels.tell(report.labels);
    report.litter = listing.litter;
    DefendRequest request = job.request;
    request.trueLabel.reset(); // each image has its own
    std::size_t right = 0;
    std::size_t labelled = 0;
    const auto started = Clock::now();
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
            entry.trueLabel =
                resolveTrueLabel(entry.image, job.labels.trueLabel, hasLabels ? &labels : nullptr);
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
        if (progress) {
            const std::chrono::duration<double> spent = Clock::now() - started;
            const auto done = static_cast<double>(i + 1);
            progress({ "defending", i + 1, report.inputs,
                spent.count() / done * (static_cast<double>(report.inputs) - done) });
        }
    }
    report.right = wilson(right, labelled);
    report.labels.suspicion = suspicionOf(report, job.labels.labelsCsv);
    if (report.failed < report.inputs)
        writeAll(engine, job, report);
    return report;
}

} // namespace crossiter
