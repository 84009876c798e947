#pragma once

#include "core/image/TiffDirectory.h"

#include <exception>
#include <optional>
#include <tiffio.h>

namespace crossiter::detail {

/// The file as libtiff sees it: header and directory of ours (TiffDirectory), the rest its own.
/// Holds 64 KB of it.
class TiffFile
{
public:
    TiffFile(const DecodeJob& job, const TiffDirectory& directory)
        : m_job(job)
        , m_directory(directory)
    {
    }

    /// libtiff hears of what is thrown as of a file that ends.
    std::size_t read(std::span<std::uint8_t> to) noexcept;
    std::uint64_t seek(std::uint64_t offset, int whence) noexcept;
    [[nodiscard]] std::uint64_t size() const noexcept
    {
        return m_directory.blockAt + m_directory.block.size();
    }

    std::exception_ptr thrown;
    bool ended = false; ///< asked for more than there is
    bool failed = false; ///< libtiff found something wrong

private:
    std::size_t readPart(std::span<std::uint8_t> to);

    const DecodeJob& m_job;
    const TiffDirectory& m_directory;
    std::optional<ByteReader> m_reader;
    std::uint64_t m_at = 0;
};

/// Opens it for reading, with handlers that print nothing and set `failed`; null when libtiff
/// cannot. The file outlives what is returned; TIFFClose ends it.
[[nodiscard]] TIFF* openTiff(const DecodeJob& job, TiffFile& file);

} // namespace crossiter::detail
