#include "core/jobs/InputFiles.h"

#include "core/base/Counted.h"
#include "core/base/LitterName.h"
#include "core/base/RegularFile.h"
#include "core/base/Words.h"
#include "core/image/FileKinds.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

std::string lowerEnding(const fs::path& path)
{
    return lowerCase(path.extension().string());
}

bool beginsAsImage(const fs::path& path)
{
    std::array<std::uint8_t, kForeignHeadBytes> head {};
    try {
        const std::size_t size = RegularFile(path).readAt(0, head);
        return pictureKind(std::span(head).first(size)).has_value();
    } catch (const Error&) {
        return false; // unreadable and not named as an image: none of ours
    }
}

/// ", among them a HEIC picture, a.heic (convert it to PNG first)": the first by name of the files
/// that are known for what they are; empty when there is none.
std::string otherPictureIn(const fs::path& folder)
{
    std::string name;
    std::string words;
    std::error_code fault;
    fs::directory_iterator files(folder, fault);
    for (const fs::directory_iterator end; !fault && files != end; files.increment(fault)) {
        const std::string here = files->path().filename().string();
        std::error_code ignored;
        if (here.starts_with('.') || !files->is_regular_file(ignored)
            || (!name.empty() && name < here))
            continue;
        try {
            std::array<std::uint8_t, kForeignHeadBytes> head {};
            const std::size_t size = RegularFile(files->path()).readAt(0, head);
            if (const auto other = foreignFile(std::span(head).first(size))) {
                name = here;
                words = ", among them " + other->name + ", " + here + " (" + other->advice + ")";
            }
        } catch (const Error&) {
            continue; // cannot be read: nothing can be said of it
        }
    }
    return words;
}

} // namespace

bool isImageFile(const fs::path& file)
{
    return isNamedAsPicture(file.filename().string()) || beginsAsImage(file);
}

void refuseEqualStems(const std::vector<fs::path>& files)
{
    std::map<std::string, fs::path> byStem;
    for (const fs::path& file : files) {
        const auto [there, added] = byStem.emplace(file.stem().string(), file);
        if (!added)
            throw Error(ErrorKind::BadInput, "two images would have one result",
                file.parent_path().string(), "names that differ before the ending",
                there->second.filename().string() + " and " + file.filename().string());
    }
}

InputListing listFolder(const fs::path& path, const std::function<bool(const fs::path&)>& taken)
{
    InputListing listing;
    std::error_code fault;
    fs::directory_iterator folder(path, fault);
    for (const fs::directory_iterator end; !fault && folder != end; folder.increment(fault)) {
        std::error_code ignored; // a dangling link is no regular file
        const std::string name = folder->path().filename().string();
        if (!folder->is_regular_file(ignored))
            continue;
        if (isLitterName(name)) {
            ++listing.litter;
            continue;
        }
        if (name.starts_with('.'))
            continue;
        if (taken(folder->path()))
            listing.images.push_back(folder->path());
        else
            ++listing.skipped;
    }
    if (fault)
        throw Error(
            ErrorKind::BadInput, "cannot read the folder", path.string(), {}, fault.message());
    return listing;
}

Image readIntoImageSpace(const fs::path& path, const ReadOptions& options,
    const std::stop_token& stop, FoundProfile* profile)
{
    const DecodeLimits limits;
    const TimeLimit time(limits.deadlineMs, stop);
    const Image picture = readImage(path, options.rule(), limits, time, profile);
    return picture.empty() ? Image() : toImageSpace(picture, options.crop, time, path.string());
}

bool isOfOneFile(const Error& error)
{
    return error.kind() == ErrorKind::BadInput;
}

std::optional<Image> readOrExplain(const fs::path& path, const ReadOptions& options,
    std::string& explanation, const std::stop_token& stop, FoundProfile* profile)
{
    try {
        return readIntoImageSpace(path, options, stop, profile);
    } catch (const Error& error) {
        if (!isOfOneFile(error))
            throw;
        explanation = error.what();
        return std::nullopt;
    }
}

InputListing listInputs(const fs::path& input)
{
    std::error_code fault;
    const fs::file_status status = fs::status(input, fault);
    if (!fs::exists(status))
        throw Error(ErrorKind::BadInput, "no such image or folder", input.string(), {},
            fault ? fault.message() : std::string());
    if (!fs::is_directory(status))
        return { { input } };
    InputListing listing = listFolder(input, isImageFile);
    if (listing.images.empty())
        throw Error(ErrorKind::BadInput, "no image in the folder", input.string(),
            "PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP files",
            counted(listing.skipped + listing.litter, "other file") + otherPictureIn(input));
    std::sort(listing.images.begin(), listing.images.end(),
        [](const auto& a, const auto& b) { return a.filename().string() < b.filename().string(); });
    refuseEqualStems(listing.images);
    return listing;
}

bool namesPicture(const fs::path& file)
{
    constexpr std::array<std::string_view, 7> kOthers { ".heic", ".heif", ".jxl", ".ppm", ".pgm",
        ".svg", ".ico" };
    return isNamedAsPicture(file.filename().string())
        || std::find(kOthers.begin(), kOthers.end(), lowerEnding(file)) != kOthers.end();
}

OutputFolder::OutputFolder(fs::path path)
    : m_path(std::move(path))
{
    std::error_code fault;
    const fs::path whole = fs::absolute(m_path, fault).lexically_normal();
    fs::path walked;
    for (const fs::path& part : whole) {
        walked /= part;
        if (!part.empty() && fs::create_directory(walked, fault))
            m_created.push_back(walked);
        if (fault) {
            removeCreated();
            throw Error(ErrorKind::BadInput, "cannot create the output folder", m_path.string(),
                "a folder that can be written to", fault.message());
        }
    }
    std::string probe = (m_path / ".crossiter-XXXXXX").string();
    const int descriptor = ::mkstemp(probe.data());
    const int reason = errno;
    if (descriptor < 0) {
        removeCreated();
        throw Error(ErrorKind::BadInput, "cannot write to the output folder", m_path.string(),
            "a folder that can be written to", systemReason(reason));
    }
    ::close(descriptor);
    ::unlink(probe.c_str());
}

OutputFolder::~OutputFolder()
{
    removeCreated();
}

void OutputFolder::removeCreated() noexcept
{
    // Innermost first; a folder that holds something stays, and so do those round it.
    while (!m_created.empty()) {
        ::rmdir(m_created.back().c_str());
        m_created.pop_back();
    }
}

} // namespace crossiter
