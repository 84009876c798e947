#pragma once

#include "core/base/Statistics.h"
#include "core/contest/LabelMatch.h"
#include "core/defense/DefendResult.h"
#include "core/report/Provenance.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// One model at one size over the images so far.
struct SizeAccuracy
{
    int size = 0; ///< pixels
    int model = 0; ///< index into the request's models
    Proportion right; ///< images whose label (top-1 of the mean probabilities) is the true one
    double meanTrueProbability = 0.0;
};

struct FolderSweepReport
{
    SweepRequest request;
    std::vector<SizeAccuracy> rows; ///< ordered by size, model
    ColourRule colour = ColourRule::Ignore; ///< that the images were read by
    std::size_t images = 0; ///< judged
    std::size_t unlabelled = 0; ///< left out: true label not known
    std::size_t litter = 0; ///< files of the folder that editors and systems leave behind
    std::vector<std::string> errors; ///< a line an image that could not be read
    LabelReport labels; ///< of the table that the job was given
    bool cancelled = false; ///< rows hold the images that were done

    /// The size with most images right; ties to the higher mean true probability, then to the
    /// larger size. model -1: summed over the models. Nothing without an image.
    [[nodiscard]] std::optional<int> bestSize(int model = -1) const;
};

/// "size,model,right,total,share,low,high,mean_true_probability", a line a row.
[[nodiscard]] std::string accuracyCsv(const FolderSweepReport& report);

/// DIR/accuracy.csv and DIR/accuracy.json (request, provenance, best sizes). Returns what was
/// written. Throws Error(BadInput).
std::vector<std::filesystem::path> writeAccuracy(const std::filesystem::path& directory,
    const FolderSweepReport& report, const Provenance& origin);

} // namespace crossiter
