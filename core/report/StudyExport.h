#pragma once

#include "core/report/TraceExport.h"
#include "core/study/LeakStudy.h"
#include "core/study/NumericsStudy.h"

#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// A study as docs/formats.md describes it. All texts are deterministic: equal results and
/// provenances give equal bytes, whether the study ran in one go or was resumed.

/// One line a curve, judge and round.
[[nodiscard]] std::string studyCsv(const StudyResult& result);
/// Everything, with the comparisons and the verdicts.
[[nodiscard]] std::string studyJson(const StudyResult& result, const Provenance& provenance);
/// One page that holds its own data and plots (SVG); no other file, no script, light and dark.
[[nodiscard]] std::string studyHtml(const StudyResult& result, const Provenance& provenance);

/// study.csv, study.json and study.html into an existing folder, each whole or not at all. Returns
/// the paths. Throws Error(BadInput).
std::vector<std::filesystem::path> writeStudy(
    const std::filesystem::path& folder, const StudyResult& result, const Provenance& provenance);

/// Beside FIGURE, a picture of the study's curves: its name + ".provenance.json" with what
/// study.json says before its results. Returns its path. Throws Error(BadInput).
std::filesystem::path writeStudyFigureProvenance(
    const std::filesystem::path& figure, const StudyResult& result, const Provenance& provenance);

/// One line a pair of numerics and sub-step, then one a numerics, judge and round.
[[nodiscard]] std::string numericsCsv(const NumericsResult& result);
[[nodiscard]] std::string numericsJson(const NumericsResult& result, const Provenance& provenance);
/// numerics.csv and numerics.json.
std::vector<std::filesystem::path> writeNumerics(const std::filesystem::path& folder,
    const NumericsResult& result, const Provenance& provenance);

} // namespace crossiter
