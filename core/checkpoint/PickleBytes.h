#pragma once

// Private to core/checkpoint.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace crossiter::detail {

/// The bytes of a file's pickles, taken from the front. Every take throws Error(BadInput) when the
/// file ends before it.
class PickleBytes
{
public:
    /// place: the path, for errors. The bytes are not copied.
    PickleBytes(std::span<const std::uint8_t> bytes, std::string place);

    [[nodiscard]] std::size_t position() const { return m_at; } ///< bytes taken so far
    [[nodiscard]] std::size_t left() const { return m_bytes.size() - m_at; }

    std::span<const std::uint8_t> take(std::uint64_t count);
    /// Little-endian, of at most 8 bytes.
    std::uint64_t takeNumber(std::size_t bytes);
    /// Up to the line feed, which is taken too; at most `most` bytes.
    std::string_view takeLine(std::size_t most = 256);
    /// So that an error names the opcode's own place.
    void putBackOne() { --m_at; }

    /// Throws Error(BadInput) that names the path and position().
    [[noreturn]] void fail(const std::string& text, const std::string& expected = {},
        const std::string& found = {}) const;

private:
    std::span<const std::uint8_t> m_bytes;
    std::string m_place;
    std::size_t m_at = 0;
};

} // namespace crossiter::detail
