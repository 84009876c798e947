// GIF by giflib: the first frame, row by row. Format: CompuServe, GIF89a Specification (1990).
#include "core/image/Colours.h"
#include "core/image/Decoding.h"

#include <array>
#include <exception>
#include <gif_lib.h>

namespace crossiter::detail {

namespace {

/// A code of at most 12 bits stands for at most 4096 pixels.
constexpr std::uint64_t kMaxPixelsPerByte = 4096;

struct GifEnd
{
    void operator()(GifFileType* file) const { DGifCloseFile(file, nullptr); }
};

class GifReader
{
public:
    explicit GifReader(const DecodeJob& job)
        : m_job(job)
        , m_bytes(job.source, job.time)
    {
    }

    Image go()
    {
        int code = 0;
        m_file.reset(DGifOpen(this, onRead, &code));
        if (!m_file)
            fail(code);
        findFrame();
        const GifImageDesc& frame = m_file->Image;
        const int width = std::max(m_file->SWidth, frame.Left + frame.Width);
        const int height = std::max(m_file->SHeight, frame.Top + frame.Height);
        checkClaim(width, height);
        readColours();
        OrientedImage image(width, height, 1);
        if (frame.Left > 0 || frame.Top > 0 || frame.Width < width || frame.Height < height)
            fillAround(image, width, height);
        readFrame(image);
        checkMore();
        return image.take();
    }

private:
    /// An exception must not fly through giflib's frames.
    static int onRead(GifFileType* file, GifByteType* to, int size)
    {
        auto* reader = static_cast<GifReader*>(file->UserData);
        try {
            return static_cast<int>(
                reader->m_bytes.read({ to, static_cast<std::size_t>(std::max(size, 0)) }));
        } catch (...) {
            reader->m_thrown = std::current_exception();
            return 0;
        }
    }

    [[noreturn]] void fail(int code) const
    {
        if (m_thrown)
            std::rethrow_exception(m_thrown);
        if (m_bytes.left() == 0)
            failRead(m_job, "truncated GIF", "a whole first frame",
                "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
        const char* what = "image data that are damaged";
        if (code == D_GIF_ERR_NO_SCRN_DSCR)
            what = "no usable header";
        else if (code == D_GIF_ERR_WRONG_RECORD || code == D_GIF_ERR_NO_IMAG_DSCR)
            what = "blocks that break the format's rules";
        failRead(m_job, "damaged GIF", "a whole first frame", what);
    }

    void require(int result) const
    {
        if (result != GIF_OK)
            fail(m_file->Error);
    }

    /// Up to the first frame's description. The extension right before it says what is transparent.
    void findFrame()
    {
        for (;;) {
            GifRecordType type = UNDEFINED_RECORD_TYPE;
            require(DGifGetRecordType(m_file.get(), &type));
            if (type == TERMINATE_RECORD_TYPE)
                failRead(m_job, "GIF without a picture", "a frame", "the end of the data");
            if (type == IMAGE_DESC_RECORD_TYPE) {
                require(DGifGetImageDesc(m_file.get()));
                return;
            }
            if (type == EXTENSION_RECORD_TYPE)
                takeExtension();
        }
    }

    void takeExtension()
    {
        int kind = 0;
        GifByteType* block = nullptr;
        require(DGifGetExtension(m_file.get(), &kind, &block));
        while (block != nullptr) {
            GraphicsControlBlock control {};
            if (kind == GRAPHICS_EXT_FUNC_CODE
                && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
                m_transparent = control.TransparentColor;
            require(DGifGetExtensionNext(m_file.get(), &block));
        }
    }

    void checkClaim(int width, int height) const
    {
        const GifImageDesc& frame = m_file->Image;
        const auto area = [](int w, int h) {
            return static_cast<std::uint64_t>(w) * static_cast<std::uint64_t>(h);
        };
        checkDimensions(
            m_job, "GIF", static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
        checkDimensions(m_job, "GIF frame", static_cast<std::uint64_t>(frame.Width),
            static_cast<std::uint64_t>(frame.Height));
        const std::uint64_t most = m_job.source.size() * kMaxPixelsPerByte;
        if (area(frame.Width, frame.Height) > most || area(width, height) / 64U > most)
            failRead(m_job, "GIF claims more pixels than it holds",
                "data for " + std::to_string(width) + "x" + std::to_string(height),
                std::to_string(m_job.source.size()) + " bytes");
        constexpr std::uint64_t kGiflibBytes = 64U << 10U;
        checkMemory(m_job, "GIF",
            area(width, height) * 3 + static_cast<std::uint64_t>(width) * 8 + kGiflibBytes);
    }

    /// The frame's colours, else the file's, else greys; black for what they do not have.
    void readColours()
    {
        const ColorMapObject* map =
            m_file->Image.ColorMap != nullptr ? m_file->Image.ColorMap : m_file->SColorMap;
        for (int i = 0; i < 256; ++i) {
            auto& colour = m_colours[static_cast<std::size_t>(i)];
            const auto grey = static_cast<std::uint8_t>(i);
            if (map == nullptr)
                colour = { grey, grey, grey, 255 };
            else if (i < map->ColorCount)
                colour = { map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue, 255 };
            else
                colour = { 0, 0, 0, 255 };
        }
        if (m_transparent >= 0 && m_transparent < 256)
            m_colours[static_cast<std::size_t>(m_transparent)][3] = 0;
    }

    /// What the frame does not cover: nothing, so white, for people; for the contest the colour
    /// that Pillow begins with, the transparent one, else the first.
    void fillAround(OrientedImage& image, int width, int height) const
    {
        if (m_job.forPerson()) {
            image.fill(255);
            return;
        }
        const auto index = static_cast<std::size_t>(std::clamp(m_transparent, 0, 255));
        std::vector<std::uint8_t> row(static_cast<std::size_t>(width) * 3U);
        for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x)
            std::copy_n(m_colours[index].data(), 3, &row[3 * x]);
        for (int y = 0; y < height; ++y)
            image.putRow(y, 0, 1, width, row.data());
    }

    void readFrame(OrientedImage& image)
    {
        const GifImageDesc& frame = m_file->Image;
        const auto width = static_cast<std::size_t>(frame.Width);
        std::vector<std::uint8_t> indices(width);
        std::vector<std::uint8_t> samples(width * 4U);
        std::vector<std::uint8_t> rgb(width * 3U);
        RowMaker maker(m_job, ColourModel::Rgb, {});
        constexpr std::array<std::array<int, 2>, 4> kPasses { { { 0, 8 }, { 4, 8 }, { 2, 4 },
            { 1, 2 } } };
        const std::size_t passes = frame.Interlace ? kPasses.size() : 1;
        for (std::size_t pass = 0; pass < passes; ++pass) {
            const int step = frame.Interlace ? kPasses[pass][1] : 1;
            for (int y = frame.Interlace ? kPasses[pass][0] : 0; y < frame.Height; y += step) {
                checkTime(m_job);
                require(DGifGetLine(m_file.get(), indices.data(), frame.Width));
                for (std::size_t x = 0; x < width; ++x)
                    std::copy_n(m_colours[indices[x]].data(), 4, &samples[4 * x]);
                maker.make(samples.data(), 4, frame.Width, rgb.data());
                image.putRow(frame.Top + y, frame.Left, 1, frame.Width, rgb.data());
            }
        }
    }

    /// A file that ends behind the frame was cut there.
    void checkMore()
    {
        if (m_bytes.next() < 0)
            fail(0);
    }

    const DecodeJob& m_job;
    ByteReader m_bytes;
    std::unique_ptr<GifFileType, GifEnd> m_file;
    std::exception_ptr m_thrown; ///< by the source
    int m_transparent = NO_TRANSPARENT_COLOR; ///< index, -1: none
    std::array<std::array<std::uint8_t, 4>, 256> m_colours {}; ///< RGB and alpha
};

} // namespace

Image decodeGif(const DecodeJob& job)
{
    return GifReader(job).go();
}

} // namespace crossiter::detail
