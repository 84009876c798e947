#pragma once

// Private to core/image: the last step of every reader.

#include "core/image/Decoding.h"

#include <cstdint>
#include <memory>

namespace crossiter::detail {

/// What a picture's samples are, as a colour profile counts them.
enum class ColourModel
{
    Grey,
    Rgb,
    Cmyk,
};

class ColourChange;

/// Makes RGB of rows of 8-bit samples: colours changed to sRGB where that was asked for, alpha laid
/// over white for people and dropped for the contest. Making a row neither allocates nor throws, so
/// that it may be done between the frames of libraries that leave by longjmp.
class RowMaker
{
public:
    /// Looks at the profile where the job wants that, and tells job.profile what it is. A profile
    /// that is of no use is no reason to refuse a picture.
    RowMaker(const DecodeJob& job, ColourModel model, const ProfileBytes& profile);
    ~RowMaker();
    RowMaker(const RowMaker&) = delete;
    RowMaker& operator=(const RowMaker&) = delete;
    RowMaker(RowMaker&&) = delete;
    RowMaker& operator=(RowMaker&&) = delete;

    /// samples: 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) a pixel; rgb: 3 bytes a pixel,
    /// another place unless there are 3 samples.
    void make(const std::uint8_t* samples, int channels, int count, std::uint8_t* rgb) noexcept;

    /// inks: C, M, Y, K a pixel, 255 is full; rgb may be the same place.
    void makeOfInks(const std::uint8_t* inks, int count, std::uint8_t* rgb) noexcept;

    /// Bytes that it holds for a colour change, at most.
    static constexpr std::uint64_t kMemoryBytes = 3 * kMaxProfileBytes;

private:
    std::unique_ptr<ColourChange> m_change; ///< null: colours stay
    bool m_overWhite;
};

/// A whole picture of 3 or 4 samples a pixel (`samples`), row by row from the top: its pixels
/// become the image's, with no second copy. Throws OutOfTime.
[[nodiscard]] Image rgbInPlace(const DecodeJob& job, std::vector<std::uint8_t> pixels, int width,
    int height, std::size_t samples, RowMaker& maker);

} // namespace crossiter::detail
