#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace crossiter {

/// A regular file, open for reading. Pipes, devices and folders are refused without being read, so
/// that a wrong path can never block a caller. Closed by the destructor.
class RegularFile
{
public:
    /// Throws Error(BadInput) with the system's reason: missing, not a regular file, not readable,
    /// above maxBytes.
    explicit RegularFile(std::filesystem::path path, std::uint64_t maxBytes = UINT64_MAX);
    ~RegularFile();
    RegularFile(const RegularFile&) = delete;
    RegularFile& operator=(const RegularFile&) = delete;
    RegularFile(RegularFile&&) = delete;
    RegularFile& operator=(RegularFile&&) = delete;

    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] std::uint64_t size() const { return m_size; } ///< bytes, when it was opened
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// Bytes read from the current position, 0 at the end. Throws Error(BadInput).
    std::size_t read(std::span<std::uint8_t> buffer) const;
    /// Bytes read from `offset` on, the buffer full or up to the file's end; the current position
    /// stays. Throws Error(BadInput).
    std::size_t readAt(std::uint64_t offset, std::span<std::uint8_t> buffer) const;

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

/// The whole file. Throws Error(BadInput) as RegularFile does.
[[nodiscard]] std::vector<std::uint8_t> readFile(
    const std::filesystem::path& path, std::uint64_t maxBytes);

/// The system's words for an errno value: "Permission denied".
[[nodiscard]] std::string systemReason(int errorNumber);

} // namespace crossiter
