// TIFF by libtiff, which unpacks strips and tiles; what samples mean is decided here.
#include "core/base/Contains.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"
#include "core/image/TiffFile.h"

#include <array>
#include <cstring>
#include <exception>

namespace crossiter::detail {

namespace {

struct TiffEnd
{
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
/// How the samples of a picture are to be taken.
struct Layout
{
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint16_t bits = 1; ///< a sample: 1, 2, 4, 8, 16
    std::uint16_t samples = 1; ///< a pixel
    std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    std::uint16_t compression = COMPRESSION_NONE;
    bool apart = false; ///< each sample in a plane of its own
    bool tiled = false;
    int colours = 1; ///< samples that are colours: 1, 3, 4
    bool alpha = false; ///< the sample behind them
    bool premultiplied = false;

    [[nodiscard]] int used() const { return colours + (alpha ? 1 : 0); }
};

class TiffReader
{
public:
    explicit TiffReader(const DecodeJob& job)
        : m_job(job)
        , m_directory(walkTiffDirectory(job))
        , m_file(job, m_directory)
    {
    }

    Image go()
    {
        open();
        readLayout();
        checkClaim();
        readPalette();
        const ColourModel model = m_layout.photometric == PHOTOMETRIC_SEPARATED ? ColourModel::Cmyk
            : m_layout.colours == 1 && m_layout.photometric != PHOTOMETRIC_PALETTE
            ? ColourModel::Grey
            : ColourModel::Rgb;
        RowMaker maker(m_job, model, m_directory.profile);
        m_directory.profile = {};
        OrientedImage image(static_cast<int>(m_layout.width), static_cast<int>(m_layout.height),
            m_job.forPerson() ? m_directory.orientation : 1);
        m_maker = &maker;
        m_image = &image;
        m_file.failed = false; // libtiff complains of tags, too, that it can do without
        if (m_layout.tiled || m_layout.apart)
            readBlocks();
        else
            readRows();
        return image.take();
    }

private:
    [[noreturn]] void failKind(const std::string& expected, const std::string& found) const
    {
        failRead(m_job, "unsupported kind of TIFF", expected + ": convert it to PNG first", found);
    }

    [[noreturn]] void fail() const
    {
        if (m_file.thrown)
            std::rethrow_exception(m_file.thrown);
        if (m_file.ended)
            failRead(m_job, "truncated TIFF", "whole image data",
                "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
        failRead(m_job, "damaged TIFF", "whole image data", "data or tags that are damaged");
    }

    void open()
    {
        m_tiff.reset(openTiff(m_job, m_file));
        if (!m_tiff)
            fail();
    }

    template <typename T>
    T field(std::uint32_t tag, T other) const
    {
        T value {};
        return TIFFGetFieldDefaulted(m_tiff.get(), tag, &value) == 1 ? value : other;
    }

    void readLayout()
    {
        Layout& layout = m_layout;
        layout.width = field<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
        layout.height = field<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
        checkDimensions(m_job, "TIFF", layout.width, layout.height);
        layout.bits = field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
        layout.samples = field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
        layout.compression = field<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
        layout.apart =
            field<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE
            && layout.samples > 1;
        layout.tiled = TIFFIsTiled(m_tiff.get()) != 0;
        const auto format = field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
        constexpr std::array kBits { 1, 2, 4, 8, 16 };
        if (!contains(kBits, layout.bits)
            || (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID))
            failKind("samples of 1, 2, 4, 8 or 16 bits without sign",
                std::to_string(layout.bits) + " bits, sample format " + std::to_string(format));
        if (TIFFGetField(m_tiff.get(), TIFFTAG_PHOTOMETRIC, &layout.photometric) != 1)
            layout.photometric = layout.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
        readColourModel();
        if (layout.samples < layout.colours || layout.samples > 16)
            failKind(std::to_string(layout.colours) + " to 16 samples a pixel",
                std::to_string(layout.samples));
        readAlpha();
    }

    void readColourModel()
    {
        Layout& layout = m_layout;
        switch (layout.photometric) {
        case PHOTOMETRIC_MINISWHITE:
        case PHOTOMETRIC_MINISBLACK:
            layout.colours = 1;
            return;
        case PHOTOMETRIC_PALETTE:
            layout.colours = 1;
            if (layout.bits <= 8)
                return;
            break;
        case PHOTOMETRIC_RGB:
            layout.colours = 3;
            return;
        case PHOTOMETRIC_SEPARATED:
            layout.colours = 4;
            if (field<std::uint16_t>(TIFFTAG_INKSET, INKSET_CMYK) == INKSET_CMYK)
                return;
            break;
        case PHOTOMETRIC_YCBCR:
            layout.colours = 3;
            if (layout.compression == COMPRESSION_JPEG && !layout.apart) {
                TIFFSetField(m_tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
                return;
            }
            break;
        default:
            break;
        }
        failKind("grey, a palette of 8 bits, RGB, CMYK or YCbCr packed as JPEG",
            "photometric interpretation " + std::to_string(layout.photometric));
    }

    void readAlpha()
    {
        Layout& layout = m_layout;
        if (layout.samples <= layout.colours || layout.photometric == PHOTOMETRIC_SEPARATED
            || layout.photometric == PHOTOMETRIC_PALETTE)
            return;
        std::uint16_t count = 0;
        const std::uint16_t* kinds = nullptr;
        if (TIFFGetField(m_tiff.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1 || count == 0) {
            layout.alpha = layout.samples == layout.colours + 1; // as Pillow takes it
            return;
        }
        layout.premultiplied = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
        layout.alpha = layout.premultiplied || kinds[0] == EXTRASAMPLE_UNASSALPHA;
    }

    /// What a packed byte can become at most.
    [[nodiscard]] std::uint64_t bestRatio() const
    {
        switch (m_layout.compression) {
        case COMPRESSION_NONE:
            return 1;
        case COMPRESSION_PACKBITS:
            return 64;
        case COMPRESSION_LZW:
            return 4096;
        case COMPRESSION_JPEG:
            return 8192; // 2048 pixels (JpegCodec), 4 samples
        case COMPRESSION_DEFLATE:
        case COMPRESSION_ADOBE_DEFLATE:
            return 1040;
        default:
            return 16384; // a bit for a row of a fax
        }
    }

    void checkClaim() const
    {
        const Layout& layout = m_layout;
        const std::uint32_t parts =
            layout.tiled ? TIFFNumberOfTiles(m_tiff.get()) : TIFFNumberOfStrips(m_tiff.get());
        std::uint64_t packed = 0;
        std::uint64_t largest = 0;
        for (std::uint32_t i = 0; i < parts; ++i) {
            if (i % 4096 == 0)
                checkTime(m_job);
            const std::uint64_t bytes = TIFFGetStrileByteCount(m_tiff.get(), i);
            packed += std::min<std::uint64_t>(bytes, m_job.source.size());
            largest = std::max(largest, bytes);
        }
        packed = std::min<std::uint64_t>(packed, m_job.source.size());
        const std::uint64_t pixels = std::uint64_t { layout.width } * layout.height;
        if (pixels * layout.samples * layout.bits / 8 > (packed + 1) * bestRatio())
            failRead(m_job, "TIFF claims more pixels than it holds",
                "data for " + std::to_string(layout.width) + "x" + std::to_string(layout.height),
                std::to_string(packed) + " bytes");
        const std::uint64_t planes = layout.apart ? layout.used() : 1;
        const std::uint64_t unpacked = layout.tiled ? TIFFTileSize64(m_tiff.get()) * planes
            : layout.apart ? TIFFVStripSize64(m_tiff.get(), rowsOfStrip()) * planes
                           : TIFFScanlineSize64(m_tiff.get());
        // Of one plain strip libtiff makes small ones, so that it counts as its rows do.
        largest = std::min(largest, m_job.source.size());
        checkMemory(m_job, "TIFF",
            pixels * 3 + unpacked + largest + std::uint64_t { parts } * 16
                + std::uint64_t { layout.width } * 16);
    }

    [[nodiscard]] std::uint32_t rowsOfStrip() const
    {
        return std::clamp<std::uint32_t>(
            field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, m_layout.height), 1, m_layout.height);
    }

    void readPalette()
    {
        if (m_layout.photometric != PHOTOMETRIC_PALETTE)
            return;
        std::array<std::uint16_t*, 3> maps {};
        if (TIFFGetField(m_tiff.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1)
            failRead(m_job, "damaged TIFF", "a palette", "none");
        const std::size_t count = std::size_t { 1 } << m_layout.bits;
        bool wide = false; // some programs write 0..255
        for (const std::uint16_t* map : maps)
            wide = wide || std::any_of(map, map + count, [](unsigned v) { return v > 255; });
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t c = 0; c < 3; ++c)
                m_palette[3 * i + c] =
                    static_cast<std::uint8_t>(wide ? maps[c][i] >> 8U : maps[c][i]);
        }
    }

    /// As of a PNG: PngCodec.cpp.
    [[nodiscard]] bool clipsGrey() const
    {
        return !m_job.forPerson() && m_layout.samples == 1
            && m_layout.photometric == PHOTOMETRIC_MINISBLACK;
    }

    /// Samples at `index` of a packed row, as 8 bits; of a palette as they are.
    [[nodiscard]] std::uint8_t sample(const std::uint8_t* row, std::size_t index) const
    {
        const unsigned bits = m_layout.bits;
        if (bits == 8)
            return row[index];
        if (bits == 16) { // in this machine's order: libtiff turns them; the high byte
            std::uint16_t value = 0;
            std::memcpy(&value, row + 2 * index, 2);
            if (clipsGrey())
                return static_cast<std::uint8_t>(std::min<unsigned>(value, 255));
            return static_cast<std::uint8_t>(value >> 8U);
        }
        const std::size_t bit = index * bits;
        const unsigned most = (1U << bits) - 1;
        const unsigned value = row[bit / 8] >> (8 - bits - bit % 8) & most;
        return static_cast<std::uint8_t>(
            m_layout.photometric == PHOTOMETRIC_PALETTE ? value : value * 255U / most);
    }

    /// One row of a strip or tile goes into the picture. rows: one, or one a plane.
    void put(std::uint32_t x, std::uint32_t y, std::uint32_t count,
        const std::vector<const std::uint8_t*>& rows)
    {
        const Layout& layout = m_layout;
        const auto used = static_cast<std::size_t>(layout.used());
        m_samples.resize(std::size_t { count } * std::max<std::size_t>(used, 3));
        m_rgb.resize(std::size_t { count } * 4);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t s = 0; s < used; ++s)
                m_samples[used * i + s] =
                    layout.apart ? sample(rows[s], i) : sample(rows[0], i * layout.samples + s);
        }
        if (layout.photometric == PHOTOMETRIC_MINISWHITE)
            for (std::size_t i = 0; i < count; ++i)
                m_samples[used * i] = static_cast<std::uint8_t>(255 - m_samples[used * i]);
        if (layout.premultiplied)
            divideByAlpha(count);
        const auto pixels = static_cast<int>(count);
        if (layout.photometric == PHOTOMETRIC_SEPARATED) {
            m_maker->makeOfInks(m_samples.data(), pixels, m_rgb.data());
        } else if (layout.photometric == PHOTOMETRIC_PALETTE) {
            for (std::size_t i = count; i-- > 0;)
                std::copy_n(&m_palette[std::size_t { 3 } * m_samples[i]], 3, &m_rgb[3 * i]);
            m_maker->make(m_rgb.data(), 3, pixels, m_rgb.data());
        } else {
            m_maker->make(m_samples.data(), layout.used(), pixels, m_rgb.data());
        }
        m_image->putRow(static_cast<int>(y), static_cast<int>(x), 1, pixels, m_rgb.data());
    }

    void divideByAlpha(std::uint32_t count)
    {
        const auto used = static_cast<std::size_t>(m_layout.used());
        for (std::size_t i = 0; i < count; ++i) {
            const unsigned alpha = m_samples[used * i + used - 1];
            for (std::size_t s = 0; s + 1 < used; ++s) {
                std::uint8_t& value = m_samples[used * i + s];
                value = static_cast<std::uint8_t>(
                    alpha == 0 ? 0U : std::min(255U, value * 255U / alpha));
            }
        }
    }

    void readRows()
    {
        std::vector<std::uint8_t> row(
            static_cast<std::size_t>(std::max<tmsize_t>(TIFFScanlineSize(m_tiff.get()), 0)));
        requireRowBytes(row.size(), m_layout.width);
        const std::vector<const std::uint8_t*> rows { row.data() };
        for (std::uint32_t y = 0; y < m_layout.height; ++y) {
            checkTime(m_job);
            if (TIFFReadScanline(m_tiff.get(), row.data(), y) < 0 || m_file.failed)
                fail();
            put(0, y, m_layout.width, rows);
        }
    }

    /// What libtiff says of a row must be what is read out of it.
    void requireRowBytes(std::size_t bytes, std::uint32_t pixels) const
    {
        const std::uint64_t samples =
            std::uint64_t { pixels } * (m_layout.apart ? 1U : m_layout.samples);
        if (bytes < (samples * m_layout.bits + 7) / 8)
            fail();
    }

    /// Tiles, and strips of planes apart: a part is unpacked as a whole.
    void readBlocks()
    {
        std::uint32_t width = m_layout.width;
        std::uint32_t height = rowsOfStrip();
        if (m_layout.tiled) {
            width = field<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
            height = field<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
        }
        const tmsize_t size =
            m_layout.tiled ? TIFFTileSize(m_tiff.get()) : TIFFVStripSize(m_tiff.get(), height);
        const tmsize_t rowBytes =
            m_layout.tiled ? TIFFTileRowSize(m_tiff.get()) : TIFFScanlineSize(m_tiff.get());
        if (width == 0 || height == 0 || rowBytes <= 0 || size / rowBytes < height)
            fail();
        requireRowBytes(static_cast<std::size_t>(rowBytes), width);
        const std::size_t planes = m_layout.apart ? static_cast<std::size_t>(m_layout.used()) : 1;
        std::vector<std::vector<std::uint8_t>> parts(
            planes, std::vector<std::uint8_t>(static_cast<std::size_t>(size)));
        std::vector<const std::uint8_t*> rows(planes);
        for (std::uint32_t top = 0; top < m_layout.height; top += height) {
            for (std::uint32_t left = 0; left < m_layout.width; left += width) {
                for (std::size_t plane = 0; plane < planes; ++plane)
                    readPart(left, top, static_cast<std::uint16_t>(plane), parts[plane]);
                const std::uint32_t count = std::min(width, m_layout.width - left);
                for (std::uint32_t y = 0; y < std::min(height, m_layout.height - top); ++y) {
                    for (std::size_t plane = 0; plane < planes; ++plane)
                        rows[plane] = parts[plane].data()
                            + std::size_t { y } * static_cast<std::size_t>(rowBytes);
                    put(left, top + y, count, rows);
                }
            }
        }
    }

    void readPart(
        std::uint32_t x, std::uint32_t y, std::uint16_t plane, std::vector<std::uint8_t>& to)
    {
        checkTime(m_job);
        TIFF* tiff = m_tiff.get();
        const auto size = static_cast<tmsize_t>(to.size());
        const tmsize_t got = m_layout.tiled
            ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, plane), to.data(), size)
            : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, plane), to.data(), size);
        if (got < 0 || m_file.failed)
            fail();
    }

    const DecodeJob& m_job;
    TiffDirectory m_directory;
    TiffFile m_file;
    std::unique_ptr<TIFF, TiffEnd> m_tiff; // ends before its file
    Layout m_layout;
    std::array<std::uint8_t, std::size_t { 256 } * 3> m_palette {};
    std::vector<std::uint8_t> m_samples; ///< of a row, 8 bits each
    std::vector<std::uint8_t> m_rgb;
    RowMaker* m_maker = nullptr;
    OrientedImage* m_image = nullptr;
};

} // namespace

Image decodeTiff(const DecodeJob& job)
{
    return TiffReader(job).go();
}

} // namespace crossiter::detail
