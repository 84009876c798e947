#pragma once

#include <cstdint>
#include <functional>
#include <span>
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
    std::uint64_t ratio = 1000; ///< unpacked over packed, beyond the first megabyte
    std::size_t members = 10'000;
};

/// Regular files of a .tar or .tar.gz that lies in memory; nothing is written to disk. Only members
/// that `wanted` says yes to are kept. Throws Error(BadInput): not a tar, damaged, a name that
/// leaves the folder (absolute, "..", empty), a link or a device, a name twice, a limit exceeded.
[[nodiscard]] std::vector<ArchiveMember> readTar(std::span<const std::uint8_t> bytes,
    const std::string& place, const std::function<bool(const std::string& name)>& wanted,
    const ArchiveLimits& limits = {});

} // namespace crossiter
