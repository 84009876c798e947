#pragma once

#include "core/base/Progress.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"
#include "core/jobs/LabelSources.h"
#include "core/report/AccuracyReport.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
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
    std::shared_ptr<const AttackTrace> trace; ///< null: none was asked for, or stopped before
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
    SweepRequest request; ///< models, sizes, defense, compute
    ReadOptions read;
    LabelSources labels;
    std::filesystem::path outputDir; ///< of writeAccuracy afterwards; empty: nothing is written
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

/// DIR/accuracy.csv and DIR/accuracy.json (core/report/AccuracyReport.h). Returns what was written.
/// Throws Error(BadInput).
std::vector<std::filesystem::path> writeAccuracy(
    Engine& engine, const std::filesystem::path& directory, const FolderSweepReport& report);

} // namespace crossiter
