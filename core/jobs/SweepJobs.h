#pragma once

#include "core/base/Progress.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/engine/Engine.h"
#include "core/jobs/FolderJobs.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// A sweep of one image: as it is, of the sub-steps of an attack, or of those of a trace on disk.
struct SweepJob
{
    std::filesystem::path image;
    std::filesystem::path outputDir; ///< docs/formats.md: sweep.csv, sweep.MODEL.png, sweep.json
    SweepRequest request; ///< trueLabel is set by the job; target too, where an attack has one
    ReadOptions read;
    LabelSources labels; ///< targetsCsv: the attack's
    std::optional<AttackRequest> attack; ///< none: no attack
    std::filesystem::path traceDir; ///< with STEM.trace.json of the image's stem; empty: none
};

struct SweepReport
{
    TrueLabel trueLabel;
    LabelReport labels; ///< of the tables that the job was given
    std::shared_ptr<const AttackTrace> trace; ///< null: stopped before
    std::shared_ptr<const SweepResult> result; ///< null: stopped before
    double seconds = 0.0; ///< of the sweep alone, networks loaded before
    std::vector<std::filesystem::path> written;
    bool cancelled = false; ///< nothing was written
};

/// Throws Error, before any network is loaded: bad request, attack and trace at once, unknown id,
/// image or trace that cannot be read, trace of another picture, folder that cannot be written to,
/// an input that a result would replace.
[[nodiscard]] SweepReport sweepImage(Engine& engine, const SweepJob& job,
    const SweepSink& onCells = {}, const ProgressSink& progress = {}, std::stop_token stop = {});

/// Accuracy over sizes on a folder whose true labels are known.
struct FolderSweepJob
{
    std::filesystem::path folder;
    SweepRequest request; ///< models, sizes, defense, numerics, threads, device
    ReadOptions read;
    LabelSources labels;
    std::filesystem::path outputDir; ///< of writeAccuracy afterwards; empty: nothing is written
};

/// One model at one size over the images so far.
struct SizeAccuracy
{
    int size = 0; ///< pixels
    int model = 0; ///< index into the request's models
    Proportion right; ///< images whose label (top-1 of the mean probabilities) is the true one
    double meanTrueProbability = 0.0;
};

struct FolderSweepReport
{
    SweepRequest request;
    std::vector<SizeAccuracy> rows; ///< ordered by size, model
    ColourRule colour = ColourRule::Ignore; ///< that the images were read by
    std::size_t images = 0; ///< judged
    std::size_t unlabelled = 0; ///< left out: true label not known
    std::size_t litter = 0; ///< files of the folder that editors and systems leave behind
    std::vector<std::string> errors; ///< a line an image that could not be read
    LabelReport labels; ///< of the table that the job was given
    bool cancelled = false; ///< rows hold the images that were done

    /// The size with most images right; ties to the higher mean true probability, then to the
    /// larger size. model -1: summed over the models. Nothing without an image.
    [[nodiscard]] std::optional<int> bestSize(int model = -1) const;
};

/// Called on the working thread with the rows so far, after each image (with batch statistics: each
/// batch).
using FolderSweepSink = std::function<void(const FolderSweepReport&)>;

/// With batch statistics the images make batches of 16 in the order of their names, as `defend`
/// makes them; else each is swept alone. An image that cannot be read is an error line, the rest
/// goes on. Throws Error before any network is loaded: bad request, unknown id, folder missing or
/// without images, no image with a true label, bad labels CSV, an input that a result would
/// replace.
[[nodiscard]] FolderSweepReport sweepFolder(Engine& engine, const FolderSweepJob& job,
    const FolderSweepSink& onRows = {}, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// "size,model,right,total,share,low,high,mean_true_probability", a line a row.
[[nodiscard]] std::string accuracyCsv(const FolderSweepReport& report);

/// DIR/accuracy.csv and DIR/accuracy.json (request, provenance, best sizes). Returns what was
/// written. Throws Error(BadInput).
std::vector<std::filesystem::path> writeAccuracy(
    Engine& engine, const std::filesystem::path& directory, const FolderSweepReport& report);

} // namespace crossiter
