#pragma once

#include "core/batch/TournamentView.h"

#include <filesystem>
#include <string>

namespace crossiter {

/// Beside FIGURE, which shows a matrix of a tournament, complete or on the way: its name +
/// ".provenance.json" (provenanceOfFigure, docs/formats.md). matrix: the name of the file with the
/// same counts; version: of the program that draws. Weights and device are taken from the report,
/// since the run may have been another machine's; before there is one they are null. Returns its
/// path. Throws Error(BadInput): plan or report cannot be read, the file cannot be written.
std::filesystem::path writeMatrixProvenance(const std::filesystem::path& figure,
    const TournamentSnapshot& snapshot, const std::string& matrix, const std::string& version);

} // namespace crossiter
