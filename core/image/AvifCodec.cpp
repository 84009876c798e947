// AVIF by libavif and dav1d. They decode a picture in one call, so that what it can cost is known
// from its header: sides, kind of samples, bytes of data.
#include "core/image/AvifBoxes.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"
#include "core/image/QuietThread.h"

#include <avif/avif.h>
#include <cstring>
#include <exception>
#include <memory>

namespace crossiter::detail {

namespace {

/// Of image data; a decoder takes some seconds for as much.
constexpr std::uint64_t kMaxDataBytes = 64ULL << 20U;
/// Beyond the picture's own size, for what tiles stick out.
constexpr std::uint64_t kMorePixels = 1U << 18U;

struct DecoderEnd
{
    void operator()(avifDecoder* decoder) const { avifDecoderDestroy(decoder); }
};

class AvifReader
{
public:
    explicit AvifReader(const DecodeJob& job)
        : m_job(job)
        , m_boxes(walkAvifBoxes(job))
    {
    }

    Image go()
    {
        m_decoder.reset(avifDecoderCreate());
        if (!m_decoder)
            throw Error(ErrorKind::Internal, "cannot start libavif", m_job.place);
        parse();
        checkClaim();
        // Within the sides that are known now, however large the data say that they are.
        const std::uint64_t each = 2 * pixels() / m_boxes.parts + kMorePixels;
        m_decoder->imageSizeLimit = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(each, AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
        checkTime(m_job);
        const avifResult result = avifDecoderNextImage(m_decoder.get());
        m_buffer = {};
        if (result != AVIF_RESULT_OK)
            fail(result);
        checkTime(m_job);
        return convert();
    }

private:
    /// An exception must not fly through libavif's frames.
    static avifResult onRead(avifIO* io, std::uint32_t /*flags*/, std::uint64_t offset,
        std::size_t size, avifROData* out)
    {
        auto* reader = static_cast<AvifReader*>(io->data);
        try {
            return reader->read(offset, size, *out);
        } catch (...) {
            reader->m_thrown = std::current_exception();
            return AVIF_RESULT_IO_ERROR;
        }
    }

    avifResult read(std::uint64_t offset, std::size_t size, avifROData& out)
    {
        checkTime(m_job);
        if (offset > m_job.source.size())
            return AVIF_RESULT_IO_ERROR;
        size =
            static_cast<std::size_t>(std::min<std::uint64_t>(size, m_job.source.size() - offset));
        if (size > kMaxDataBytes)
            failRead(m_job, "AVIF with too much image data", "at most 64 MB",
                std::to_string(size) + " bytes");
        m_buffer.resize(size);
        ByteReader reader(m_job.source, m_job.time, offset);
        m_buffer.resize(reader.read(m_buffer));
        hideSequence(offset);
        out.data = m_buffer.data();
        out.size = m_buffer.size();
        return AVIF_RESULT_OK;
    }

    /// Of a sequence the still picture is taken, so that its tables are never read: libavif looks
    /// at them where a brand says that there are some.
    void hideSequence(std::uint64_t offset)
    {
        constexpr std::uint64_t kMajorAt = 8;
        const auto hide = [&](std::uint64_t at) {
            if (at >= offset && at + 4 <= offset + m_buffer.size()
                && std::memcmp(&m_buffer[static_cast<std::size_t>(at - offset)], "avis", 4) == 0)
                std::memcpy(&m_buffer[static_cast<std::size_t>(at - offset)], "avif", 4);
        };
        if (offset >= m_boxes.brandsEnd)
            return;
        hide(kMajorAt);
        for (std::uint64_t at = m_boxes.brandsAt; at + 4 <= m_boxes.brandsEnd; at += 4)
            hide(at);
    }

    [[noreturn]] void fail(avifResult result) const
    {
        if (m_thrown)
            std::rethrow_exception(m_thrown);
        if (result == AVIF_RESULT_TRUNCATED_DATA || result == AVIF_RESULT_IO_ERROR)
            failRead(m_job, "truncated AVIF", "whole image data",
                "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
        if (result == AVIF_RESULT_NO_CODEC_AVAILABLE)
            throw Error(ErrorKind::Internal, "libavif has no decoder", m_job.place);
        if (result == AVIF_RESULT_OUT_OF_MEMORY)
            failRead(m_job, "AVIF needs too much memory", "memory to decode it", "none left");
        const bool box = result == AVIF_RESULT_BMFF_PARSE_FAILED
            || result == AVIF_RESULT_INVALID_FTYP || result == AVIF_RESULT_NO_AV1_ITEMS_FOUND;
        failRead(m_job, "damaged AVIF", "whole image data",
            box ? "boxes that break the format's rules" : "data that are damaged");
    }

    void parse()
    {
        m_io.read = onRead;
        m_io.sizeHint = m_job.source.size();
        m_io.data = this;
        avifDecoder& decoder = *m_decoder;
        avifDecoderSetIO(&decoder, &m_io);
        avifDecoderSetSource(&decoder, AVIF_DECODER_SOURCE_PRIMARY_ITEM);
        if (avifCodecName(AVIF_CODEC_CHOICE_DAV1D, AVIF_CODEC_FLAG_CAN_DECODE) != nullptr)
            decoder.codecChoice = AVIF_CODEC_CHOICE_DAV1D; // which obeys imageSizeLimit
        decoder.maxThreads = 1;
        decoder.ignoreExif = AVIF_TRUE; // irot and imir count
        decoder.ignoreXMP = AVIF_TRUE;
        // Some programs leave out the box that says how many bits there are.
        decoder.strictFlags &= ~static_cast<avifStrictFlags>(AVIF_STRICT_PIXI_REQUIRED);
        const avifResult result = avifDecoderParse(&decoder);
        if (result != AVIF_RESULT_OK)
            fail(result);
    }

    [[nodiscard]] std::uint64_t pixels() const
    {
        return std::uint64_t { m_decoder->image->width } * m_decoder->image->height;
    }
    [[nodiscard]] bool alpha() const { return m_decoder->alphaPresent == AVIF_TRUE; }
    [[nodiscard]] std::uint64_t channels() const { return alpha() ? 4 : 3; }

    void checkClaim() const
    {
        const avifImage& image = *m_decoder->image;
        checkDimensions(m_job, "AVIF", image.width, image.height);
        const std::uint64_t data =
            m_decoder->ioStats.colorOBUSize + m_decoder->ioStats.alphaOBUSize;
        if (data > kMaxDataBytes)
            failRead(m_job, "AVIF with too much image data", "at most 64 MB",
                std::to_string(data) + " bytes");
        // Planes in halves of a sample a pixel, twice: a grid's parts and the whole, or a picture
        // before and after its film grain.
        const std::uint64_t halves = image.yuvFormat == AVIF_PIXEL_FORMAT_YUV420 ? 3
            : image.yuvFormat == AVIF_PIXEL_FORMAT_YUV422                        ? 4
            : image.yuvFormat == AVIF_PIXEL_FORMAT_YUV400                        ? 2
                                                                                 : 6;
        const std::uint64_t planes = (halves + (alpha() ? 2 : 0)) * (image.depth > 8 ? 2 : 1);
        const std::uint64_t turned = orientation() == 1 ? 0 : 3;
        checkMemory(m_job, "AVIF", pixels() * (planes + channels() + turned) + 2 * data);
    }

    /// irot and imir as EXIF says it: first turned, then mirrored.
    [[nodiscard]] int orientation() const
    {
        const avifImage& image = *m_decoder->image;
        if (!m_job.forPerson())
            return 1;
        const int turns = (image.transformFlags & AVIF_TRANSFORM_IROT) != 0
            ? static_cast<int>(image.irot.angle & 3U) // quarters, anticlockwise
            : 0;
        constexpr int kTurned[] = { 1, 8, 3, 6 };
        constexpr int kThenUpsideDown[] = { 4, 5, 2, 7 }; // imir 0: top and bottom change places
        constexpr int kThenLeftRight[] = { 2, 7, 4, 5 }; // imir 1
        if ((image.transformFlags & AVIF_TRANSFORM_IMIR) == 0)
            return kTurned[turns];
        return image.imir.mode == 0 ? kThenUpsideDown[turns] : kThenLeftRight[turns];
    }

    ProfileBytes profile() const
    {
        const avifRWData& icc = m_decoder->image->icc;
        ProfileBytes found;
        if (!m_job.wantsProfile() || icc.size == 0)
            return found;
        if (icc.size > kMaxProfileBytes)
            found.fault = "a profile of more than 4 MB";
        else
            found.bytes.assign(icc.data, icc.data + icc.size);
        return found;
    }

    Image convert()
    {
        const avifImage& image = *m_decoder->image;
        // The data may say something else than the boxes.
        checkDimensions(m_job, "AVIF", image.width, image.height);
        const auto width = static_cast<int>(image.width);
        const auto height = static_cast<int>(image.height);
        const std::size_t samples = image.alphaPlane != nullptr ? 4 : 3;
        if (samples > channels())
            fail(AVIF_RESULT_UNKNOWN_ERROR);
        const std::size_t rowBytes = samples * image.width;
        std::vector<std::uint8_t> pixels(rowBytes * image.height);
        avifRGBImage rgb {};
        avifRGBImageSetDefaults(&rgb, &image);
        rgb.format = samples == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
        rgb.depth = 8;
        rgb.pixels = pixels.data();
        rgb.rowBytes = static_cast<std::uint32_t>(rowBytes);
        const avifResult result = avifImageYUVToRGB(&image, &rgb);
        if (result != AVIF_RESULT_OK)
            fail(result);
        const bool grey = image.yuvFormat == AVIF_PIXEL_FORMAT_YUV400;
        RowMaker maker(m_job, grey ? ColourModel::Grey : ColourModel::Rgb, profile());
        const int turn = orientation();
        m_decoder.reset(); // the planes
        return turn == 1 ? rgbInPlace(m_job, std::move(pixels), width, height, samples, maker)
                         : turned(pixels, width, height, samples, maker, turn);
    }

    Image turned(const std::vector<std::uint8_t>& pixels, int width, int height,
        std::size_t samples, RowMaker& maker, int orientation) const
    {
        OrientedImage image(width, height, orientation);
        std::vector<std::uint8_t> row(static_cast<std::size_t>(width) * 3U);
        for (int y = 0; y < height; ++y) {
            checkTime(m_job);
            maker.make(
                &pixels[static_cast<std::size_t>(y) * samples * static_cast<std::size_t>(width)],
                static_cast<int>(samples), width, row.data());
            image.putRow(y, 0, 1, width, row.data());
        }
        return image.take();
    }

    const DecodeJob& m_job;
    AvifBoxes m_boxes;
    avifIO m_io {}; // outlives the decoder
    std::vector<std::uint8_t> m_buffer; ///< what was read last
    std::exception_ptr m_thrown;
    std::unique_ptr<avifDecoder, DecoderEnd> m_decoder;
};

} // namespace

Image decodeAvif(const DecodeJob& job)
{
    AvifReader reader(job);
    Image image;
    runQuietly([&] { image = reader.go(); }); // dav1d prints
    return image;
}

} // namespace crossiter::detail
