#include "core/engine/ScoreFolders.h"

#include "core/base/Error.h"
#include "core/image/ImageDiff.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

struct Pair
{
    fs::path clean;
    fs::path adversarial;
};

InputListing listFolder(const fs::path& folder)
{
    std::error_code fault;
    if (!fs::is_directory(folder, fault))
        throw Error(ErrorKind::BadInput, "no such folder", folder.string(), "a folder of images",
            fault ? fault.message() : "a file");
    return listInputs(folder);
}

std::vector<Pair> pairUp(const ScoreJob& job, ScoreReport& report)
{
    std::map<std::string, fs::path> adversarial;
    for (const fs::path& path : listFolder(job.adversarialDir).images)
        adversarial.emplace(path.stem().string(), path);
    std::vector<Pair> pairs;
    for (const fs::path& clean : listFolder(job.cleanDir).images) {
        const auto partner = adversarial.find(clean.stem().string());
        if (partner == adversarial.end()) {
            report.missing.push_back(clean.stem().string());
            continue;
        }
        pairs.push_back({ clean, partner->second });
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
        std::vector<Image> images { readIntoImageSpace(pair.clean, job.read, stop),
            readImage(pair.adversarial, DecodeRule::Contest) };
        if (images.front().empty())
            return std::nullopt;
        const Image& found = images.back();
        if (!found.isImageSpace())
            throw Error(ErrorKind::BadInput, "adversarial picture has a wrong size",
                pair.adversarial.string(), "299x299",
                std::to_string(found.width) + "x" + std::to_string(found.height));
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
    double judged = 0.0;
    bool first = true;
    for (const ScoredPair& pair : report.pairs) {
        if (pair.judges.empty())
            continue;
        for (std::size_t i = 0; i < models.size(); ++i)
            count(report.models[i], pair.judges[i], pair.trueLabel);
        judged += 1.0;
        report.linf.mean += pair.linf;
        report.l2.mean += pair.l2;
        report.ssim.mean += pair.ssim;
        report.linf.worst = std::max(report.linf.worst, static_cast<double>(pair.linf));
        report.l2.worst = std::max(report.l2.worst, pair.l2);
        report.ssim.worst = first ? pair.ssim : std::min(report.ssim.worst, pair.ssim);
        first = false;
    }
    if (judged > 0.0) {
        for (Spread* spread : { &report.linf, &report.l2, &report.ssim })
            spread->mean /= judged;
    }
}

} // namespace

ScoreReport scoreFolders(
    Engine& engine, const ScoreJob& job, const ProgressSink& progress, std::stop_token stop)
{
    requireModels(engine, job.request.models);
    ScoreReport report;
    const std::vector<Pair> pairs = pairUp(job, report);
    const bool hasLabels = !job.labels.labelsCsv.empty();
    const LabelTable labels = hasLabels ? readLabelTable(job.labels.labelsCsv) : LabelTable();
    const auto started = std::chrono::steady_clock::now();
    bool loaded = false;
    for (const Pair& pair : pairs) {
        if (stop.stop_requested()) {
            report.cancelled = true;
            break;
        }
        ScoredPair entry;
        entry.name = pair.clean.stem().string();
        entry.trueLabel =
            resolveTrueLabel(pair.clean, job.labels.trueLabel, hasLabels ? &labels : nullptr);
        if (const auto images = readPair(job, pair, entry, stop)) {
            loaded = loaded
                || engine.load(
                    job.request.models, job.request.numerics, job.request.device, progress, stop);
            const auto result = loaded ? engine.predict(job.request, *images, {}, stop) : nullptr;
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
        if (progress) {
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started;
            const auto done = static_cast<double>(report.pairs.size());
            progress({ "scoring", report.pairs.size(), pairs.size(),
                spent.count() / done * (static_cast<double>(pairs.size()) - done) });
        }
    }
    finish(report, job.request.models);
    return report;
}

} // namespace crossiter
