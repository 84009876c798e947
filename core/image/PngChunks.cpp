#include "core/image/PngChunks.h"

#include "core/base/ByteView.h"
#include "core/image/RawProfile.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace crossiter::detail {

namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kChunkFrameBytes = 12; // length, type, CRC
constexpr std::size_t kHeaderBytes = 13;
constexpr std::uint64_t kMaxDeflateRatio = 1032; // what deflate can reach at best

std::uint32_t bigEndian32(ByteView bytes, std::size_t at)
{
    return static_cast<std::uint32_t>(bytes[at]) << 24U
        | static_cast<std::uint32_t>(bytes[at + 1]) << 16U
        | static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

[[noreturn]] void fail(const DecodeJob& job, const std::string& text, const std::string& expected,
    const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, job.place, expected, found);
}

int channelsOf(int colourType)
{
    switch (colourType) {
    case 2:
        return 3;
    case 4:
        return 2;
    case 6:
        return 4;
    default:
        return 1;
    }
}

bool legalDepth(int colourType, int bitDepth)
{
    switch (colourType) {
    case 0:
        return bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8 || bitDepth == 16;
    case 3:
        return bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8;
    case 2:
    case 4:
    case 6:
        return bitDepth == 8 || bitDepth == 16;
    default:
        return false;
    }
}

PngHeader readHeader(const DecodeJob& job, ByteView data)
{
    if (data.size() != kHeaderBytes)
        fail(job, "bad PNG header", "13 bytes", std::to_string(data.size()));
    const std::uint32_t width = bigEndian32(data, 0);
    const std::uint32_t height = bigEndian32(data, 4);
    checkDimensions(job, "PNG", width, height);

    PngHeader header;
    header.width = static_cast<int>(width);
    header.height = static_cast<int>(height);
    header.bitDepth = data[8];
    header.colourType = data[9];
    if (!legalDepth(header.colourType, header.bitDepth))
        fail(job, "bad PNG header", "a legal colour type and bit depth",
            "colour type " + std::to_string(header.colourType) + ", bit depth "
                + std::to_string(header.bitDepth));
    if (data[10] != 0 || data[11] != 0 || data[12] > 1)
        fail(job, "bad PNG header", "compression 0, filter 0, interlace 0 or 1",
            std::to_string(data[10]) + ", " + std::to_string(data[11]) + ", "
                + std::to_string(data[12]));
    header.interlaced = data[12] == 1;
    return header;
}

/// Bytes of the filtered rows, before compression.
std::uint64_t rawBytes(const PngHeader& header)
{
    const auto bits = static_cast<std::uint64_t>(header.bitDepth * channelsOf(header.colourType));
    const auto rows = [bits](std::uint64_t width, std::uint64_t height) {
        return width == 0 ? 0 : ((width * bits + 7) / 8 + 1) * height;
    };
    const auto width = static_cast<std::uint64_t>(header.width);
    const auto height = static_cast<std::uint64_t>(header.height);
    if (!header.interlaced)
        return rows(width, height);
    struct Pass
    {
        std::uint64_t x, y, stepX, stepY;
    };
    constexpr std::array<Pass, 7> kAdam7 = { { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 },
        { 2, 0, 4, 4 }, { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } } };
    std::uint64_t sum = 0;
    for (const Pass& pass : kAdam7)
        sum += rows((width + pass.stepX - 1 - pass.x) / pass.stepX,
            (height + pass.stepY - 1 - pass.y) / pass.stepY);
    return sum;
}

void checkClaim(const DecodeJob& job, const PngHeader& header)
{
    const std::uint64_t most = (header.dataBytes + 1) * kMaxDeflateRatio;
    if (rawBytes(header) > most)
        fail(job, "PNG claims more pixels than it holds",
            "image data for " + std::to_string(header.width) + "x" + std::to_string(header.height),
            std::to_string(header.dataBytes) + " bytes");
    const auto pixels =
        static_cast<std::uint64_t>(header.width) * static_cast<std::uint64_t>(header.height);
    constexpr std::uint64_t kLibpngBytes = 1U << 20U;
    checkMemory(
        job, "PNG", pixels * 3 + static_cast<std::uint64_t>(header.width) * 32 + kLibpngBytes);
}

class ChunkWalk
{
public:
    explicit ChunkWalk(const DecodeJob& job)
        : m_job(job)
        , m_reader(job.source, job.time, kSignatureBytes)
    {
    }

    PngHeader go()
    {
        while (takeChunk()) { }
        if (m_header.dataBytes == 0)
            fail(m_job, "bad PNG", "an IDAT chunk", "none");
        if (m_header.exif.empty())
            m_header.exif = std::move(m_profile);
        checkClaim(m_job, m_header);
        return std::move(m_header);
    }

private:
    /// False after the last.
    bool takeChunk()
    {
        const std::uint64_t at = m_reader.position();
        const std::uint64_t left = m_reader.left();
        std::array<std::uint8_t, 8> frame {};
        if (left < kChunkFrameBytes || m_reader.read(frame) < frame.size())
            fail(m_job, "truncated PNG", "a chunk at byte " + std::to_string(at),
                std::to_string(left) + " bytes");
        const std::uint32_t length = bigEndian32(frame, 0);
        const std::string_view type(reinterpret_cast<const char*>(&frame[4]), 4);
        if (m_first && type == "CgBI")
            fail(m_job, "not a PNG that others can read",
                "a plain PNG (`xcrun pngcrush -revert-iphone-optimizations` on a Mac, or saving it "
                "anew in Preview, makes one)",
                "Apple's own form of PNG (CgBI)");
        if (length > left - kChunkFrameBytes)
            fail(m_job, "truncated PNG",
                "chunk " + std::string(type) + " of " + std::to_string(length) + " bytes",
                std::to_string(left - kChunkFrameBytes) + " bytes left");
        if (m_first != (type == "IHDR"))
            fail(m_job, "bad PNG", "one IHDR chunk, first", std::string(type));
        m_first = false;
        takeData(type, length);
        m_reader.skip(at + kChunkFrameBytes + length - m_reader.position());
        return type != "IEND";
    }

    /// Moves into the chunk's data, not behind them.
    void takeData(std::string_view type, std::uint32_t length)
    {
        if (type == "IHDR") {
            m_header = readHeader(m_job, firstBytes(length, kHeaderBytes + 1));
        } else if (type == "IDAT") {
            m_header.dataBytes += length;
        } else if (type == "eXIf") {
            if (m_header.exif.empty())
                m_header.exif = firstBytes(length, kMaxExifBytes);
        } else if (type == "iCCP") {
            takeProfile(length);
        } else if (m_texts < kMaxTexts && m_profile.empty()
            && (type == "tEXt" || type == "zTXt" || type == "iTXt")) {
            ++m_texts;
            m_profile = exifOfTextChunk(type, firstBytes(length, kMaxProfileText));
        }
    }

    void takeProfile(std::uint32_t length)
    {
        if (!m_job.wantsProfile() || !m_header.profile.bytes.empty())
            return;
        ProfileBytes& profile = m_header.profile;
        if (length > kMaxProfileBytes)
            profile.fault = "a profile of more than 4 MB";
        else
            profile = profileOfChunk(firstBytes(length, kMaxProfileBytes));
    }

    std::vector<std::uint8_t> firstBytes(std::uint32_t length, std::size_t most)
    {
        std::vector<std::uint8_t> bytes(std::min<std::size_t>(length, most));
        bytes.resize(m_reader.read(bytes));
        return bytes;
    }

    static constexpr int kMaxTexts = 1000; // that are searched for a profile

    const DecodeJob& m_job;
    ByteReader m_reader;
    PngHeader m_header;
    std::vector<std::uint8_t> m_profile;
    int m_texts = 0;
    bool m_first = true;
};

} // namespace

PngHeader walkPngChunks(const DecodeJob& job)
{
    return ChunkWalk(job).go();
}

} // namespace crossiter::detail
