#include "core/jobs/ScoreFolders.h"

#include "core/base/AtomicFile.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/SafeText.h"
#include "core/base/TimeLeft.h"
#include "core/image/ImageDiff.h"
#include "core/jobs/JobGuard.h"
#include "core/jobs/SeriesFiles.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

struct Pair
{
    fs::path clean;
    fs::path adversarial;
    std::shared_ptr<NpyFile> batch; ///< null: the file is a picture
    std::size_t index = 0; ///< in the batch
};

InputListing imagesOf(const fs::path& folder)
{
    std::error_code fault;
    if (!fs::is_directory(folder, fault))
        throw Error(ErrorKind::BadInput, "no such folder", folder.string(), "a folder of images",
            fault ? fault.message() : "a file");
    return listInputs(folder);
}

/// The arrays of pictures in natural order; none where the folder holds picture files.
std::vector<std::shared_ptr<NpyFile>> batchesOf(const ScoreJob& job, std::vector<fs::path>& files)
{
    std::error_code fault;
    if (isNpyName(job.adversarialDir) && !fs::is_directory(job.adversarialDir, fault))
        files = { job.adversarialDir };
    else if (fs::is_directory(job.adversarialDir, fault)
        && listFolder(job.adversarialDir, isImageFile).images.empty())
        files = listFolder(job.adversarialDir, isNpyName).images;
    std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
        return naturalLess(a.filename().string(), b.filename().string());
    });
    std::vector<std::shared_ptr<NpyFile>> batches;
    std::vector<fs::path> held;
    for (const fs::path& file : files) {
        auto batch = std::make_shared<NpyFile>(file, job.arrays);
        if (batch->count() == 0)
            continue; // labels
        batches.push_back(std::move(batch));
        held.push_back(file);
    }
    files = std::move(held);
    return batches;
}

/// The clean photos in the order in which batches hold their results.
std::vector<fs::path> photosByPlace(const ScoreJob& job, const LabelTable& labels)
{
    std::vector<fs::path> photos = imagesOf(job.cleanDir).images;
    if (!labels.given())
        return photos;
    std::map<fs::path, int> lines;
    for (const fs::path& photo : photos) {
        const LabelRow* row = labels.find(photo);
        if (row == nullptr)
            throw Error(ErrorKind::BadInput, "no row for a photo, so batches cannot be told apart",
                job.labels.labelsCsv.string(), "a row for " + photo.filename().string());
        lines[photo] = row->line;
    }
    std::stable_sort(photos.begin(), photos.end(),
        [&lines](const fs::path& a, const fs::path& b) { return lines[a] < lines[b]; });
    return photos;
}

/// Empty: there are no batches.
std::vector<Pair> pairUpBatches(const ScoreJob& job, const LabelTable& labels)
{
    std::vector<fs::path> files;
    const auto batches = batchesOf(job, files);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < batches.size(); ++i)
        for (std::size_t index = 0; index < batches[i]->count(); ++index)
            pairs.push_back({ {}, files[i], batches[i], index });
    if (pairs.empty())
        return pairs;
    const std::vector<fs::path> photos = photosByPlace(job, labels);
    if (photos.size() != pairs.size())
        throw Error(ErrorKind::BadInput, "batches belong to photos by their place",
            job.adversarialDir.string(),
            "a picture for each of " + counted(photos.size(), "photo") + " in "
                + job.cleanDir.string(),
            std::to_string(pairs.size()));
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i].clean = photos[i];
    return pairs;
}

std::vector<Pair> pairUp(const ScoreJob& job, const LabelTable& labels, ScoreReport& report)
{
    if (auto pairs = pairUpBatches(job, labels); !pairs.empty())
        return pairs;
    std::map<std::string, fs::path> adversarial;
    for (const fs::path& path : imagesOf(job.adversarialDir).images)
        adversarial.emplace(path.stem().string(), path);
    std::vector<Pair> pairs;
    for (const fs::path& clean : imagesOf(job.cleanDir).images) {
        const auto partner = adversarial.find(clean.stem().string());
        if (partner == adversarial.end()) {
            report.missing.push_back(clean.stem().string());
            continue;
        }
        pairs.push_back({ clean, partner->second, nullptr, 0 });
        adversarial.erase(partner);
    }
    for (const auto& [stem, path] : adversarial)
        report.extra.push_back(stem);
    if (pairs.empty())
        throw Error(ErrorKind::BadInput, "no image of one folder has a partner in the other",
            job.adversarialDir.string(), "names as in " + job.cleanDir.string());
    return pairs;
}

/// Reads both pictures and measures their distance; nothing when one cannot be used.
/// Or when stopped.
std::optional<std::vector<Image>> readPair(
    const ScoreJob& job, const Pair& pair, ScoredPair& entry, const std::stop_token& stop)
{
    try {
        std::vector<Image> images(2);
        const TimeLimit time(DecodeLimits().deadlineMs, stop); // of the pair
        images[1] = pair.batch ? pair.batch->picture(pair.index)
                               : readImage(pair.adversarial, DecodeRule::Contest, {}, time);
        if (images[1].empty())
            return std::nullopt;
        requireComparable(sizeOf(images[1]), job.size, pair.adversarial.string());
        const Image clean = readImage(pair.clean, job.read.rule(), {}, time);
        if (!clean.empty())
            images[0] = toSize(
                clean, job.size.value_or(PictureSize()), job.read.crop, time, pair.clean.string());
        if (images[0].empty())
            return std::nullopt;
        const ImageDiff difference = compareImages(images.front(), images.back());
        entry.linf = difference.linf;
        entry.l2 = difference.l2Norm;
        entry.ssim = difference.ssim;
        return images;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw;
        entry.error = error.what();
        return std::nullopt;
    }
}

void count(ModelScore& score, const ScoredJudge& judged, const TrueLabel& trueLabel)
{
    ++score.pairs;
    score.flipped += judged.clean.label != judged.adversarial.label ? 1 : 0;
    if (!trueLabel.label)
        return;
    const bool clean = judged.clean.label == *trueLabel.label;
    const bool adversarial = judged.adversarial.label == *trueLabel.label;
    ++score.labelled;
    score.cleanRight += clean ? 1 : 0;
    score.adversarialRight += adversarial ? 1 : 0;
    score.rightOnBoth += clean && adversarial ? 1 : 0;
}

void finish(ScoreReport& report, const std::vector<std::string>& models)
{
    for (const std::string& model : models)
        report.models.push_back({ model });
    std::vector<double> linf;
    std::vector<double> l2;
    std::vector<double> ssim;
    for (const ScoredPair& pair : report.pairs) {
        if (pair.judges.empty())
            continue;
        for (std::size_t i = 0; i < models.size(); ++i)
            count(report.models[i], pair.judges[i], pair.trueLabel);
        linf.push_back(pair.linf);
        l2.push_back(pair.l2);
        ssim.push_back(pair.ssim);
    }
    if (linf.empty())
        return;
    const auto mean = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0)
            / static_cast<double>(values.size());
    };
    report.linf = { mean(linf), *std::max_element(linf.begin(), linf.end()) };
    report.l2 = { mean(l2), *std::max_element(l2.begin(), l2.end()) };
    report.ssim = { mean(ssim), *std::min_element(ssim.begin(), ssim.end()) };
}

/// What the judges say of the clean images, where the table gives their labels.
std::string suspicionOf(const ScoreReport& report, const fs::path& csv)
{
    LabelShift shift;
    for (const ScoredPair& pair : report.pairs) {
        if (pair.judges.empty() || pair.trueLabel.origin != TrueLabelOrigin::Csv)
            continue;
        std::vector<int> said;
        said.reserve(pair.judges.size());
        for (const ScoredJudge& judge : pair.judges)
            said.push_back(judge.clean.label);
        shift.add(*pair.trueLabel.label, said);
    }
    return shift.suspicion(csv.filename().string());
}

void guardCsv(const Engine& engine, const ScoreJob& job)
{
    if (job.csv.empty())
        return;
    OutputGuard guard;
    guard.addInputFolder(job.cleanDir);
    guard.addInputFolder(job.adversarialDir);
    guard.addInput(job.adversarialDir);
    addLabelFiles(guard, job.labels);
    addModelFiles(guard, engine, job.request.models);
    guard.addOutput(job.csv, OutputKind::Text);
    guard.check();
}

/// A row for each pair and model; one for a pair that failed or misses its result.
std::string csvOf(const ScoreReport& report)
{
    std::string text = "image,true_label,model,clean_label,clean_probability,adversarial_label,"
                       "adversarial_probability,linf,l2,ssim,error\n";
    for (const ScoredPair& pair : report.pairs) {
        const std::string head = forCsvCell(pair.name) + ","
            + (pair.trueLabel.label ? std::to_string(*pair.trueLabel.label) : "") + ",";
        if (pair.judges.empty())
            text += head + ",,,,,,,," + forCsvCell(pair.error) + "\n";
        for (std::size_t i = 0; i < pair.judges.size(); ++i) {
            const ScoredJudge& judge = pair.judges[i];
            text += head + forCsvCell(report.models[i].model) + ","
                + std::to_string(judge.clean.label) + "," + numberText(judge.clean.probability)
                + "," + std::to_string(judge.adversarial.label) + ","
                + numberText(judge.adversarial.probability) + "," + std::to_string(pair.linf) + ","
                + numberText(pair.l2) + "," + numberText(pair.ssim) + ",\n";
        }
    }
    for (const std::string& name : report.missing)
        text += forCsvCell(name) + ",,,,,,,,,,adversarial image missing\n";
    return text;
}

} // namespace

ScoreReport scoreFolders(
    Engine& engine, const ScoreJob& job, const ProgressSink& progress, std::stop_token stop)
{
    engine.requireModels(job.request.models);
    ScoreReport report;
    const LabelTable labels = job.labels.labels();
    const std::vector<Pair> pairs = pairUp(job, labels, report);
    guardCsv(engine, job);
    report.size = job.size.value_or(PictureSize());
    if (labels.given()) {
        std::vector<fs::path> images;
        images.reserve(pairs.size());
        for (const Pair& pair : pairs)
            images.push_back(pair.clean);
        report.labels.tables.push_back(matchTable(labels, images));
        job.labels.tell(report.labels);
    }
    PredictRequest request = job.request;
    request.anySize = true;
    const Stopwatch clock;
    bool loaded = false;
    for (const Pair& pair : pairs) {
        if (stop.stop_requested()) {
            report.cancelled = true;
            break;
        }
        ScoredPair entry;
        entry.name = pair.clean.stem().string();
        entry.trueLabel = resolveTrueLabel(pair.clean, job.labels.trueLabel, &labels);
        if (const auto images = readPair(job, pair, entry, stop)) {
            loaded = loaded || engine.load(job.request.models, job.request.compute, progress, stop);
            const auto result = loaded ? engine.predict(request, *images, {}, stop) : nullptr;
            if (result == nullptr || result->cancelled) {
                report.cancelled = true;
                break;
            }
            for (std::size_t i = 0; i < job.request.models.size(); ++i)
                entry.judges.push_back({ result->predictions[0][i].top(1).at(0),
                    result->predictions[1][i].top(1).at(0) });
        }
        if (stop.stop_requested()) {
            report.cancelled = true;
            break;
        }
        report.failed += entry.error.empty() ? 0 : 1;
        report.pairs.push_back(std::move(entry));
        const std::size_t done = report.pairs.size();
        if (progress)
            progress({ "scoring", done, pairs.size(),
                secondsLeft(clock.seconds(), done, pairs.size() - done) });
    }
    finish(report, job.request.models);
    report.labels.suspicion = suspicionOf(report, job.labels.labelsCsv);
    if (!job.csv.empty())
        writeFileAtomically(job.csv, csvOf(report));
    return report;
}

} // namespace crossiter
