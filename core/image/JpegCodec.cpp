#include "core/base/ByteView.h"
#include "core/image/Colours.h"
#include "core/image/Decoding.h"
#include "core/image/Exif.h"
#include "core/image/JpegMarkers.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE
#include <exception>
#include <iterator>
#include <jerror.h>
#include <jpeglib.h>
#include <map>

namespace crossiter::detail {

namespace {

enum class Failure
{
    None,
    Library,
    Truncated,
    Time,
    Thrown
};

/// Looks for what no encoder writes into a scan of Huffman codes and libjpeg reads as zeros without
/// a word: many one bits in a row. A code word has 16 bits at most and is not of ones alone, so
/// that with the bits of a value behind it (15 at most) no run is longer than 45.
class OnesWatch
{
public:
    void begin() noexcept { m_on = true; }

    /// The file's next bytes; false: there is such a run in them. Ends with the scan.
    [[nodiscard]] bool take(ByteView bytes) noexcept
    {
        if (!m_on)
            return true;
        for (const std::uint8_t byte : bytes) {
            if (!m_afterFf) {
                m_afterFf = byte == 0xFF;
                m_run = m_afterFf ? m_run : 0;
            } else if (byte == 0) { // a byte of ones
                m_afterFf = false;
                if (++m_run >= kMostBytes)
                    return false;
            } else if (byte != 0xFF) {
                m_afterFf = false;
                m_run = 0;
                m_on = byte >= 0xD0 && byte <= 0xD7; // restart markers lie within
                if (!m_on)
                    return true;
            }
        }
        return true;
    }

private:
    static constexpr int kMostBytes = 8;

    bool m_on = false;
    bool m_afterFf = false;
    int m_run = 0;
};

/// libjpeg leaves by longjmp, so the functions on its way own nothing that needs a destructor:
/// owners live in decodeJpeg. The C structs come first, callbacks find the reader through
/// client_data.
struct JpegReader
{
    jpeg_decompress_struct jpeg {};
    jpeg_error_mgr errors {};
    jpeg_progress_mgr progress {};
    jpeg_source_mgr source {};
    std::jmp_buf jump {};
    int code = 0; ///< libjpeg's, of what it gave up for
    Failure failure = Failure::None;
    const DecodeJob& job;
    std::uint64_t at = 0; ///< of the file, behind what libjpeg was given
    std::exception_ptr thrown; ///< by the source
    std::vector<std::uint8_t> row;
    OnesWatch ones;

    explicit JpegReader(const DecodeJob& decodeJob)
        : job(decodeJob)
    {
    }
    ~JpegReader() { jpeg_destroy_decompress(&jpeg); } // does nothing when nothing was created
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;
    JpegReader(JpegReader&&) = delete;
    JpegReader& operator=(JpegReader&&) = delete;
};

[[noreturn]] void leave(j_common_ptr jpeg, Failure failure)
{
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    reader->failure = failure;
    reader->code = jpeg->err->msg_code;
    std::longjmp(reader->jump, 1); // NOLINT: libjpeg's way of reporting
}

[[noreturn]] void onError(j_common_ptr jpeg)
{
    leave(jpeg, jpeg->err->msg_code == JERR_INPUT_EOF ? Failure::Truncated : Failure::Library);
}

void watch(j_common_ptr jpeg, ByteView bytes)
{
    if (static_cast<JpegReader*>(jpeg->client_data)->ones.take(bytes))
        return;
    jpeg->err->msg_code = JWRN_HUFF_BAD_CODE;
    leave(jpeg, Failure::Library);
}

/// libjpeg warns and guesses where data are damaged; half a grey picture is no picture.
void onMessage(j_common_ptr jpeg, int level)
{
    if (level >= 0) // only traces
        return;
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA: // stray bytes before a marker: many cameras write them
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL: // jdhuff.c: "some baseline files out there with all zeroes" there
    case JWRN_BOGUS_ICC: // profiles are not used
        return;
    case JWRN_JPEG_EOF:
        leave(jpeg, Failure::Truncated);
    default:
        leave(jpeg, Failure::Library);
    }
}

void onOutput(j_common_ptr /*jpeg*/) { }

void onProgress(j_common_ptr common)
{
    const auto* reader = static_cast<const JpegReader*>(common->client_data);
    if (reader->job.time.over())
        leave(common, Failure::Time);
}

void onSource(j_decompress_ptr /*jpeg*/) { }

/// The next 64 KB of the file; an exception must not fly through libjpeg's frames.
ByteView nextWindow(JpegReader& reader) noexcept
{
    try {
        const auto window = reader.job.source.view(reader.at);
        reader.at += window.size();
        return window;
    } catch (...) {
        reader.thrown = std::current_exception();
        return {};
    }
}

boolean onFill(j_decompress_ptr jpeg)
{
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    auto* common = reinterpret_cast<j_common_ptr>(jpeg);
    if (reader->job.time.over())
        leave(common, Failure::Time);
    const ByteView window = nextWindow(*reader);
    if (window.empty())
        leave(common, reader->thrown ? Failure::Thrown : Failure::Truncated);
    watch(common, window);
    reader->source.next_input_byte = window.data();
    reader->source.bytes_in_buffer = window.size();
    return TRUE;
}

void onSkip(j_decompress_ptr jpeg, long count)
{
    auto* reader = static_cast<JpegReader*>(jpeg->client_data);
    if (count <= 0)
        return;
    const auto bytes = static_cast<std::size_t>(count);
    jpeg_source_mgr& source = reader->source;
    if (bytes <= source.bytes_in_buffer) {
        source.next_input_byte += bytes;
        source.bytes_in_buffer -= bytes;
        return;
    }
    reader->at += bytes - source.bytes_in_buffer;
    source.bytes_in_buffer = 0;
}

bool readHeader(JpegReader& reader)
{
    jpeg_decompress_struct& jpeg = reader.jpeg;
    jpeg.err = jpeg_std_error(&reader.errors);
    reader.errors.error_exit = onError;
    reader.errors.emit_message = onMessage;
    reader.errors.output_message = onOutput;
    jpeg.client_data = &reader;
    if (setjmp(reader.jump) != 0) // NOLINT: libjpeg's way of reporting
        return false;
    jpeg_create_decompress(&jpeg);
    reader.progress.progress_monitor = onProgress;
    jpeg.progress = &reader.progress;
    reader.source.init_source = onSource;
    reader.source.fill_input_buffer = onFill;
    reader.source.skip_input_data = onSkip;
    reader.source.resync_to_restart = jpeg_resync_to_restart;
    reader.source.term_source = onSource;
    jpeg.src = &reader.source;
    // libjpeg keeps no marker: its list of kept ones takes a time that grows with its square.
    jpeg_read_header(&jpeg, TRUE);
    return true;
}

/// Adobe's CMYK is stored inverted: 255 is no ink.
void invert(std::uint8_t* inks, std::size_t count) noexcept
{
    for (std::size_t i = 0; i < count; ++i)
        inks[i] = static_cast<std::uint8_t>(255 - inks[i]);
}

/// A table against the rules, with a code word of ones alone, that libjpeg can still read.
bool usesOnes(const JHUFF_TBL* table)
{
    if (table == nullptr)
        return false;
    unsigned long used = 0; // of the 2^16 words of 16 bits
    for (unsigned length = 1; length <= 16; ++length)
        used += static_cast<unsigned long>(table->bits[length]) << (16U - length);
    return used >= 1UL << 16U;
}

/// One scan, whose bits are Huffman codes and values alone.
bool hasOneScanOfCodes(jpeg_decompress_struct& jpeg)
{
    const auto none = [](const auto& tables) {
        return std::none_of(std::begin(tables), std::end(tables), usesOnes);
    };
    return jpeg_has_multiple_scans(&jpeg) == FALSE && jpeg.arith_code == FALSE
        && none(jpeg.dc_huff_tbl_ptrs) && none(jpeg.ac_huff_tbl_ptrs);
}

bool readPicture(JpegReader& reader, RowMaker& maker, OrientedImage& image)
{
    jpeg_decompress_struct& jpeg = reader.jpeg;
    if (setjmp(reader.jump) != 0) // NOLINT: libjpeg's way of reporting
        return false;
    if (hasOneScanOfCodes(jpeg)) {
        reader.ones.begin();
        watch(reinterpret_cast<j_common_ptr>(&jpeg),
            { jpeg.src->next_input_byte, jpeg.src->bytes_in_buffer });
    }
    jpeg_start_decompress(&jpeg);
    const bool cmyk = jpeg.output_components == 4;
    const auto width = static_cast<int>(jpeg.output_width);
    while (jpeg.output_scanline < jpeg.output_height) {
        if (reader.job.time.over())
            leave(reinterpret_cast<j_common_ptr>(&jpeg), Failure::Time);
        const auto y = static_cast<int>(jpeg.output_scanline);
        JSAMPROW row = reader.row.data();
        jpeg_read_scanlines(&jpeg, &row, 1);
        if (cmyk) {
            invert(reader.row.data(), reader.row.size());
            maker.makeOfInks(reader.row.data(), width, reader.row.data());
        } else {
            maker.make(reader.row.data(), 3, width, reader.row.data());
        }
        image.putRow(y, 0, 1, width, reader.row.data());
    }
    jpeg_finish_decompress(&jpeg);
    return true;
}

/// What is wrong, in words of ours: libjpeg's are for programmers.
const char* faultOf(int code)
{
    static const std::map<int, const char*> kFaults {
        { JWRN_HIT_MARKER, "picture data that end early" },
        { JWRN_HUFF_BAD_CODE, "picture data that are damaged" },
        { JERR_BAD_DCT_COEF, "picture data that are damaged" },
        { JWRN_MUST_RESYNC, "restart markers out of order" },
        { JWRN_BOGUS_PROGRESSION, "scans in an impossible order" },
        { JERR_BAD_PROGRESSION, "scans in an impossible order" },
        { JERR_BAD_HUFF_TABLE, "a damaged table" },
        { JERR_DHT_INDEX, "a damaged table" },
        { JERR_DQT_INDEX, "a damaged table" },
        { JERR_DAC_INDEX, "a damaged table" },
        { JERR_DAC_VALUE, "a damaged table" },
        { JERR_NO_HUFF_TABLE, "a table that is missing" },
        { JERR_NO_QUANT_TABLE, "a table that is missing" },
        { JERR_BAD_LENGTH, "a marker of a wrong length" },
        { JERR_BAD_COMPONENT_ID, "a scan of a component that is not there" },
        { JERR_BAD_SAMPLING, "a subsampling that cannot be read" },
        { JERR_BAD_MCU_SIZE, "a subsampling that cannot be read" },
        { JERR_FRACT_SAMPLE_NOTIMPL, "a subsampling that cannot be read" },
        { JERR_CCIR601_NOTIMPL, "a subsampling that cannot be read" },
        { JERR_OUT_OF_MEMORY, "more than memory is allowed for" },
        { JERR_NO_BACKING_STORE, "more than memory is allowed for" },
        { JERR_TFILE_CREATE, "more than memory is allowed for" },
        { JERR_CONVERSION_NOTIMPL, "colours that cannot be read" },
    };
    const auto fault = kFaults.find(code);
    return fault != kFaults.end() ? fault->second : "data that break the format's rules";
}

[[noreturn]] void fail(const JpegReader& reader)
{
    const DecodeJob& job = reader.job;
    switch (reader.failure) {
    case Failure::Time:
        throw OutOfTime();
    case Failure::Thrown:
        std::rethrow_exception(reader.thrown);
    case Failure::Truncated:
        throw Error(ErrorKind::BadInput, "truncated JPEG", job.place, "an end-of-image marker",
            "the end of the file after " + std::to_string(job.source.size()) + " bytes");
    case Failure::Library:
    case Failure::None:
        break;
    }
    throw Error(ErrorKind::BadInput, "damaged or unsupported JPEG", job.place, "a JPEG picture",
        faultOf(reader.code));
}

/// What decoding will hold: the picture, rows of every component and, when the picture comes in
/// several scans, all coefficients.
std::uint64_t memoryNeeded(JpegReader& reader)
{
    const jpeg_decompress_struct& jpeg = reader.jpeg;
    const auto width = static_cast<std::uint64_t>(jpeg.image_width);
    std::uint64_t bytes = width * jpeg.image_height * 3U + width * 256U;
    if (jpeg_has_multiple_scans(&reader.jpeg) == TRUE) {
        for (int i = 0; i < jpeg.num_components; ++i) {
            const jpeg_component_info& component = jpeg.comp_info[i];
            bytes += static_cast<std::uint64_t>(component.width_in_blocks)
                * component.height_in_blocks * sizeof(JBLOCK);
        }
    }
    return bytes;
}

void checkClaim(JpegReader& reader)
{
    const DecodeJob& job = reader.job;
    const jpeg_decompress_struct& jpeg = reader.jpeg;
    checkDimensions(job, "JPEG", jpeg.image_width, jpeg.image_height);
    // A block of 64 samples takes a bit at least; subsampled fourfold, that is 2048 pixels a byte.
    const auto pixels = static_cast<std::uint64_t>(jpeg.image_width) * jpeg.image_height;
    if (pixels / 2048U > job.source.size())
        throw Error(ErrorKind::BadInput, "JPEG claims more pixels than it holds", job.place,
            "data for " + std::to_string(jpeg.image_width) + "x"
                + std::to_string(jpeg.image_height),
            std::to_string(job.source.size()) + " bytes");
    checkMemory(job, "JPEG", memoryNeeded(reader));
}

void chooseOutput(JpegReader& reader)
{
    jpeg_decompress_struct& jpeg = reader.jpeg;
    switch (jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_RGB:
    case JCS_YCbCr:
        jpeg.out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        jpeg.out_color_space = JCS_CMYK;
        break;
    default:
        throw Error(ErrorKind::BadInput, "unsupported JPEG colours", reader.job.place,
            "grey, RGB, YCbCr, CMYK or YCCK", std::to_string(jpeg.num_components) + " components");
    }
    const bool cmyk = jpeg.out_color_space == JCS_CMYK;
    reader.row.resize(static_cast<std::size_t>(jpeg.image_width) * (cmyk ? 4U : 3U));
}

} // namespace

Image decodeJpeg(const DecodeJob& job)
{
    JpegHeader header = walkJpegMarkers(job);
    JpegReader reader(job);
    if (!readHeader(reader))
        fail(reader);
    checkClaim(reader);
    chooseOutput(reader);
    const ColourModel model = reader.jpeg.out_color_space == JCS_CMYK ? ColourModel::Cmyk
        : reader.jpeg.jpeg_color_space == JCS_GRAYSCALE               ? ColourModel::Grey
                                                                      : ColourModel::Rgb;
    RowMaker maker(job, model, header.profile);
    header.profile = {};
    const std::uint64_t limit = std::min<std::uint64_t>(job.limits.maxMemoryBytes, 1ULL << 40U);
    reader.jpeg.mem->max_memory_to_use = static_cast<long>(limit);
    OrientedImage image(static_cast<int>(reader.jpeg.image_width),
        static_cast<int>(reader.jpeg.image_height),
        job.forPerson() ? exifOrientation(header.exif) : 1);
    if (!readPicture(reader, maker, image))
        fail(reader);
    return image.take();
}

} // namespace crossiter::detail
