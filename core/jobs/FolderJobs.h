#pragma once

#include "core/attack/TargetChoice.h"
#include "core/base/Progress.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Predictions on image files.
struct PredictJob
{
    std::vector<std::filesystem::path> images; ///< at least one
    PredictRequest request;
    ReadOptions read;
};

/// One image of a job: done, or why not.
struct PredictedImage
{
    std::filesystem::path image;
    std::vector<Prediction> predictions; ///< order of the request's models; empty: failed
    std::string error; ///< one line; empty: done
    std::string profileFault; ///< why its colour profile was ignored against --colour; empty: not
};

struct PredictReport
{
    std::vector<PredictedImage> images; ///< in the job's order; those that a stop left out miss
    std::size_t failed = 0;
    bool cancelled = false;
};

/// Image by image; one that cannot be read is an entry with an error, and the rest goes on.
/// Networks are loaded at the first image that can be read. Throws Error before that: unknown id,
/// weights not there.
[[nodiscard]] PredictReport predictFiles(Engine& engine, const PredictJob& job,
    const ProgressSink& progress = {}, std::stop_token stop = {});

/// Where the true labels and the targets of a job's images come from; see resolveTrueLabel.
struct LabelSources
{
    std::optional<int> trueLabel; ///< for all images
    std::filesystem::path labelsCsv; ///< empty: none
    std::filesystem::path targetsCsv; ///< empty: request.target, if any
    /// Called by a job, before any network is loaded, with how the tables and its images met.
    std::function<void(const LabelReport&)> onMatched;

    void tell(const LabelReport& report) const
    {
        if (onMatched && !report.empty())
            onMatched(report);
    }
};

/// One attack on an image or on each image of a folder.
struct AttackJob
{
    std::filesystem::path input;
    std::filesystem::path outputDir; ///< STEM.png and STEM.provenance.json go here
    AttackRequest request; ///< trueLabel and keepFloats are set by the job
    ReadOptions read;
    LabelSources labels;
    std::filesystem::path traceDir; ///< empty: no traces
    bool floats = false; ///< with traces: each sub-step's float image
    /// Instead of request.target and targetsCsv: of what the sources say of each clean image.
    std::optional<TargetRank> targetRank;
};

struct AttackedStep
{
    std::string source; ///< empty: random noise
    int label = -1; ///< attacked; -1: none
    bool descends = false;
};

struct JudgeOutcome
{
    std::string model;
    RankedLabel clean; ///< top-1 on the clean image
    RankedLabel final; ///< top-1 on the exported one
};

struct AttackedImage
{
    std::filesystem::path image;
    std::filesystem::path output; ///< empty: failed
    std::string error; ///< one line; empty: done
    TrueLabel trueLabel;
    std::optional<int> target;
    std::vector<AttackedStep> steps;
    std::vector<JudgeOutcome> judges;
    int linfExported = 0; ///< grey levels
    double seconds = 0.0;
    std::vector<std::string> notes;
    std::vector<std::filesystem::path> written;
};

struct AttackReport
{
    std::vector<AttackedImage> images; ///< byte order of the names; those a stop left out miss
    std::size_t inputs = 0;
    std::size_t skipped = 0; ///< files of the folder that are not images
    std::size_t litter = 0; ///< further ones that editors and systems leave behind
    std::size_t failed = 0;
    LabelReport labels; ///< of the tables that the job was given
    bool cancelled = false; ///< an image that was being attacked leaves nothing behind
};

/// Called on the working thread after each image, also a failed one.
using AttackedImageSink = std::function<void(const AttackedImage&)>;

/// An image that cannot be read or written is an entry with an error, and the rest goes on; no
/// result depends on the other images. Existing files are replaced.
/// Throws Error, before any network is loaded: bad request, label or target missing that the label
/// rule needs or the background in its place (with the table's line), unknown id, output folder
/// that cannot be written to, an output that would replace an input or a picture beside it
/// (JobGuard.h), a single image that cannot be read or whose name has no room for its results'
/// endings. Then nothing is left of the output folder either.
[[nodiscard]] AttackReport attackInputs(Engine& engine, const AttackJob& job,
    const AttackedImageSink& onImage = {}, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// chooseTarget on what request.sources say of the clean image; request.through is not asked.
/// Nothing when stopped.
[[nodiscard]] std::optional<int> targetByRank(Engine& engine, const AttackRequest& request,
    TargetRank rank, const Image& clean, std::stop_token stop = {});

/// Throws Error(BadInput): unknown id, or its weights are in no store. Loads nothing.
void requireModels(const Engine& engine, const std::vector<std::string>& ids);

} // namespace crossiter
