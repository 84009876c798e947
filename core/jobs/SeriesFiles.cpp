#include "core/jobs/SeriesFiles.h"

#include "core/base/ByteCount.h"
#include "core/base/Error.h"
#include "core/base/PossiblePath.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/image/Codec.h"
#include "core/jobs/InputFiles.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxListBytes = 1U << 20U;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Takes the digits at the front of a text, without zeros before them.
std::string_view takeNumber(std::string_view& text)
{
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), isDigit) - text.begin());
    std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

/// growing: another program still writes it; an unfinished last line is no line yet.
std::vector<fs::path> filesOfList(const fs::path& list, bool growing)
{
    const std::vector<std::uint8_t> bytes = readFile(list, kMaxListBytes);
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::vector<fs::path> files;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos && growing)
            break;
        std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end, text.size() - 1) + 1);
        if (line.ends_with('\r'))
            line.pop_back();
        if (line.empty())
            continue;
        if (!isPossiblePath(line))
            throw Error(ErrorKind::BadInput, "no list of pictures", list.string(),
                std::string("a line each, ") + kPossiblePath, line);
        files.push_back(list.parent_path() / line);
    }
    return files;
}

/// The files of a series in their order; may be none. Throws Error(BadInput).
std::vector<fs::path> filesOf(const fs::path& path, bool growing)
{
    std::error_code fault;
    const fs::file_status status = fs::status(path, fault);
    if (!fs::exists(status))
        throw Error(ErrorKind::BadInput, "no such series", path.string(),
            "a folder of pictures, a .npy file or a list of files",
            fault ? fault.message() : std::string());
    if (fs::is_directory(status)) {
        std::vector<fs::path> files = listFolder(
            path,
            [](const fs::path& file) {
                return isNpyName(file) || isImageFile(file);
            }).images;
        std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
            return naturalLess(a.filename().string(), b.filename().string());
        });
        refuseEqualStems(files);
        return files;
    }
    if (path.extension() == ".npz")
        throw Error(ErrorKind::BadInput, "an .npz archive is no series", path.string(),
            "a .npy file, as numpy.save writes it");
    return isNpyName(path) || isImageFile(path) ? std::vector { path } : filesOfList(path, growing);
}

/// Empty when stopped, and of an array that holds no pictures.
std::vector<OtherPicture> picturesOf(
    const fs::path& path, const NpyReading& arrays, const std::stop_token& stop)
{
    const std::string name = path.filename().string();
    OtherPicture picture { { name, name, sha256File(path, {}, stop) }, path, nullptr };
    std::vector<OtherPicture> pictures;
    if (!isNpyName(path)) {
        const DecodeLimits limits;
        auto image = std::make_shared<const Image>(
            readImage(path, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop)));
        picture.image = image;
        if (!image->empty())
            pictures.push_back(std::move(picture));
        return pictures;
    }
    NpyFile array(path, arrays, stop);
    if (array.count() > kMaxSeriesPictures)
        throw Error(ErrorKind::BadInput, "too many pictures in a series", path.string(),
            "at most " + std::to_string(kMaxSeriesPictures), std::to_string(array.count()));
    const std::uint64_t bytes = static_cast<std::uint64_t>(array.count()) * 3U
        * static_cast<std::uint64_t>(array.size().width)
        * static_cast<std::uint64_t>(array.size().height);
    if (bytes > kMaxSeriesBytes) {
        const SizeTexts sizes = sizeTexts(kMaxSeriesBytes, bytes);
        throw Error(ErrorKind::BadInput, "a series needs too much memory", path.string(),
            "at most " + sizes.limit, sizes.found);
    }
    for (std::size_t i = 0; i < array.count(); ++i) {
        if (stop.stop_requested())
            return {};
        picture.image = std::make_shared<const Image>(array.picture(i));
        if (array.count() > 1)
            picture.from.name = name + "[" + std::to_string(i) + "]";
        pictures.push_back(picture);
    }
    return pictures;
}

/// What all of the pictures together may be. Throws Error(BadInput).
void requireLimits(const std::vector<OtherPicture>& pictures, const fs::path& series)
{
    std::uint64_t bytes = 0;
    for (const OtherPicture& picture : pictures)
        bytes += picture.image->rgb.size();
    if (pictures.size() > kMaxSeriesPictures)
        throw Error(ErrorKind::BadInput, "too many pictures in a series", series.string(),
            "at most " + std::to_string(kMaxSeriesPictures), "more");
    if (bytes > kMaxSeriesBytes) {
        const SizeTexts sizes = sizeTexts(kMaxSeriesBytes, bytes);
        throw Error(ErrorKind::BadInput, "a series needs too much memory", series.string(),
            "at most " + sizes.limit, sizes.found);
    }
}

void append(std::vector<OtherPicture>& all, const std::vector<OtherPicture>& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

} // namespace

bool naturalLess(const std::string& a, const std::string& b)
{
    std::string_view left = a;
    std::string_view right = b;
    while (!left.empty() && !right.empty()) {
        if (isDigit(left.front()) && isDigit(right.front())) {
            const std::string_view one = takeNumber(left);
            const std::string_view other = takeNumber(right);
            if (one != other)
                return one.size() != other.size() ? one.size() < other.size() : one < other;
            continue;
        }
        if (left.front() != right.front())
            return static_cast<unsigned char>(left.front())
                < static_cast<unsigned char>(right.front());
        left.remove_prefix(1);
        right.remove_prefix(1);
    }
    return left.empty() != right.empty() ? left.empty() : a < b; // "02" and "2": some order
}

bool isSeries(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_directory(path, ignored) || isNpyName(path) || path.extension() == ".txt";
}

std::vector<OtherPicture> readSeries(const SeriesSource& source, const std::stop_token& stop)
{
    std::vector<OtherPicture> pictures;
    for (const fs::path& file : filesOf(source.path, false)) {
        append(pictures, picturesOf(file, source.arrays, stop));
        if (stop.stop_requested())
            return {};
        requireLimits(pictures, source.path);
    }
    if (pictures.empty())
        throw Error(ErrorKind::BadInput, "no picture in the series", source.path.string(),
            "picture or .npy files", "none");
    return pictures;
}

void requireSeriesSize(
    const std::vector<OtherPicture>& pictures, const std::optional<PictureSize>& size)
{
    for (const OtherPicture& picture : pictures)
        requireComparable(sizeOf(*picture.image), size, picture.path.string());
}

SeriesWatcher::SeriesWatcher(SeriesSource source, std::chrono::milliseconds patience)
    : m_source(std::move(source))
    , m_patience(patience)
{
}

SeriesWatcher::File SeriesWatcher::looked(const fs::path& path, const std::stop_token& stop) const
{
    constexpr auto kOld = std::chrono::seconds(2); // nobody has written to it since then
    const auto known = m_files.find(path);
    File now = known == m_files.end() ? File() : known->second;
    std::error_code fault;
    const std::uintmax_t size = fs::file_size(path, fault);
    const fs::file_time_type written = fault ? now.written : fs::last_write_time(path, fault);
    const bool same =
        known != m_files.end() && !fault && now.size == size && now.written == written;
    if (same && (now.whole || !now.fault.empty()))
        return now;
    const bool old = !fault && fs::file_time_type::clock::now() - written > kOld;
    if (!same) {
        now = { fault ? 0 : size, written, Clock::now(), false, {}, {} };
        if (!old)
            return now;
    }
    try {
        now.pictures = picturesOf(path, m_source.arrays, stop);
        now.whole = !stop.stop_requested();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw;
        now.fault = error.what();
    }
    return now;
}

bool SeriesWatcher::look(const std::stop_token& stop)
{
    std::map<fs::path, File> files;
    std::vector<OtherPicture> pictures;
    m_waitingFor.clear();
    for (const fs::path& path : filesOf(m_source.path, true)) {
        const File& file = files[path] = looked(path, stop);
        if (stop.stop_requested())
            return false;
        if (file.whole && m_waitingFor.empty()) {
            append(pictures, file.pictures);
            requireLimits(pictures, m_source.path);
        } else if (m_waitingFor.empty()) {
            m_waitingFor = file.fault.empty() ? path.string() + " is being written" : file.fault;
        }
        if (!file.fault.empty() && Clock::now() - file.since > m_patience)
            throw Error(ErrorKind::BadInput, "a file of the series never became whole",
                path.string(), {}, file.fault);
    }
    m_files = std::move(files);
    const bool changed =
        !std::equal(pictures.begin(), pictures.end(), m_pictures.begin(), m_pictures.end(),
            [](const OtherPicture& a, const OtherPicture& b) { return a.image == b.image; });
    m_pictures = std::move(pictures);
    return changed;
}

} // namespace crossiter
