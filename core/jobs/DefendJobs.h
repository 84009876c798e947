#pragma once

#include "core/base/Progress.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"
#include "core/jobs/LabelSources.h"
#include "core/report/DefenseReport.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// A defense's answer for an image or each image of a folder, in the competition's format.
struct DefendJob
{
    std::filesystem::path input;
    std::filesystem::path outputCsv; ///< "file.png,label" lines; STEM.provenance.json beside it
    DefendRequest request; ///< one model; trueLabel is not read
    ReadOptions read;
    LabelSources labels; ///< targetsCsv is not read
};

/// Called on the working thread with each image in order, also a failed one.
using DefendedImageSink = std::function<void(const DefendedImage&)>;

/// An image that cannot be read, or whose name the competition's files do not take (SafeName.h), is
/// an entry with an error and has no line in the CSV; the rest goes on. With batch statistics the
/// images that can be read make batches of 16 in the order of their names. Throws Error, before any
/// network is loaded: bad request, not exactly one model, unknown id, input missing, output folder
/// that cannot be written to, an output that is a picture by name or content, or that would replace
/// an input.
[[nodiscard]] DefendReport defendInputs(Engine& engine, const DefendJob& job,
    const DefendedImageSink& onImage = {}, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// Throws Error(BadInput) when a model or a purifier is unknown or in no store. Loads nothing.
void requireDefense(
    const Engine& engine, const std::vector<std::string>& models, const DefenseRequest& defense);

} // namespace crossiter
