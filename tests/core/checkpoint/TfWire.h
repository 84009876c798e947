#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Protobuf's wire format and TensorFlow's records, spelled out: the reader's own schema must not
// write what it reads.
namespace crossiter::test {

inline std::string varint(std::uint64_t value)
{
    std::string bytes;
    for (; value >= 0x80; value >>= 7U)
        bytes.push_back(static_cast<char>(value | 0x80U));
    bytes.push_back(static_cast<char>(value));
    return bytes;
}

inline std::string number(int field, std::int64_t value)
{
    return varint(static_cast<std::uint64_t>(field) << 3U)
        + varint(static_cast<std::uint64_t>(value));
}

inline std::string message(int field, const std::string& bytes)
{
    return varint((static_cast<std::uint64_t>(field) << 3U) | 2U) + varint(bytes.size()) + bytes;
}

inline std::string fixed32(int field, std::uint32_t value)
{
    std::string bytes = varint((static_cast<std::uint64_t>(field) << 3U) | 5U);
    for (int i = 0; i < 4; ++i)
        bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

/// TensorShapeProto: the sides are its field 2.
inline std::string shape(const std::vector<std::int64_t>& sides)
{
    std::string bytes;
    for (const std::int64_t side : sides)
        bytes += message(2, number(1, side));
    return bytes;
}

/// TensorFlow's numbers of types: DT_FLOAT, DT_INT64.
inline constexpr int kFloat = 1;
inline constexpr int kInt64 = 9;

/// BundleHeaderProto: the record without a name that an index begins with.
inline std::string bundleHeader(std::int64_t shards = 1, std::int64_t endianness = 0)
{
    return number(1, shards) + number(2, endianness);
}

/// BundleEntryProto: where a variable's bytes lie. crc: masked, of those bytes.
inline std::string bundleEntry(int dtype, const std::vector<std::int64_t>& sides,
    std::int64_t shardId, std::int64_t offset, std::int64_t size, std::uint32_t crc)
{
    return number(1, dtype) + message(2, shape(sides)) + number(3, shardId) + number(4, offset)
        + number(5, size) + fixed32(6, crc);
}

} // namespace crossiter::test
