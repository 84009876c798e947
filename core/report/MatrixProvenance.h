#pragma once

#include "core/report/TournamentFacts.h"

#include <cstddef>
#include <filesystem>
#include <string>

namespace crossiter {

/// The tournament that a matrix is of, as far as its counts go.
struct MatrixSource
{
    std::filesystem::path folder; ///< of the tournament
    TournamentFacts facts;
    std::size_t images = 0;
    std::size_t adversarialImages = 0;
    bool complete = false;
};

/// Beside FIGURE, which shows a matrix of a tournament, complete or on the way: its name +
/// ".provenance.json" (provenanceOfFigure, docs/formats.md). matrix: the name of the file with the
/// same counts; version: of the program that draws. Weights and device are taken from the report,
/// since the run may have been another machine's; before there is one they are null. Returns its
/// path. Throws Error(BadInput): plan or report cannot be read, the file cannot be written.
std::filesystem::path writeMatrixProvenance(const std::filesystem::path& figure,
    const MatrixSource& source, const std::string& matrix, const std::string& version);

} // namespace crossiter
