#pragma once

// Private to core/image: a file's bytes, never all of them in memory.

#include "core/base/ByteView.h"
#include "core/base/RegularFile.h"
#include "core/image/TimeLimit.h"

#include <cstdint>
#include <span>
#include <vector>

namespace crossiter::detail {

/// What a decoder left without a result for. It never leaves core/image: a late picture becomes an
/// Error, a stopped one an empty Image.
struct OutOfTime
{
};

/// A picture's bytes, in memory or in a file. Of a file 64 KB are held at a time. A file that
/// shrinks meanwhile ends where it ends now.
class ByteSource
{
public:
    explicit ByteSource(ByteView bytes)
        : m_bytes(bytes)
        , m_size(bytes.size())
    {
    }
    explicit ByteSource(const RegularFile& file)
        : m_file(&file)
        , m_size(file.size())
    {
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return m_size; }

    /// The bytes from `at` on, at most 64 KB, none at the end; they stay until the next call.
    /// Throws Error(BadInput) when the file cannot be read.
    [[nodiscard]] ByteView view(std::uint64_t at);

private:
    ByteView m_bytes;
    const RegularFile* m_file = nullptr;
    std::uint64_t m_size = 0;
    std::vector<std::uint8_t> m_window;
};

/// Reads a source from front to back and looks at the time with each window.
class ByteReader
{
public:
    ByteReader(ByteSource& source, const TimeLimit& time, std::uint64_t at = 0)
        : m_source(source)
        , m_time(time)
        , m_base(at)
    {
    }

    [[nodiscard]] std::uint64_t position() const noexcept { return m_base + m_next; }
    [[nodiscard]] std::uint64_t left() const noexcept
    {
        return position() < m_source.size() ? m_source.size() - position() : 0;
    }

    /// The next byte, -1 at the end. Throws OutOfTime.
    int next()
    {
        if (m_next == m_window.size() && !refill())
            return -1;
        return m_window[m_next++];
    }
    /// What is at hand from here on, without moving; empty at the end. Throws OutOfTime.
    [[nodiscard]] ByteView ahead()
    {
        if (m_next == m_window.size() && !refill())
            return {};
        return m_window.subspan(m_next);
    }
    /// Bytes read into `to`, fewer at the end. Throws OutOfTime.
    std::size_t read(std::span<std::uint8_t> to);
    void skip(std::uint64_t count) noexcept;

private:
    bool refill();

    ByteSource& m_source;
    const TimeLimit& m_time;
    std::uint64_t m_base = 0; ///< where the window begins in the source
    ByteView m_window;
    std::size_t m_next = 0; ///< in the window
};

} // namespace crossiter::detail
