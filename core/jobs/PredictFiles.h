#pragma once

#include "core/base/Progress.h"
#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"

#include <cstddef>
#include <filesystem>
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

} // namespace crossiter
