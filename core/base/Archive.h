#pragma once

#include "core/base/ByteView.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace crossiter {

struct ArchiveMember
{
    std::string name; ///< relative, "/" between folders, nothing that leaves the archive's folder
    std::vector<std::uint8_t> bytes;
};

struct ArchiveLimits
{
    std::uint64_t unpackedBytes = 4ULL << 30U; ///< of all members, also those not wanted
    /// Unpacked over packed, beyond the first 32 MB; at every moment of the reading, too.
    std::uint64_t ratio = 20;
    std::size_t members = 10'000;
};

/// Regular files of a .tar or .tar.gz that lies in memory; nothing is written to disk. Only members
/// that `wanted` says yes to are kept. Throws Error(BadInput): not a tar, damaged, a name that
/// leaves the folder (absolute, "..", empty), a link or a device, a name twice, a limit exceeded,
/// which is told by the size that a member announces, before a byte of it is unpacked.
[[nodiscard]] std::vector<ArchiveMember> readTar(ByteView bytes, const std::string& place,
    const std::function<bool(const std::string& name)>& wanted, const ArchiveLimits& limits = {});

/// Looks at the first member's header only. Throws as readTar().
void checkTarHeader(ByteView bytes, const std::string& place, const ArchiveLimits& limits = {});

} // namespace crossiter
