#pragma once

#include "core/base/Progress.h"
#include "core/engine/Engine.h"
#include "core/jobs/InputFiles.h"
#include "core/jobs/LabelSources.h"
#include "core/report/StudyExport.h"
#include "core/study/LeakStudy.h"
#include "core/study/NumericsStudy.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

namespace crossiter {

/// The photos of a study: those of a folder whose true label is known.
struct StudyInput
{
    std::filesystem::path folder;
    LabelSources labels; ///< targetsCsv is not read
    ReadOptions read;
    std::size_t limit = 0; ///< the first so many labelled photos; 0: all
};

/// What listing the folder found.
struct StudyPhotos
{
    std::vector<StudyPhoto> photos; ///< byte order of the names
    std::vector<std::filesystem::path> files; ///< the same order
    ReadOptions read;
    LabelReport labels; ///< of the table that the input names
    std::size_t unlabelled = 0; ///< left out
    std::size_t skipped = 0; ///< files that are no images
    std::size_t litter = 0; ///< further ones that editors and systems leave behind
};
/// Hashes each file. Throws Error(BadInput): folder missing, no image, none with a label, bad CSV,
/// and, where the study attacks true labels, a photo whose true label is 0, the background.
[[nodiscard]] StudyPhotos studyPhotos(const StudyInput& input, bool attacksTrueLabels = true);
/// Whether the rule `true` is among the study's.
[[nodiscard]] bool attacksTrueLabels(const StudyRequest& request);

/// Takes what the study's clean answers say of the table's labels into photos.labels.
void judgeLabels(StudyPhotos& photos, const StudyResult& result);

/// Throws Error(BadInput) when what a study (or a comparison of numerics) writes into the folder,
/// its journal too, would replace an image of the photos' folder, the labels or weights.
void requireStudyOutput(const Engine& engine, const StudyInput& input, const AttackRequest& attack,
    const std::filesystem::path& folder);

/// The engine as a study needs it. Engine and photos must outlive it.
[[nodiscard]] StudyEngine studyEngine(
    Engine& engine, const StudyPhotos& photos, std::stop_token reading = {});

/// runStudy with the engine's networks, loaded ahead. Throws Error as runStudy; Error(BadInput):
/// unknown id, weights not there.
[[nodiscard]] std::shared_ptr<const StudyResult> studyFolder(Engine& engine,
    const StudyRequest& request, const StudyPhotos& photos, const StudyJournalPlace& journal = {},
    const StudySink& onPhoto = {}, const ProgressSink& progress = {}, std::stop_token stop = {});

[[nodiscard]] std::shared_ptr<const NumericsResult> compareNumerics(Engine& engine,
    const NumericsStudyRequest& request, const StudyPhotos& photos,
    const ProgressSink& progress = {}, std::stop_token stop = {});

/// Where the figures come from; input is the folder's name, its hash that of the photos' hashes and
/// labels in order; photos.labels as they are.
[[nodiscard]] Provenance studyProvenance(Engine& engine, const AttackRequest& attack,
    const StudyInput& input, const StudyPhotos& photos);

} // namespace crossiter
