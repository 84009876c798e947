// WebP by libwebp, a piece at a time. Format: RFC 9649.
#include "core/base/ByteView.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"
#include "core/image/Exif.h"

#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <webp/decode.h>

namespace crossiter::detail {

namespace {

constexpr std::size_t kChunkHeaderBytes = 8;
constexpr std::string_view kExifSignature("Exif\0\0", 6);
constexpr std::size_t kStep = std::size_t { 64 } << 10U; // between two looks at the clock

struct DecoderEnd
{
    void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};

/// What the container tells of the first frame.
struct WebpFrame
{
    int canvasWidth = 0; ///< 0: no VP8X chunk, the frame is all
    int canvasHeight = 0;
    bool animated = false;
    int left = 0; ///< of the frame on the canvas
    int top = 0;
    std::uint64_t frameWidth = 0; ///< as an animation's frame says; 0: it does not
    std::uint64_t frameHeight = 0;
    std::uint64_t alphaAt = 0; ///< of the file, with the chunk's header; 0: none
    std::uint64_t alphaBytes = 0;
    std::uint64_t dataAt = 0; ///< the same of VP8 or VP8L
    std::uint64_t dataBytes = 0;
    std::vector<std::uint8_t> exif; ///< TIFF block
    ProfileBytes profile;
};

class ContainerWalk
{
public:
    explicit ContainerWalk(const DecodeJob& job)
        : m_job(job)
        , m_reader(job.source, job.time)
    {
    }

    WebpFrame go()
    {
        std::array<std::uint8_t, 12> head {};
        if (m_reader.read(head) < head.size())
            failTruncated("a header");
        const std::uint64_t end = kChunkHeaderBytes + std::uint64_t { littleEndian(head, 4, 4) };
        if (end > m_job.source.size())
            failTruncated(std::to_string(end) + " bytes");
        walk(end, false);
        if (m_frame.dataBytes == 0)
            failRead(m_job, "damaged WebP", "a VP8 or VP8L chunk with the picture", "none");
        return std::move(m_frame);
    }

private:
    [[noreturn]] void failTruncated(const std::string& expected) const
    {
        failRead(m_job, "truncated WebP", expected,
            "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
    }

    /// Chunks up to `end`, which lies in the file.
    void walk(std::uint64_t end, bool inFrame)
    {
        while (m_reader.position() + kChunkHeaderBytes <= end) {
            std::array<std::uint8_t, kChunkHeaderBytes> head {};
            const std::uint64_t at = m_reader.position();
            if (m_reader.read(head) < head.size())
                failTruncated("a chunk at byte " + std::to_string(at));
            const std::string_view type(reinterpret_cast<const char*>(head.data()), 4);
            const std::uint64_t size = littleEndian(head, 4, 4);
            const std::uint64_t next = at + kChunkHeaderBytes + size + size % 2;
            if (at + kChunkHeaderBytes + size > end)
                failRead(m_job, "truncated WebP", "a chunk of " + std::to_string(size) + " bytes",
                    std::to_string(end - at - kChunkHeaderBytes) + " bytes left");
            if (!inFrame && type == "ANMF")
                takeFrame(at + kChunkHeaderBytes + size);
            else
                take(type, at, size);
            if (m_reader.position() < next)
                m_reader.skip(next - m_reader.position());
        }
    }

    void take(std::string_view type, std::uint64_t at, std::uint64_t size)
    {
        if (type == "VP8X") {
            takeCanvas(size);
        } else if (type == "ALPH" && m_frame.dataBytes == 0) {
            m_frame.alphaAt = at;
            m_frame.alphaBytes = kChunkHeaderBytes + size + size % 2;
        } else if ((type == "VP8 " || type == "VP8L") && m_frame.dataBytes == 0) {
            m_frame.dataAt = at;
            m_frame.dataBytes = kChunkHeaderBytes + size;
        } else if (type == "EXIF" && m_frame.exif.empty()) {
            takeExif(size);
        } else if (type == "ICCP" && m_job.wantsProfile() && m_frame.profile.bytes.empty()) {
            if (size > kMaxProfileBytes)
                m_frame.profile.fault = "a profile of more than 4 MB";
            else
                m_frame.profile.bytes = firstBytes(size, kMaxProfileBytes);
        }
    }

    std::vector<std::uint8_t> firstBytes(std::uint64_t size, std::size_t most)
    {
        std::vector<std::uint8_t> bytes(
            static_cast<std::size_t>(std::min<std::uint64_t>(size, most)));
        bytes.resize(m_reader.read(bytes));
        return bytes;
    }

    void takeCanvas(std::uint64_t size)
    {
        const std::vector<std::uint8_t> data = firstBytes(size, 10);
        if (data.size() < 10)
            failRead(m_job, "damaged WebP", "a VP8X chunk of 10 bytes", std::to_string(size));
        m_frame.animated = (data[0] & 2U) != 0;
        const std::uint32_t width = littleEndian(data, 4, 3) + 1;
        const std::uint32_t height = littleEndian(data, 7, 3) + 1;
        checkDimensions(m_job, "WebP", width, height);
        m_frame.canvasWidth = static_cast<int>(width);
        m_frame.canvasHeight = static_cast<int>(height);
    }

    void takeFrame(std::uint64_t end)
    {
        if (m_frame.dataBytes != 0)
            return; // only the first
        const std::vector<std::uint8_t> data = firstBytes(end - m_reader.position(), 16);
        if (data.size() < 16)
            failRead(
                m_job, "damaged WebP", "a frame's header of 16 bytes", std::to_string(data.size()));
        m_frame.left = static_cast<int>(2 * littleEndian(data, 0, 3));
        m_frame.top = static_cast<int>(2 * littleEndian(data, 3, 3));
        m_frame.frameWidth = std::uint64_t { littleEndian(data, 6, 3) } + 1;
        m_frame.frameHeight = std::uint64_t { littleEndian(data, 9, 3) } + 1;
        walk(end, true);
    }

    void takeExif(std::uint64_t size)
    {
        std::vector<std::uint8_t> bytes = firstBytes(size, kMaxExifBytes);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (text.starts_with(kExifSignature)) // some programs write it as in a JPEG
            bytes.erase(bytes.begin(), bytes.begin() + kExifSignature.size());
        m_frame.exif = std::move(bytes);
    }

    const DecodeJob& m_job;
    ByteReader m_reader;
    WebpFrame m_frame;
};

class WebpReader
{
public:
    explicit WebpReader(const DecodeJob& job)
        : m_job(job)
        , m_frame(ContainerWalk(job).go())
    {
    }

    Image go()
    {
        WebPDecoderConfig config {};
        if (WebPInitDecoderConfig(&config) == 0)
            throw Error(ErrorKind::Internal, "cannot start libwebp", m_job.place);
        readFeatures(config.input);
        RowMaker maker(m_job, ColourModel::Rgb, m_frame.profile);
        m_frame.profile = {};
        checkMemoryOf(config.input);
        decode(config);
        return finish(maker);
    }

private:
    [[noreturn]] void failDamaged(const std::string& found) const
    {
        failRead(m_job, "damaged WebP", "whole image data", found);
    }

    std::vector<std::uint8_t> bytesAt(std::uint64_t at, std::uint64_t size)
    {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
        ByteReader reader(m_job.source, m_job.time, at);
        if (reader.read(bytes) < bytes.size())
            failRead(m_job, "truncated WebP", std::to_string(size) + " bytes of image data",
                "the end of the file");
        return bytes;
    }

    /// Of the picture's own first bytes, before it is read.
    void readFeatures(WebPBitstreamFeatures& features)
    {
        const auto head = bytesAt(m_frame.dataAt, std::min<std::uint64_t>(m_frame.dataBytes, 64));
        if (WebPGetFeatures(head.data(), head.size(), &features) != VP8_STATUS_OK)
            failDamaged("no usable header of the picture");
        checkDimensions(m_job, "WebP", static_cast<std::uint64_t>(features.width),
            static_cast<std::uint64_t>(features.height));
        m_lossless = features.format == 2;
        m_alpha = features.has_alpha != 0 || (m_frame.alphaBytes != 0 && !m_lossless);
        m_width = features.width;
        m_height = features.height;
        if (m_frame.canvasWidth == 0 || !m_frame.animated) {
            const bool differs = m_frame.canvasWidth != 0
                && (m_frame.canvasWidth != m_width || m_frame.canvasHeight != m_height);
            if (differs)
                failDamaged("a picture of another size than the canvas");
            m_frame.canvasWidth = m_width;
            m_frame.canvasHeight = m_height;
            m_frame.left = m_frame.top = 0;
            return;
        }
        if (m_frame.frameWidth != static_cast<std::uint64_t>(m_width)
            || m_frame.frameHeight != static_cast<std::uint64_t>(m_height)
            || m_frame.left > m_frame.canvasWidth - m_width
            || m_frame.top > m_frame.canvasHeight - m_height)
            failDamaged("a frame that does not fit on its canvas");
    }

    [[nodiscard]] int channels() const { return m_alpha ? 4 : 3; }
    [[nodiscard]] int orientation() const
    {
        return m_job.forPerson() ? exifOrientation(m_frame.exif) : 1;
    }
    /// The rows can stay where libwebp puts them.
    [[nodiscard]] bool staysInPlace() const
    {
        return orientation() == 1 && m_width == m_frame.canvasWidth
            && m_height == m_frame.canvasHeight;
    }

    void checkMemoryOf(const WebPBitstreamFeatures& features) const
    {
        const auto area = [](int width, int height) {
            return static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
        };
        const std::uint64_t pixels = area(features.width, features.height);
        // libwebp holds lossless pixels as a whole beside the output, of lossy ones the alpha.
        const std::uint64_t beside = m_lossless ? 4 : m_alpha ? 1 : 0;
        const std::uint64_t turned =
            staysInPlace() ? 0 : 3 * area(m_frame.canvasWidth, m_frame.canvasHeight);
        checkMemory(m_job, "WebP",
            pixels * (static_cast<std::uint64_t>(channels()) + beside) + turned + m_frame.alphaBytes
                + m_frame.dataBytes + static_cast<std::uint64_t>(m_width) * 128);
    }

    void decode(WebPDecoderConfig& config)
    {
        std::vector<std::uint8_t> data;
        if (m_alpha && !m_lossless && m_frame.alphaBytes != 0)
            data = bytesAt(m_frame.alphaAt, m_frame.alphaBytes);
        const std::size_t alphaBytes = data.size();
        data.resize(alphaBytes + static_cast<std::size_t>(m_frame.dataBytes));
        ByteReader reader(m_job.source, m_job.time, m_frame.dataAt);
        if (reader.read(std::span(data).subspan(alphaBytes)) < data.size() - alphaBytes)
            failRead(m_job, "truncated WebP", "whole image data", "the end of the file");
        const std::size_t rowBytes =
            static_cast<std::size_t>(m_width) * static_cast<std::size_t>(channels());
        m_pixels.resize(rowBytes * static_cast<std::size_t>(m_height));
        config.output.colorspace = m_alpha ? MODE_RGBA : MODE_RGB;
        config.output.is_external_memory = 1;
        config.output.u.RGBA.rgba = m_pixels.data();
        config.output.u.RGBA.stride = static_cast<int>(rowBytes);
        config.output.u.RGBA.size = m_pixels.size();
        const std::unique_ptr<WebPIDecoder, DecoderEnd> decoder(WebPIDecode(nullptr, 0, &config));
        if (!decoder)
            throw Error(ErrorKind::Internal, "cannot start libwebp", m_job.place);
        VP8StatusCode status = VP8_STATUS_SUSPENDED;
        for (std::size_t fed = 0; fed < data.size() && status == VP8_STATUS_SUSPENDED;) {
            checkTime(m_job);
            fed = std::min(fed + kStep, data.size());
            status = WebPIUpdate(decoder.get(), data.data(), fed);
        }
        checkTime(m_job);
        if (status == VP8_STATUS_SUSPENDED)
            failRead(m_job, "truncated WebP", "whole image data", "image data that end early");
        if (status == VP8_STATUS_OUT_OF_MEMORY)
            failRead(m_job, "WebP needs too much memory", "memory to decode it", "none left");
        if (status != VP8_STATUS_OK)
            failDamaged("data that are damaged");
    }

    Image finish(RowMaker& maker)
    {
        const auto samples = static_cast<std::size_t>(channels());
        if (staysInPlace())
            return rgbInPlace(m_job, std::move(m_pixels), m_width, m_height, samples, maker);
        const std::size_t rowBytes = static_cast<std::size_t>(m_width) * samples;
        std::vector<std::uint8_t> rgb(static_cast<std::size_t>(m_width) * 3U);
        OrientedImage image(m_frame.canvasWidth, m_frame.canvasHeight, orientation());
        if (m_job.forPerson())
            image.fill(255); // what the frame does not cover
        for (int y = 0; y < m_height; ++y) {
            checkTime(m_job);
            maker.make(
                &m_pixels[static_cast<std::size_t>(y) * rowBytes], channels(), m_width, rgb.data());
            image.putRow(m_frame.top + y, m_frame.left, 1, m_width, rgb.data());
        }
        return image.take();
    }

    const DecodeJob& m_job;
    WebpFrame m_frame;
    int m_width = 0; ///< of the frame
    int m_height = 0;
    bool m_lossless = false;
    bool m_alpha = false;
    std::vector<std::uint8_t> m_pixels; ///< RGB or RGBA
};

} // namespace

Image decodeWebp(const DecodeJob& job)
{
    return WebpReader(job).go();
}

} // namespace crossiter::detail
