#pragma once

#include "core/attack/AttackTrace.h"
#include "core/image/NpyFile.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// The most pictures of a series, and the most memory that all of them take.
inline constexpr std::size_t kMaxSeriesPictures = 1000;
inline constexpr std::uint64_t kMaxSeriesBytes = std::uint64_t { 1 } << 30U;

/// Pictures that another program made of one photo, one a step.
struct SeriesSource
{
    /// A folder: its PNG, JPEG and .npy files in natural order (naturalLess), other files left out.
    /// A .npy: its pictures in their order. Any other file: a text list of such files, a line each,
    /// from the list's folder on, in the list's order.
    std::filesystem::path path;
    NpyReading arrays;
};

/// Runs of digits are compared as numbers, all else byte by byte: "step2" before "step10".
[[nodiscard]] bool naturalLess(const std::string& a, const std::string& b);

/// What the window takes for a series where one picture could stand too: a folder, or a name that
/// ends in .npy or .txt.
[[nodiscard]] bool isSeries(const std::filesystem::path& path);

/// All of them, read as the competition's toolkit reads pictures, each file within DecodeLimits.
/// What they show is not compared (requireSeriesSize). Stopped: empty. Throws Error(BadInput): no
/// such path, no picture in it, two files of one step, a file that cannot be read, an .npz archive,
/// more than kMaxSeriesPictures or kMaxSeriesBytes; list above 1 MB.
[[nodiscard]] std::vector<OtherPicture> readSeries(
    const SeriesSource& source, const std::stop_token& stop = {});

/// Throws Error(BadInput), as requireComparable, that names the first picture of another size.
void requireSeriesSize(
    const std::vector<OtherPicture>& pictures, const std::optional<PictureSize>& size);

/// A series that another program is still writing: files count once they are whole, in their order.
/// A file is whole when its size and time have stayed the same and it can be decoded; what comes
/// behind one that is not waits for it.
class SeriesWatcher
{
public:
    /// patience: how long a file that cannot be decoded may stay unchanged.
    explicit SeriesWatcher(
        SeriesSource source, std::chrono::milliseconds patience = std::chrono::seconds(30));

    /// Looks at the files once; to be called every kPause. True: pictures() has changed. Throws
    /// Error(BadInput) as readSeries does, but not of files that are still being written; an empty
    /// folder is no error.
    bool look(const std::stop_token& stop = {});
    [[nodiscard]] const std::vector<OtherPicture>& pictures() const { return m_pictures; }
    /// Why the first file that is not whole is not; empty: none is there.
    [[nodiscard]] const std::string& waitingFor() const { return m_waitingFor; }

    static constexpr std::chrono::milliseconds kPause { 250 };

private:
    using Clock = std::chrono::steady_clock;
    struct File
    {
        std::uintmax_t size = 0;
        std::filesystem::file_time_type written;
        Clock::time_point since; ///< seen so first
        bool whole = false; ///< `pictures` is what it holds now
        std::string fault; ///< of decoding it as it is
        std::vector<OtherPicture> pictures;
    };

    [[nodiscard]] File looked(const std::filesystem::path& path, const std::stop_token& stop) const;

    SeriesSource m_source;
    std::chrono::milliseconds m_patience;
    std::map<std::filesystem::path, File> m_files;
    std::vector<OtherPicture> m_pictures;
    std::string m_waitingFor;
};

} // namespace crossiter
