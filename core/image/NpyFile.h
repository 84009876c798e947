#pragma once

#include "core/image/Image.h"
#include "core/image/PictureSize.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Where the three colours of an array's pictures lie.
enum class NpyLayout
{
    Nhwc, ///< the last axis
    Nchw, ///< the third axis from the end
};

/// What a float array's values go from and to.
enum class NpyRange
{
    ZeroOne,
    MinusOneOne,
};

/// What somebody says of an array that may not say it itself.
struct NpyReading
{
    std::optional<NpyRange> range; ///< nothing: negative values say -1..1, else it is asked for
    std::optional<NpyLayout> layout; ///< nothing: the axis of length 3 says it

    bool operator==(const NpyReading&) const = default;
};

/// "nhwc", "nchw"; "0..1", "-1..1". The parsers throw Error(Usage) that names --layout or --range.
[[nodiscard]] std::string toString(NpyLayout layout);
[[nodiscard]] std::string toString(NpyRange range);
[[nodiscard]] NpyLayout parseNpyLayout(const std::string& text);
[[nodiscard]] NpyRange parseNpyRange(const std::string& text);

[[nodiscard]] bool isNpyName(const std::filesystem::path& file); ///< it ends in .npy, in any case

class Error;
/// Whether it says that a float array's range must be given.
[[nodiscard]] bool asksForRange(const Error& error);

/// Pictures of a NumPy file: versions 1 to 3, C order, uint8 or float16, 32 and 64 of either byte
/// order, the last three axes a picture, those before them counting pictures. The file must be
/// exactly as long as its header says. Format: numpy.lib.format.
///
/// Floats become bytes as SaveRule::Round makes them, in the array's own precision (float16 in
/// float32): halves to even, as NumPy rounds. A value may miss its range by 1e-4, which is less
/// than a fortieth of a grey level, and is brought into it.
class NpyFile
{
public:
    /// Looks at every value of a float array. Stopped meanwhile: count() is 0. Throws
    /// Error(BadInput) that names the file: not such a file, cut or too long, another kind of
    /// values (Python objects among them: nothing is executed), Fortran order, no axis of length 3,
    /// two without a layout, NaN, values outside the range, no range given and none to be told,
    /// over DecodeLimits (sides, pixels, memory of a picture), 100,000 pictures or 4 GB.
    explicit NpyFile(const std::filesystem::path& path, const NpyReading& reading = {},
        const std::stop_token& stop = {});
    /// The same of bytes, which outlive it.
    NpyFile(std::span<const std::uint8_t> bytes, const std::filesystem::path& path,
        const NpyReading& reading = {});
    ~NpyFile();
    NpyFile(const NpyFile&) = delete;
    NpyFile& operator=(const NpyFile&) = delete;
    NpyFile(NpyFile&&) = delete;
    NpyFile& operator=(NpyFile&&) = delete;

    /// 0: an array of fewer than three axes holds no pictures (labels lie beside them so).
    [[nodiscard]] std::size_t count() const { return m_count; }
    [[nodiscard]] const PictureSize& size() const { return m_size; }
    /// index < count(). Throws Error(BadInput): the file has become shorter.
    [[nodiscard]] Image picture(std::size_t index);

private:
    struct Source;

    void open(const NpyReading& reading, const std::stop_token& stop);
    void takeShape(const std::vector<std::uint64_t>& shape, const NpyReading& reading);
    void takePictures(const std::vector<std::uint64_t>& shape, const NpyReading& reading);
    void takeRange(const NpyReading& reading, const std::stop_token& stop);
    void read(std::uint64_t at, std::span<std::uint8_t> to);
    [[noreturn]] void refuse(
        const std::string& what, const std::string& expected, const std::string& found) const;

    std::filesystem::path m_path;
    std::unique_ptr<Source> m_source;
    std::uint64_t m_dataAt = 0; ///< where the values begin
    std::size_t m_valueBytes = 1; ///< 1: uint8; 2, 4, 8: floats
    bool m_bigEndian = false;
    std::size_t m_count = 0;
    PictureSize m_size;
    NpyLayout m_layout = NpyLayout::Nhwc;
    NpyRange m_range = NpyRange::ZeroOne;
};

} // namespace crossiter
