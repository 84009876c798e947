#pragma once

#include "core/base/Progress.h"
#include "core/contest/DatasetCsv.h"
#include "core/image/Image.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// The competition's images are photos on the web; the dataset CSV says where and which part.
struct DatasetDownloadRequest
{
    std::filesystem::path csv;
    std::filesystem::path folder; ///< created if it is not there
    int jobs = 8; ///< images at a time, 1..64
    int attempts = 3; ///< per image
    double backoffSeconds = 1.0;
    double stallSeconds = 30.0;
    std::uint64_t maxBytes = 256ULL << 20U; ///< of one photo
};

struct FailedImage
{
    std::string imageId;
    std::string url;
    std::string error; ///< one line
};

struct DatasetDownloadResult
{
    std::size_t rows = 0; ///< images that the CSV file names
    std::size_t alreadyThere = 0; ///< had their ImageId.png and were skipped
    std::size_t downloaded = 0;
    std::vector<FailedImage> failures; ///< in the file's order
    std::vector<ShortRow> shortRows;
    std::vector<DuplicateId> duplicates; ///< the first row counts
    std::filesystem::path licences; ///< FOLDER/LICENSES.csv
    bool cancelled = false; ///< what is done stays, half files are gone on with by the next call
};

/// Brings every image that is not in the folder yet: photo -> RGB -> crop -> Lanczos to 299x299 ->
/// ImageId.png. A failure is listed and the rest goes on; one is also a file at an image's place
/// that is no picture of 299x299, which stays as it is. Half photos wait in FOLDER/.parts. Two
/// addresses that give one and the same file have both become a placeholder ("photo not
/// available"): both are failures. LICENSES.csv names author and licence of every image that is in
/// the folder. Progress counts images, on the calling thread. Throws Error(BadInput): the CSV file
/// (readDataset), the folder cannot be written to.
[[nodiscard]] DatasetDownloadResult downloadDataset(const DatasetDownloadRequest& request,
    const ProgressSink& progress = {}, std::stop_token stop = {});

/// The toolkit's rule: the pixels (int(x1 w), int(y1 h)) to (int(x2 w), int(y2 h)), truncated, then
/// Lanczos to 299x299, the aspect ratio not kept. Throws Error(BadInput): nothing is left.
[[nodiscard]] Image cropToImageSpace(const Image& photo, const CropBox& box);

/// LICENSES.csv: header ImageId,Author,AuthorProfileURL,License,OriginalLandingURL,URL; LF.
[[nodiscard]] std::string licencesText(const std::vector<DatasetImage>& images);

} // namespace crossiter
