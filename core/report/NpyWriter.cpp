#include "core/report/NpyWriter.h"

#include "core/base/Error.h"
#include "core/image/Image.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>

namespace crossiter {

// The values are copied as they lie in memory.
static_assert(std::endian::native == std::endian::little, "encodeNpy writes little-endian");

std::vector<std::uint8_t> encodeNpy(const FloatImage& image)
{
    constexpr std::size_t kValues = std::size_t { 3 } * kImageSide * kImageSide;
    constexpr std::size_t kPreamble = 10; // magic, version, length of the header
    constexpr std::size_t kAlignment = 64;
    const bool wide = !image.f64.empty();
    if (wide != image.f32.empty() || (wide ? image.f64.size() : image.f32.size()) != kValues)
        throw Error(ErrorKind::Internal, "float image of a wrong size", "encodeNpy",
            std::to_string(kValues) + " values",
            std::to_string(image.f32.size()) + " and " + std::to_string(image.f64.size()));

    const std::string side = std::to_string(kImageSide);
    std::string header = std::string("{'descr': '") + (wide ? "<f8" : "<f4")
        + "', 'fortran_order': False, 'shape': (3, " + side + ", " + side + "), }";
    while ((kPreamble + header.size() + 1) % kAlignment != 0)
        header += ' ';
    header += '\n';

    const std::string preamble { '\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0,
        static_cast<char>(header.size() & 0xFFU), static_cast<char>(header.size() >> 8U) };
    const std::string text = preamble + header;
    const std::size_t bytes = kValues * (wide ? sizeof(double) : sizeof(float));
    std::vector<std::uint8_t> file(text.size() + bytes);
    std::memcpy(file.data(), text.data(), text.size());
    std::memcpy(file.data() + text.size(),
        wide ? static_cast<const void*>(image.f64.data())
             : static_cast<const void*>(image.f32.data()),
        bytes);
    return file;
}

} // namespace crossiter
