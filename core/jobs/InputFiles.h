#pragma once

#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/image/Image.h"
#include "core/image/Resample.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// How image files enter image space.
struct ReadOptions
{
    DecodeRule decode = DecodeRule::Person;
    CropRule crop = CropRule::Whole;
    ColourRule colour = ColourRule::Ignore;

    [[nodiscard]] ReadRule rule() const { return { decode, colour }; }
};

/// A picture of any size as 299x299, decoded and resized within DecodeLimits' deadline. Empty when
/// stopped. `profile`, where given, hears of the file's colour profile. Throws Error(BadInput).
[[nodiscard]] Image readIntoImageSpace(const std::filesystem::path& path,
    const ReadOptions& options = {}, const std::stop_token& stop = {},
    FoundProfile* profile = nullptr);

/// A fault of one file; everything else (usage, device) ends the whole job.
[[nodiscard]] bool isOfOneFile(const Error& error);

/// The same, for one image of many: empty when stopped; nothing, and why in `explanation`, when it
/// is a fault of the picture's own.
[[nodiscard]] std::optional<Image> readOrExplain(const std::filesystem::path& path,
    const ReadOptions& options, std::string& explanation, const std::stop_token& stop = {},
    FoundProfile* profile = nullptr);

/// The images that an INPUT argument names.
struct InputListing
{
    std::vector<std::filesystem::path> images; ///< byte order of the file names; at least one
    std::size_t skipped = 0; ///< visible regular files of a folder that are not images
    std::size_t litter = 0; ///< further files left out, hidden ones too: isLitterName
};

/// One file (taken as it is), or a folder: its regular files that begin as a picture that is read
/// (pictureKind) or are named so (isNamedAsPicture); not recursive, hidden files left out, and what
/// editors and systems leave behind ("a.jpg~"). Throws Error(BadInput): missing, no image in the
/// folder, two images with one stem (their results would have one name).
[[nodiscard]] InputListing listInputs(const std::filesystem::path& input);

/// A folder's files, not those in folders below it: those that `taken` takes, in the order of the
/// system, others counted; hidden files and litter left out. Throws Error(BadInput): not readable.
[[nodiscard]] InputListing listFolder(const std::filesystem::path& folder,
    const std::function<bool(const std::filesystem::path& file)>& taken);

/// Whether a file begins as a picture of a kind that core reads, or is named so: what listInputs
/// takes.
[[nodiscard]] bool isImageFile(const std::filesystem::path& file);

/// Throws Error(BadInput) when two names are equal before their endings.
void refuseEqualStems(const std::vector<std::filesystem::path>& files);

/// Whether a file's name has the ending of a picture, of ours or of another format.
[[nodiscard]] bool namesPicture(const std::filesystem::path& file);

/// A folder that results will be written to. The constructor creates it (and its parents) and tries
/// a file in it, so that a place that cannot be written to is found before anything is computed;
/// the destructor takes away what it created if nothing was put in.
class OutputFolder
{
public:
    /// Throws Error(BadInput) with the system's reason.
    explicit OutputFolder(std::filesystem::path path);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;
    OutputFolder(OutputFolder&&) = delete;
    OutputFolder& operator=(OutputFolder&&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    void removeCreated() noexcept;

    std::filesystem::path m_path;
    std::vector<std::filesystem::path> m_created; ///< outermost first
};

} // namespace crossiter
