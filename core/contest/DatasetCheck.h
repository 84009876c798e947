#pragma once

#include "core/base/Progress.h"
#include "core/contest/DatasetCsv.h"

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

struct WrongSize
{
    std::string file;
    int width = 0;
    int height = 0;
};

struct UnreadableImage
{
    std::string file;
    std::string error; ///< one line
};

/// How a folder of images and its dataset CSV fit each other.
struct DatasetCheck
{
    std::size_t rows = 0; ///< images that the CSV file names
    std::size_t good = 0; ///< of them: there, readable, 299x299
    std::vector<ShortRow> shortRows; ///< skipped, as the toolkit does: no fault of the folder
    std::vector<DuplicateId> duplicates;
    std::vector<std::string> missing; ///< ImageId.png, in the file's order
    std::vector<std::string>
        extra; ///< images that no row names: the toolkit's runner stops at them
    std::vector<WrongSize> wrongSize;
    std::vector<UnreadableImage> unreadable;
    bool cancelled = false;

    [[nodiscard]] std::size_t faults() const
    {
        return duplicates.size() + missing.size() + extra.size() + wrongSize.size()
            + unreadable.size();
    }
};

/// Reads every image. Throws Error(BadInput) for the CSV file itself (readDataset) and for a folder
/// that cannot be read; everything else is a line of the result.
[[nodiscard]] DatasetCheck checkDataset(const std::filesystem::path& csv,
    const std::filesystem::path& folder, const ProgressSink& progress = {},
    std::stop_token stop = {});

} // namespace crossiter
