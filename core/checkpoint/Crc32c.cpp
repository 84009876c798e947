#include "core/checkpoint/Crc32c.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace crossiter {

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78; // reflected
constexpr std::uint32_t kMaskDelta = 0xA282EAD8;
constexpr std::size_t kSlices = 8;
static_assert(std::endian::native == std::endian::little);

using Tables = std::array<std::array<std::uint32_t, 256>, kSlices>;

/// table[k][b]: what byte b does to the checksum when k zero bytes follow it, so that eight bytes
/// are taken at once.
constexpr Tables makeTables()
{
    Tables tables {};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0);
        tables[0][byte] = value;
    }
    for (std::size_t slice = 1; slice < kSlices; ++slice) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[slice - 1][byte];
            tables[slice][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
        }
    }
    return tables;
}

constexpr Tables kTables = makeTables();

} // namespace

std::uint32_t crc32c(ByteView bytes) noexcept
{
    std::uint32_t crc = 0xFFFFFFFF;
    while (bytes.size() >= kSlices) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof(word));
        word ^= crc;
        crc = 0;
        for (std::size_t i = 0; i < kSlices; ++i)
            crc ^= kTables[kSlices - 1 - i][(word >> (8 * i)) & 0xFFU];
        bytes = bytes.subspan(kSlices);
    }
    for (const std::uint8_t byte : bytes)
        crc = (crc >> 8U) ^ kTables[0][(crc ^ byte) & 0xFFU];
    return ~crc;
}

std::uint32_t maskedCrc32c(ByteView bytes) noexcept
{
    return std::rotr(crc32c(bytes), 15) + kMaskDelta;
}

} // namespace crossiter
