#include "core/image/JpegEncoder.h"

#include "core/base/Error.h"

#include <array>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE
#include <cstdlib>
#include <jpeglib.h>
#include <string>

namespace crossiter {

namespace {

/// libjpeg leaves by longjmp: nothing on its way owns what needs a destructor.
struct JpegWriter
{
    jpeg_compress_struct jpeg {};
    jpeg_error_mgr errors {};
    std::jmp_buf jump {};
    std::array<char, JMSG_LENGTH_MAX> message {};
    unsigned char* bytes = nullptr; ///< malloc's, by jpeg_mem_dest
    unsigned long count = 0;

    JpegWriter() = default;
    ~JpegWriter()
    {
        jpeg_destroy_compress(&jpeg); // does nothing when nothing was created
        std::free(bytes); // NOLINT(cppcoreguidelines-no-malloc): libjpeg allocated it
    }
    JpegWriter(const JpegWriter&) = delete;
    JpegWriter& operator=(const JpegWriter&) = delete;
    JpegWriter(JpegWriter&&) = delete;
    JpegWriter& operator=(JpegWriter&&) = delete;
};

[[noreturn]] void onError(j_common_ptr jpeg)
{
    auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
    jpeg->err->format_message(jpeg, writer->message.data());
    std::longjmp(writer->jump, 1); // NOLINT: libjpeg's way of reporting
}

void onOutput(j_common_ptr /*jpeg*/) { }

bool write(JpegWriter& writer, const Image& image, int quality)
{
    jpeg_compress_struct& jpeg = writer.jpeg;
    jpeg.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = onError;
    writer.errors.output_message = onOutput;
    jpeg.client_data = &writer;
    if (setjmp(writer.jump) != 0) // NOLINT: libjpeg's way of reporting
        return false;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &writer.bytes, &writer.count);
    jpeg.image_width = static_cast<JDIMENSION>(image.width);
    jpeg.image_height = static_cast<JDIMENSION>(image.height);
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        // The interface has no const; libjpeg only reads.
        auto* row = const_cast<std::uint8_t*>( // NOLINT(cppcoreguidelines-pro-type-const-cast)
            image.rgb.data() + image.offset(0, static_cast<int>(jpeg.next_scanline)));
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    return true;
}

} // namespace

std::vector<std::uint8_t> encodeJpeg(const Image& image, int quality)
{
    if (quality < 1 || quality > 100)
        throw Error(ErrorKind::Usage, "value out of range", "JPEG quality", "1..100",
            std::to_string(quality));
    if (image.empty())
        throw Error(ErrorKind::Internal, "an empty picture has no JPEG", "encodeJpeg");
    JpegWriter writer;
    if (!write(writer, image, quality))
        throw Error(ErrorKind::Internal, "cannot encode a JPEG", "encodeJpeg",
            "a picture that libjpeg takes", writer.message.data());
    return { writer.bytes, writer.bytes + writer.count };
}

} // namespace crossiter
