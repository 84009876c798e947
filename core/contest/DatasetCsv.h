#pragma once

#include "core/contest/TrueLabel.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// A crop, relative to the photo: 0 <= x1 < x2 <= 1, 0 <= y1 < y2 <= 1.
struct CropBox
{
    double x1 = 0.0;
    double y1 = 0.0;
    double x2 = 1.0;
    double y2 = 1.0;
};

/// One image of a dataset.
struct DatasetImage
{
    std::string imageId; ///< safe as a file name with ".png" (SafeName.h)
    std::string file; ///< its name in the dataset folder: ImageId.png; of a folder also a JPEG's
    std::optional<int> trueLabel; ///< 1..1000; always there when it comes from a CSV file
    std::optional<int> targetClass; ///< 1..1000; the same
    int line = 0; ///< of the CSV file; 0: no CSV file

    // Read for downloads only.
    std::string url;
    CropBox box;
    std::string landingUrl;
    std::string licence;
    std::string author;
    std::string authorUrl;

    /// The name that attacks and defenses see: "IMAGEID.png".
    [[nodiscard]] std::string contestName() const { return imageId + ".png"; }
};

/// A row with fewer fields than the header: skipped, as the toolkit does.
struct ShortRow
{
    int line = 0;
    std::size_t fields = 0;
    std::size_t expected = 0;
};

struct DuplicateId
{
    std::string imageId;
    int firstLine = 0;
    int line = 0;
};

struct Dataset
{
    std::vector<DatasetImage> images; ///< the file's order; a folder's: byte order of the names
    std::vector<ShortRow> shortRows;
    /// Only with DuplicateIds::Report; the first row of an id is the one in `images`.
    std::vector<DuplicateId> duplicates;
    /// Names in a folder that no image of ours can have (folders without CSV only).
    std::vector<std::string> refused;
    /// Files in a folder that editors and systems leave behind, left out (without CSV only).
    std::size_t litter = 0;
};

enum class DatasetColumns
{
    Labels, ///< ImageId, TrueLabel, TargetClass must be there, as the runner wants
    Download ///< ImageId, URL, x1, y1, x2, y2, as the downloader wants; labels if there
};

enum class DuplicateIds
{
    Refuse,
    Report
};

/// The competition's dataset CSV; columns are found by name, in any order, others are ignored.
/// Throws Error(BadInput): column missing, a label that is no whole number 1..1000, a box that is
/// none or lies outside the photo, an ImageId that is not safe, an id twice (Refuse); each with the
/// line number.
[[nodiscard]] Dataset readDataset(const std::filesystem::path& csv,
    DatasetColumns columns = DatasetColumns::Labels,
    DuplicateIds duplicates = DuplicateIds::Refuse);

/// A folder without a CSV file: its PNG and JPEG files by name (not recursive, hidden ones left
/// out), labels as far as resolveTrueLabel knows them. Both tables may be null. Throws
/// Error(BadInput): not a folder, no image, two images with one stem.
[[nodiscard]] Dataset datasetOfFolder(const std::filesystem::path& folder,
    const LabelTable* labels = nullptr, const LabelTable* targets = nullptr);

} // namespace crossiter
