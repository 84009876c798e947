#pragma once

#include "core/base/ByteView.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace crossiter {

/// A regular file, mapped read-only. Not copied, not movable; share it.
class MappedFile
{
public:
    /// Throws Error(BadInput): missing, not a regular file, not readable, above maxBytes.
    [[nodiscard]] static std::shared_ptr<const MappedFile> open(
        const std::filesystem::path& path, std::uint64_t maxBytes = UINT64_MAX);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    MappedFile(MappedFile&&) = delete;
    MappedFile& operator=(MappedFile&&) = delete;

    [[nodiscard]] ByteView bytes() const { return { m_data, m_size }; }

private:
    MappedFile() = default;
    const std::uint8_t* m_data = nullptr;
    std::size_t m_size = 0;
};

} // namespace crossiter
