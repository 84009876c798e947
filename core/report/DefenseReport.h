#pragma once

#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/defense/DefendResult.h"
#include "core/report/Provenance.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

struct DefendedImage
{
    std::filesystem::path image;
    std::string error; ///< one line; empty: done
    std::string sha256; ///< of the file
    TrueLabel trueLabel;
    DefendedPrediction prediction; ///< trueTop1 when the true label is known
};

struct DefendReport
{
    std::vector<DefendedImage> images; ///< byte order of the names
    std::size_t inputs = 0;
    std::size_t skipped = 0; ///< files of the folder that are not images
    std::size_t litter = 0; ///< further ones that editors and systems leave behind
    std::size_t failed = 0;
    Proportion right; ///< images whose label is the true one, of those whose true label is known
    LabelReport labels; ///< of the table that the job was given
    std::vector<std::filesystem::path> written;
    bool cancelled = false; ///< nothing was written
};

/// CSV ("file.png,label", a line an image without an error, as the competition wants it) and,
/// beside it, STEM.provenance.json with every image's answer. request: of one model. Returns what
/// was written. Throws Error(BadInput).
std::vector<std::filesystem::path> writeDefense(const std::filesystem::path& csv,
    const DefendRequest& request, const DefendReport& report, const Provenance& origin);

} // namespace crossiter
