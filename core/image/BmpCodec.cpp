// BMP as Windows and OS/2 write it: BITMAPFILEHEADER, then one of eight headers told by its size,
// masks, palette, rows from the bottom up. Format: Microsoft, "Bitmap Structures" (wingdi.h);
// OS/2 1.x and 2.x: IBM, "Bitmap File Format".
#include "core/base/ByteView.h"
#include "core/base/Contains.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"

#include <array>
#include <bit>
#include <cstdlib>

namespace crossiter::detail {

namespace {

constexpr std::uint32_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12; // OS/2 1.x: sides of 16 bits, palette of 3 bytes
constexpr std::uint32_t kShortHeaderBytes = 40;
constexpr std::uint32_t kWithMasks = 52;
constexpr std::uint32_t kWithAlphaMask = 56;
constexpr std::uint32_t kV4HeaderBytes = 108;
constexpr std::uint32_t kV5HeaderBytes = 124;

enum Packing : std::uint32_t
{
    Plain = 0,
    Rle8 = 1,
    Rle4 = 2,
    BitFields = 3,
    AlphaBitFields = 6,
};

/// One channel of a pixel with bit fields.
struct Field
{
    std::uint32_t mask = 0;
    int shift = 0;
    std::uint32_t most = 0; ///< the largest value

    void set(std::uint32_t bits)
    {
        mask = bits;
        shift = bits == 0 ? 0 : std::countr_zero(bits);
        most = bits >> static_cast<unsigned>(shift);
    }
    /// Ones beside each other.
    [[nodiscard]] bool whole() const { return (most & (most + 1)) == 0; }
    /// 0..255, cut as Pillow cuts; `none` where there is no such channel.
    [[nodiscard]] std::uint8_t of(std::uint32_t pixel, std::uint8_t none) const
    {
        if (mask == 0)
            return none;
        return static_cast<std::uint8_t>(
            std::uint64_t { (pixel & mask) >> static_cast<unsigned>(shift) } * 255U / most);
    }
};

struct Header
{
    std::uint32_t dataAt = 0; ///< of the file
    std::uint32_t size = 0; ///< of the header
    int width = 0;
    int height = 0;
    bool topDown = false;
    int bits = 0; ///< a pixel
    std::uint32_t packing = Plain;
    std::uint32_t coloursUsed = 0;
    std::array<Field, 4> fields {}; ///< red, green, blue, alpha; of 16 and 32 bits
    std::array<std::uint8_t, std::size_t { 256 } * 3> palette {}; ///< RGB; black where it has none
    std::uint32_t profileAt = 0; ///< of the file
    std::uint32_t profileBytes = 0;

    [[nodiscard]] bool isPacked() const { return packing == Rle8 || packing == Rle4; }
    [[nodiscard]] std::uint64_t stride() const
    {
        return (static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(bits) + 31) / 32 * 4;
    }
};

class BmpReader
{
public:
    explicit BmpReader(const DecodeJob& job)
        : m_job(job)
    {
    }

    Image go()
    {
        readHeader();
        readPalette();
        checkClaim();
        OrientedImage image(m_header.width, m_header.height, 1);
        RowMaker maker(m_job, ColourModel::Rgb, readProfile());
        m_image = &image;
        m_maker = &maker;
        m_rgb.resize(static_cast<std::size_t>(m_header.width) * 3U);
        ByteReader reader(m_job.source, m_job.time, m_header.dataAt);
        if (m_header.isPacked())
            readPacked(reader);
        else
            readPlain(reader);
        return image.take();
    }

private:
    [[noreturn]] void failHeader(const std::string& expected, const std::string& found) const
    {
        failRead(m_job, "bad BMP header", expected, found);
    }
    [[noreturn]] void failTruncated(const std::string& expected) const
    {
        failRead(m_job, "truncated BMP", expected,
            "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
    }

    void readHeader()
    {
        std::array<std::uint8_t, kFileHeaderBytes + kV5HeaderBytes> bytes {};
        ByteReader reader(m_job.source, m_job.time);
        const std::size_t there = reader.read(bytes);
        Header& header = m_header;
        header.dataAt = littleEndian(bytes, 10, 4);
        header.size = littleEndian(bytes, 14, 4);
        if (there < kFileHeaderBytes + std::size_t { header.size }
            || header.size < kCoreHeaderBytes)
            failTruncated("a header of " + std::to_string(header.size) + " bytes");
        std::int64_t width = 0;
        std::int64_t height = 0;
        if (header.size == kCoreHeaderBytes) {
            width = littleEndian(bytes, 18, 2);
            height = static_cast<std::int16_t>(littleEndian(bytes, 20, 2));
            header.bits = static_cast<int>(littleEndian(bytes, 24, 2));
        } else {
            width = static_cast<std::int32_t>(littleEndian(bytes, 18, 4));
            height = static_cast<std::int32_t>(littleEndian(bytes, 22, 4));
            header.bits = static_cast<int>(littleEndian(bytes, 28, 2));
            if (header.size >= kShortHeaderBytes)
                header.coloursUsed = littleEndian(bytes, 46, 4);
            if (header.size > 16)
                header.packing = littleEndian(bytes, 30, 4);
        }
        header.topDown = height < 0;
        checkDimensions(m_job, "BMP", static_cast<std::uint64_t>(std::max<std::int64_t>(width, 0)),
            static_cast<std::uint64_t>(std::abs(height)));
        header.width = static_cast<int>(width);
        header.height = static_cast<int>(std::abs(height));
        checkCoding();
        if (header.size == kV5HeaderBytes && littleEndian(bytes, 70, 4) == 0x4d424544U) { // "MBED"
            header.profileAt = kFileHeaderBytes + littleEndian(bytes, 126, 4);
            header.profileBytes = littleEndian(bytes, 130, 4);
        }
        readFields(bytes);
    }

    void checkCoding() const
    {
        constexpr std::array kDepths { 1, 2, 4, 8, 16, 24, 32 };
        const Header& header = m_header;
        if (!contains(kDepths, header.bits))
            failHeader("1, 2, 4, 8, 16, 24 or 32 bits a pixel", std::to_string(header.bits));
        const bool os2 = header.size == 64 || header.size == 16;
        const bool known = header.packing == Plain || (header.packing == Rle8 && header.bits == 8)
            || (header.packing == Rle4 && header.bits == 4)
            || (!os2 && (header.packing == BitFields || header.packing == AlphaBitFields)
                && (header.bits == 16 || header.bits == 32));
        if (!known)
            failRead(m_job, "unsupported kind of BMP",
                "plain rows, RLE8, RLE4 or bit fields of 16 or 32 bits",
                "compression " + std::to_string(header.packing) + " of "
                    + std::to_string(header.bits) + " bits");
        if (header.isPacked() && header.topDown)
            failHeader("rows from the bottom up in RLE", "rows from the top down");
    }

    /// Where red, green and blue are in 16 and 32 bits.
    void readFields(ByteView bytes)
    {
        Header& header = m_header;
        if (header.bits != 16 && header.bits != 32)
            return;
        std::array<std::uint32_t, 4> masks = header.bits == 16
            ? std::array<std::uint32_t, 4> { 0x7c00, 0x03e0, 0x001f, 0 }
            : std::array<std::uint32_t, 4> { 0xff0000, 0x00ff00, 0x0000ff, 0 };
        if (header.packing == BitFields || header.packing == AlphaBitFields) {
            const bool alpha = header.size >= kWithAlphaMask || header.packing == AlphaBitFields;
            m_maskBytes = header.size >= kWithMasks ? 0 : header.packing == BitFields ? 12 : 16;
            std::array<std::uint8_t, 16> behind {};
            ByteReader reader(m_job.source, m_job.time, kFileHeaderBytes + header.size);
            const std::span<std::uint8_t> wanted = std::span(behind).first(m_maskBytes);
            if (reader.read(wanted) < m_maskBytes)
                failTruncated("masks of bit fields");
            const ByteView from =
                m_maskBytes == 0 ? bytes.subspan(kFileHeaderBytes + kShortHeaderBytes) : behind;
            for (std::size_t i = 0; i < 4; ++i)
                masks[i] = i < 3 || alpha ? littleEndian(from, 4 * i, 4) : 0;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool fits = header.bits == 32 || masks[i] <= 0xffffU;
            header.fields[i].set(masks[i]);
            if (!fits || !header.fields[i].whole())
                failHeader("masks of ones beside each other within a pixel",
                    "mask " + std::to_string(masks[i]));
        }
    }

    void readPalette()
    {
        Header& header = m_header;
        const std::uint32_t at = kFileHeaderBytes + header.size + m_maskBytes;
        if (header.dataAt < at || header.dataAt > m_job.source.size())
            failHeader("pixels behind the header, at byte " + std::to_string(at)
                    + " at the earliest and within the file",
                "byte " + std::to_string(header.dataAt));
        if (header.bits > 8)
            return;
        const std::uint32_t most = 1U << static_cast<unsigned>(header.bits);
        const std::uint32_t entry = header.size == kCoreHeaderBytes ? 3 : 4;
        const std::uint32_t asked = header.coloursUsed == 0 ? most : header.coloursUsed;
        const std::uint32_t count = std::min({ asked, most, (header.dataAt - at) / entry });
        std::vector<std::uint8_t> bytes(std::size_t { count } * entry);
        ByteReader reader(m_job.source, m_job.time, at);
        if (reader.read(bytes) < bytes.size())
            failTruncated("a palette of " + std::to_string(count) + " colours");
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t c = 0; c < 3; ++c)
                header.palette[3 * i + c] = bytes[entry * i + 2 - c];
    }

    void checkClaim() const
    {
        const Header& header = m_header;
        const std::uint64_t left = m_job.source.size() - header.dataAt;
        const auto width = static_cast<std::uint64_t>(header.width);
        const auto height = static_cast<std::uint64_t>(header.height);
        // The last row may lack what fills it up to four bytes.
        const std::uint64_t needed = header.stride() * (height - 1)
            + (width * static_cast<std::uint64_t>(header.bits) + 7) / 8;
        if (!header.isPacked() && needed > left)
            failTruncated(std::to_string(needed) + " bytes of pixels behind byte "
                + std::to_string(header.dataAt));
        // Four bytes can skip 255x255 pixels, but not many files do.
        if (header.isPacked() && width * height / 16384U > left)
            failRead(m_job, "BMP claims more pixels than it holds",
                "data for " + std::to_string(width) + "x" + std::to_string(height),
                std::to_string(left) + " bytes");
        checkMemory(m_job, "BMP", width * height * 3 + header.stride() + width * 8);
    }

    ProfileBytes readProfile() const
    {
        ProfileBytes profile;
        if (!m_job.wantsProfile() || m_header.profileBytes == 0)
            return profile;
        if (m_header.profileBytes > kMaxProfileBytes) {
            profile.fault = "a profile of more than 4 MB";
            return profile;
        }
        profile.bytes.resize(m_header.profileBytes);
        ByteReader reader(m_job.source, m_job.time, m_header.profileAt);
        if (reader.read(profile.bytes) < profile.bytes.size())
            profile = { {}, "a profile that is cut" };
        return profile;
    }

    void put(int rowFromStart, const std::uint8_t* samples, int channels)
    {
        const int y = m_header.topDown ? rowFromStart : m_header.height - 1 - rowFromStart;
        m_maker->make(samples, channels, m_header.width, m_rgb.data());
        m_image->putRow(y, 0, 1, m_header.width, m_rgb.data());
    }

    void readPlain(ByteReader& reader)
    {
        const Header& header = m_header;
        const bool alpha = header.fields[3].mask != 0;
        std::vector<std::uint8_t> row(static_cast<std::size_t>(header.stride()));
        std::vector<std::uint8_t> samples(static_cast<std::size_t>(header.width) * 4U);
        for (int y = 0; y < header.height; ++y) {
            checkTime(m_job);
            const std::size_t there = reader.read(row);
            if (there
                < (static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.bits)
                      + 7)
                    / 8)
                failTruncated("row " + std::to_string(y));
            if (header.bits <= 8)
                fromPalette(row, samples);
            else if (header.bits == 24)
                fromBytes(row, samples);
            else
                fromFields(row, samples, alpha);
            put(y, samples.data(), alpha && header.bits != 24 ? 4 : 3);
        }
    }

    void fromPalette(ByteView row, std::vector<std::uint8_t>& samples) const
    {
        const auto bits = static_cast<std::size_t>(m_header.bits);
        const unsigned mask = (1U << bits) - 1;
        for (std::size_t x = 0; x < static_cast<std::size_t>(m_header.width); ++x) {
            const std::size_t bit = x * bits;
            const unsigned index = row[bit / 8] >> (8 - bits - bit % 8) & mask;
            std::copy_n(&m_header.palette[std::size_t { 3 } * index], 3, &samples[3 * x]);
        }
    }

    void fromBytes(ByteView row, std::vector<std::uint8_t>& samples) const
    {
        for (std::size_t x = 0; x < static_cast<std::size_t>(m_header.width); ++x)
            for (std::size_t c = 0; c < 3; ++c)
                samples[3 * x + c] = row[3 * x + 2 - c];
    }

    void fromFields(ByteView row, std::vector<std::uint8_t>& samples, bool alpha) const
    {
        const std::size_t size = m_header.bits == 16 ? 2 : 4;
        const std::size_t channels = alpha ? 4 : 3;
        for (std::size_t x = 0; x < static_cast<std::size_t>(m_header.width); ++x) {
            const std::uint32_t pixel = littleEndian(row, size * x, size);
            for (std::size_t c = 0; c < channels; ++c)
                samples[channels * x + c] = m_header.fields[c].of(pixel, 0);
        }
    }

    // RLE8 and RLE4: pairs of a count and a value; after a count of 0 comes 0 (end of the row), 1
    // (end of the picture), 2 (a step right and on by rows) or a count of pixels that follow.

    void readPacked(ByteReader& reader)
    {
        m_indices.assign(static_cast<std::size_t>(m_header.width), 0);
        m_samples.resize(static_cast<std::size_t>(m_header.width) * 3U);
        for (;;) {
            const int count = reader.next();
            const int value = reader.next();
            if (value < 0)
                return finishPacked(false);
            if (count > 0)
                run(count, value);
            else if (value == 0)
                nextRow();
            else if (value == 1)
                return finishPacked(true);
            else if (value == 2)
                step(reader);
            else
                literal(reader, value);
        }
    }

    void setIndex(int index)
    {
        if (m_x < m_header.width && m_y < m_header.height)
            m_indices[static_cast<std::size_t>(m_x)] = static_cast<std::uint8_t>(index);
        m_x = std::min(m_x + 1, m_header.width); // what is too long ends at the edge
    }

    void run(int count, int value)
    {
        for (int i = 0; i < count; ++i)
            setIndex(m_header.bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15);
    }

    void literal(ByteReader& reader, int count)
    {
        const int bytes = m_header.bits == 8 ? count : (count + 1) / 2;
        int pair = 0;
        for (int i = 0; i < count; ++i) {
            if (m_header.bits == 8 || i % 2 == 0)
                pair = std::max(reader.next(), 0);
            setIndex(m_header.bits == 8 ? pair : i % 2 == 0 ? pair >> 4 : pair & 15);
        }
        if (bytes % 2 != 0)
            reader.skip(1);
    }

    void step(ByteReader& reader)
    {
        const int right = std::max(reader.next(), 0);
        const int rows = std::max(reader.next(), 0);
        const int x = m_x;
        for (int i = 0; i < rows && m_y < m_header.height; ++i)
            nextRow();
        m_x = std::min(x + right, m_header.width);
    }

    void nextRow()
    {
        m_x = 0;
        if (m_y >= m_header.height)
            return;
        checkTime(m_job);
        for (std::size_t x = 0; x < m_indices.size(); ++x)
            std::copy_n(&m_header.palette[std::size_t { 3 } * m_indices[x]], 3, &m_samples[3 * x]);
        put(m_y++, m_samples.data(), 3);
        std::ranges::fill(m_indices, std::uint8_t { 0 });
    }

    /// Rows that the data do not reach have the palette's first colour.
    void finishPacked(bool ended)
    {
        const bool whole =
            m_y >= m_header.height || (m_y == m_header.height - 1 && m_x == m_header.width);
        if (!ended && !whole)
            failTruncated("the end of the packed rows");
        while (m_y < m_header.height)
            nextRow();
    }

    const DecodeJob& m_job;
    Header m_header;
    std::uint32_t m_maskBytes = 0; ///< behind a short header
    OrientedImage* m_image = nullptr;
    RowMaker* m_maker = nullptr;
    std::vector<std::uint8_t> m_rgb;
    std::vector<std::uint8_t> m_indices; ///< of a packed row
    std::vector<std::uint8_t> m_samples; ///< of a packed row
    int m_x = 0; ///< in packed rows
    int m_y = 0;
};

} // namespace

Image decodeBmp(const DecodeJob& job)
{
    return BmpReader(job).go();
}

} // namespace crossiter::detail
