#pragma once

#include "core/base/Progress.h"
#include "core/engine/Engine.h"
#include "core/image/NpyFile.h"
#include "core/image/PictureSize.h"
#include "core/jobs/InputFiles.h"
#include "core/jobs/LabelSources.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Judges adversarial images that were made elsewhere.
struct ScoreJob
{
    std::filesystem::path cleanDir; ///< photos of any size
    /// Pictures of the pairs' size with the same stems; or .npy batches (also one such file), whose
    /// pictures belong by place to the clean photos: in the order of the rows of labels.labelsCsv,
    /// which must have one for each, without a table in byte order of the names. Batches come in
    /// natural order; arrays that hold no pictures are left out.
    std::filesystem::path adversarialDir;
    NpyReading arrays; ///< of the batches
    /// What the pairs are compared and judged at: the clean photos are brought there. None:
    /// 299x299, and a result of another size is an error that names this one.
    std::optional<PictureSize> size;
    PredictRequest request;
    LabelSources labels; ///< targetsCsv is not read
    ReadOptions read; ///< of the clean images; the adversarial ones are read as the toolkit does
    std::filesystem::path csv; ///< a row for each pair and model (docs/formats.md); empty: none
};

struct ScoredJudge
{
    RankedLabel clean; ///< top-1
    RankedLabel adversarial; ///< top-1
};

struct ScoredPair
{
    std::string name; ///< stem
    TrueLabel trueLabel;
    int linf = 0; ///< grey levels
    double l2 = 0.0; ///< norm of the difference on the [0, 1] scale
    double ssim = 1.0;
    std::vector<ScoredJudge> judges; ///< order of the request's models; empty: failed
    std::string error; ///< one line; empty: done
};

/// Counts over the pairs that were judged.
struct ModelScore
{
    std::string model;
    std::size_t pairs = 0;
    std::size_t flipped = 0; ///< top-1 on the adversarial image differs from that on the clean one
    std::size_t labelled = 0; ///< pairs with a true label: what the accuracies are over
    std::size_t cleanRight = 0;
    std::size_t adversarialRight = 0;
    std::size_t rightOnBoth = 0; ///< of cleanRight
};

/// Of nothing when no pair was judged.
struct Spread
{
    std::optional<double> mean;
    std::optional<double> worst; ///< the largest distance, the smallest SSIM
};

struct ScoreReport
{
    std::vector<ScoredPair> pairs; ///< byte order of the names
    std::vector<ModelScore> models; ///< the request's order
    PictureSize size; ///< that distances and answers are of
    LabelReport labels; ///< of the table that the job was given
    Spread linf;
    Spread l2;
    Spread ssim;
    std::vector<std::string> missing; ///< stems of clean images without an adversarial one
    std::vector<std::string> extra; ///< stems of adversarial images without a clean one
    std::size_t failed = 0;
    bool cancelled = false;
};

/// With a csv also missing results have a row; stopped, the rows of what is done are written.
/// A pair that cannot be read or whose result has another size is an entry with an error, and the
/// rest goes on. Throws Error before any network is loaded: folder missing or without images, no
/// pair at all, batches of more or fewer pictures than photos, unknown id, bad labels CSV, a csv
/// that would replace an input.
[[nodiscard]] ScoreReport scoreFolders(Engine& engine, const ScoreJob& job,
    const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace crossiter
