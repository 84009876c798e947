#include "core/base/AtomicFile.h"
#include "core/base/ByteCount.h"
#include "core/base/ByteView.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"
#include "core/image/Exif.h"
#include "core/image/PngChunks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <png.h>
#include <string_view>

namespace crossiter {

namespace {

using detail::DecodeJob;
using detail::OrientedImage;
using detail::PngHeader;
using detail::RowMaker;

enum class Failure
{
    None,
    Library,
    Time,
    Thrown,
    Memory
};

/// Everything that libpng's callbacks and the decoding loop touch. libpng leaves by longjmp, so the
/// functions on its way own nothing that needs a destructor: owners live in decodePng.
struct PngReader
{
    const DecodeJob& job;
    const PngHeader& header;
    RowMaker& maker;
    OrientedImage& image;
    std::vector<std::uint8_t> samples; ///< one row as libpng gives it, up to 4 bytes a pixel
    std::vector<std::uint8_t> rgb; ///< the same row, 3 bytes a pixel
    std::uint64_t at = 0; ///< of the file, behind the window
    ByteView window; ///< bytes that libpng has not had yet
    std::exception_ptr thrown; ///< by the source
    std::uint64_t libraryBytes = 0; ///< held by libpng and zlib now
    Failure failure = Failure::None;
    std::array<char, 200> message {};
    png_structp png = nullptr;
    png_infop info = nullptr;

    ~PngReader()
    {
        if (png != nullptr)
            png_destroy_read_struct(&png, &info, nullptr);
    }
};

void copyMessage(std::array<char, 200>& to, const char* from)
{
    std::strncpy(to.data(), from, to.size() - 1);
}

[[noreturn]] void onReadError(png_structp png, png_const_charp message)
{
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    if (reader->failure == Failure::None)
        reader->failure = Failure::Library;
    copyMessage(reader->message, message);
    png_longjmp(png, 1);
}

void onWarning(png_structp /*png*/, png_const_charp /*message*/) { }

/// The next 64 KB of the file; an exception must not fly through libpng's frames.
bool refill(PngReader& reader) noexcept
{
    try {
        reader.window = reader.job.source.view(reader.at);
        reader.at += reader.window.size();
    } catch (...) {
        reader.thrown = std::current_exception();
        reader.failure = Failure::Thrown;
    }
    return !reader.thrown && !reader.window.empty();
}

void onRead(png_structp png, png_bytep to, png_size_t size)
{
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    while (size > 0) {
        if (reader->window.empty()) {
            if (reader->job.time.over()) {
                reader->failure = Failure::Time;
                png_error(png, "time");
            }
            if (!refill(*reader))
                png_error(png, "end of file");
        }
        const std::size_t part = std::min(size, reader->window.size());
        std::memcpy(to, reader->window.data(), part);
        reader->window = reader->window.subspan(part);
        to += part;
        size -= part;
    }
}

constexpr std::size_t kSizePrefix = alignof(std::max_align_t);

png_voidp onAllocate(png_structp png, png_alloc_size_t size)
{
    auto* reader = static_cast<PngReader*>(png_get_mem_ptr(png));
    const std::uint64_t limit = reader->job.limits.maxMemoryBytes;
    if (size > limit || reader->libraryBytes + size > limit) {
        reader->failure = Failure::Memory;
        return nullptr;
    }
    auto* block = static_cast<std::byte*>(std::malloc(size + kSizePrefix));
    if (block == nullptr)
        return nullptr;
    std::memcpy(block, &size, sizeof size);
    reader->libraryBytes += size;
    return block + kSizePrefix;
}

void onFree(png_structp png, png_voidp pointer)
{
    if (pointer == nullptr)
        return;
    auto* reader = static_cast<PngReader*>(png_get_mem_ptr(png));
    std::byte* block = static_cast<std::byte*>(pointer) - kSizePrefix;
    png_alloc_size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    reader->libraryBytes -= size;
    std::free(block);
}

/// The toolkit's Pillow took 16-bit grey for a picture of whole numbers (mode I) and cut them at
/// 255; of all other 16-bit samples it took the high byte.
bool clipsGrey(const PngReader& reader)
{
    return !reader.job.forPerson() && reader.header.colourType == 0 && reader.header.bitDepth == 16;
}

void clip(std::uint8_t* samples, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        samples[i] = samples[2 * i] != 0 ? 255 : samples[2 * i + 1];
}

void readPass(PngReader& reader, int channels, int pass)
{
    const bool whole = pass < 0;
    const auto width = static_cast<png_uint_32>(reader.header.width);
    const auto height = static_cast<png_uint_32>(reader.header.height);
    const auto columns = static_cast<int>(whole ? width : PNG_PASS_COLS(width, pass));
    const auto rows = static_cast<int>(whole ? height : PNG_PASS_ROWS(height, pass));
    if (columns == 0)
        return;
    const int stepX = whole ? 1 : static_cast<int>(PNG_PASS_COL_OFFSET(pass));
    const int stepY = whole ? 1 : static_cast<int>(PNG_PASS_ROW_OFFSET(pass));
    const int firstX = whole ? 0 : static_cast<int>(PNG_PASS_START_COL(pass));
    const int firstY = whole ? 0 : static_cast<int>(PNG_PASS_START_ROW(pass));
    for (int row = 0; row < rows; ++row) {
        if (reader.job.time.over()) {
            reader.failure = Failure::Time;
            png_error(reader.png, "time");
        }
        png_read_row(reader.png, reader.samples.data(), nullptr);
        if (clipsGrey(reader))
            clip(reader.samples.data(), static_cast<std::size_t>(columns));
        reader.maker.make(reader.samples.data(), channels, columns, reader.rgb.data());
        reader.image.putRow(firstY + row * stepY, firstX, stepX, columns, reader.rgb.data());
    }
}

/// False when libpng gave up: reader.failure and reader.message say why.
bool readPicture(PngReader& reader)
{
    if (setjmp(png_jmpbuf(reader.png)) != 0) // NOLINT: libpng's way of reporting
        return false;
    png_structp png = reader.png;
    png_set_read_fn(png, &reader, onRead);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(png, static_cast<png_uint_32>(reader.header.width),
        static_cast<png_uint_32>(reader.header.height));
    png_set_chunk_malloc_max(png, 1U << 20U);
    png_set_chunk_cache_max(png, 64);
    // Texts, profiles and the like are skipped: nothing of them is used, and some are compressed.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png, reader.info);
    if (!clipsGrey(reader)) {
        png_set_expand(png); // palette to RGB, few bits to 8, tRNS to alpha
        png_set_strip_16(png); // the high byte
    }
    png_read_update_info(png, reader.info);
    const int channels = png_get_channels(png, reader.info);
    if (png_get_bit_depth(png, reader.info) != (clipsGrey(reader) ? 16 : 8)
        || png_get_rowbytes(png, reader.info) > reader.samples.size())
        png_error(png, "unexpected row format");
    if (reader.header.interlaced) {
        // The passes are put in place here: libpng's own way needs all rows in its format at once.
        for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass)
            readPass(reader, channels, pass);
    } else {
        readPass(reader, channels, -1);
    }
    png_read_end(png, nullptr);
    return true;
}

/// What is wrong, in words of ours: libpng's are for programmers.
const char* faultOf(std::string_view message)
{
    const auto says = [message](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    if (says("CRC"))
        return "a checksum that does not fit";
    if (says("end of file") || says("Not enough image data"))
        return "image data that end early";
    if (says("PLTE") || says("palette"))
        return "no usable palette";
    if (says("critical chunk"))
        return "a critical chunk that nobody knows";
    if (says("chunk") || says("duplicate") || says("out of place"))
        return "chunks that break the format's rules";
    if (says("memory"))
        return "more than memory is allowed for";
    return "compressed data that are damaged";
}

[[noreturn]] void fail(const PngReader& reader)
{
    const DecodeJob& job = reader.job;
    switch (reader.failure) {
    case Failure::Time:
        throw detail::OutOfTime();
    case Failure::Thrown:
        std::rethrow_exception(reader.thrown);
    case Failure::Memory:
        throw Error(ErrorKind::BadInput, "PNG needs too much memory", job.place,
            "at most " + sizeText(job.limits.maxMemoryBytes), "more");
    case Failure::Library:
    case Failure::None:
        break;
    }
    throw Error(ErrorKind::BadInput, "damaged PNG", job.place, "whole image data",
        faultOf(reader.message.data()));
}

struct PngWriter
{
    const Image& image;
    std::vector<std::uint8_t> bytes;
    std::array<char, 200> message {};
    png_structp png = nullptr;
    png_infop info = nullptr;

    ~PngWriter()
    {
        if (png != nullptr)
            png_destroy_write_struct(&png, &info);
    }
};

[[noreturn]] void onWriteError(png_structp png, png_const_charp message)
{
    copyMessage(static_cast<PngWriter*>(png_get_error_ptr(png))->message, message);
    png_longjmp(png, 1);
}

void onWrite(png_structp png, png_bytep data, png_size_t size)
{
    auto* writer = static_cast<PngWriter*>(png_get_io_ptr(png));
    bool stored = true;
    try {
        writer->bytes.insert(writer->bytes.end(), data, data + size);
    } catch (...) { // an exception must not fly through libpng's frames
        stored = false;
    }
    if (!stored)
        png_error(png, "out of memory");
}

void onFlush(png_structp /*png*/) { }

bool writePicture(PngWriter& writer)
{
    if (setjmp(png_jmpbuf(writer.png)) != 0) // NOLINT: libpng's way of reporting
        return false;
    png_structp png = writer.png;
    png_set_write_fn(png, &writer, onWrite, onFlush);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    png_set_IHDR(png, writer.info, static_cast<png_uint_32>(writer.image.width),
        static_cast<png_uint_32>(writer.image.height), 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, writer.info);
    for (int y = 0; y < writer.image.height; ++y)
        png_write_row(png, writer.image.rgb.data() + writer.image.offset(0, y));
    png_write_end(png, writer.info);
    return true;
}

} // namespace

namespace detail {

Image decodePng(const DecodeJob& job)
{
    PngHeader header = walkPngChunks(job);
    const bool grey = header.colourType == 0 || header.colourType == 4;
    RowMaker maker(job, grey ? ColourModel::Grey : ColourModel::Rgb, header.profile);
    header.profile = {};
    OrientedImage image(
        header.width, header.height, job.forPerson() ? exifOrientation(header.exif) : 1);
    PngReader reader { job, header, maker, image };
    reader.samples.resize(static_cast<std::size_t>(header.width) * 4U);
    reader.rgb.resize(static_cast<std::size_t>(header.width) * 3U);
    reader.png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, &reader, onReadError, onWarning, &reader, onAllocate, onFree);
    if (reader.png != nullptr)
        reader.info = png_create_info_struct(reader.png);
    if (reader.info == nullptr)
        throw Error(ErrorKind::Internal, "cannot start libpng", job.place);
    if (!readPicture(reader))
        fail(reader);
    return image.take();
}

} // namespace detail

std::vector<std::uint8_t> encodePng(const Image& image)
{
    const auto rgbBytes = static_cast<std::uint64_t>(image.width > 0 ? image.width : 0)
        * static_cast<std::uint64_t>(image.height > 0 ? image.height : 0) * 3U;
    if (image.empty() || image.rgb.size() != rgbBytes)
        throw Error(ErrorKind::Internal, "cannot write a picture", "",
            std::to_string(rgbBytes) + " bytes, more than 0", std::to_string(image.rgb.size()));
    PngWriter writer { image };
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, onWriteError, onWarning);
    if (writer.png != nullptr)
        writer.info = png_create_info_struct(writer.png);
    if (writer.info == nullptr || !writePicture(writer))
        throw Error(ErrorKind::Internal, "libpng cannot encode", "", "", writer.message.data());
    return std::move(writer.bytes);
}

void writePng(const std::filesystem::path& path, const Image& image)
{
    writeFileAtomically(path, encodePng(image));
}

} // namespace crossiter
