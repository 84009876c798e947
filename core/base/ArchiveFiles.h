#pragma once

#include "core/base/Progress.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace crossiter {

enum class ArchiveKind
{
    Zip,
    Tar,
    TarGz
};

/// By the ending: .zip, .tar, .tar.gz. Nothing: another ending.
[[nodiscard]] std::optional<ArchiveKind> archiveKindOf(const std::filesystem::path& path);

struct UnpackLimits
{
    std::uint64_t packedBytes = 8ULL << 30U;
    std::uint64_t unpackedBytes = 16ULL << 30U; ///< of all files together
    /// Unpacked over packed, beyond the first 64 MB; at every moment of the unpacking, too.
    std::uint64_t ratio = 100;
    std::size_t members = 200'000;
};

struct Unpacked
{
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    bool cancelled = false; ///< what was unpacked stays
};

/// Unpacks a .zip, .tar or .tar.gz into an existing, empty folder. Only folders and regular files
/// are made, each new, below the folder: no member can name a place outside of it. Of the modes
/// only "executable" is kept. Progress counts packed bytes. Throws Error(BadInput): another ending,
/// a limit exceeded (a .zip or .tar is looked through for the sizes that it announces before a file
/// is made; sizes are counted, too), not enough space, damaged or cut off, a name that leaves
/// the folder (absolute, "..", backslash, empty), a link or a device, a name twice. What was
/// unpacked by then stays.
Unpacked unpackArchive(const std::filesystem::path& archive, const std::filesystem::path& folder,
    const UnpackLimits& limits = {}, const ProgressSink& progress = {}, std::stop_token stop = {});

/// Packs the regular files of a folder (recursive, in byte order of their names) as TOP/NAME...;
/// top empty: as NAME. Times are those of 1980-01-01, owners 0, modes 0644 or 0755, so that equal
/// folders give equal archives. Written under a temporary name and renamed. False when stopped:
/// then nothing is left. Throws Error(BadInput): not readable or writable, a link or a device
/// inside.
bool packFolder(const std::filesystem::path& folder, const std::string& top,
    const std::filesystem::path& archive, ArchiveKind kind, const ProgressSink& progress = {},
    std::stop_token stop = {});

} // namespace crossiter
