#pragma once

#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"
#include "core/jobs/LabelSources.h"
#include "core/jobs/SeriesFiles.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// A series that another program made of a photo, as a trace.
struct SeriesJob
{
    std::filesystem::path clean; ///< the photo, of any size
    SeriesSource series;
    /// What all are compared and judged at: the photo is brought there. None: 299x299.
    std::optional<PictureSize> size;
    AttackRequest request; ///< judges and compute are read
    ReadOptions read; ///< of the photo
    LabelSources labels; ///< targetsCsv is not read
    std::filesystem::path outputDir; ///< of writeTrace, with the photo's stem; empty: none
    bool watch = false; ///< new pictures are taken as they come, until stopped or `steps` are there
    std::size_t steps = 0; ///< with watch; 0: until stopped
};

struct SeriesReport
{
    TrueLabel trueLabel;
    LabelReport labels; ///< of the table that the job was given
    std::shared_ptr<const AttackTrace> trace; ///< null: stopped before the first picture was judged
    std::string waitedFor; ///< with watch: the file that was not whole at the end, in words
    std::vector<std::filesystem::path> written;
    bool cancelled = false; ///< stopped; with watch that is how it ends once a picture was judged
};

/// Called on the working thread with each judged picture, the clean one first.
using SeriesStepSink =
    std::function<void(const SubStep& subStep, const std::optional<int>& trueLabel)>;

/// onStep: of a watched series only what is new. Throws Error, before any network is loaded:
/// unknown id, bad labels, a photo or series that cannot be read, pictures of another size, a
/// result that would replace an input or lie among the series.
[[nodiscard]] SeriesReport traceSeries(Engine& engine, const SeriesJob& job,
    const SeriesStepSink& onStep = {}, const ProgressSink& progress = {},
    std::stop_token stop = {});

} // namespace crossiter
