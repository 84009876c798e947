#pragma once

// Private to core/checkpoint: the zip form of torch.save, read from memory through libarchive.

#include "core/base/ByteView.h"
#include "core/checkpoint/StateDict.h"

#include <deque>
#include <map>

namespace crossiter::detail {

/// Members of a zip file that lies in memory. Stored members are spans of that memory; deflated
/// ones are unpacked into buffers that this object owns.
class PthArchive
{
public:
    /// bytes must outlive this. place: the path, for errors.
    PthArchive(ByteView bytes, std::string place);

    /// Lists the members: name without the one common top folder -> size in bytes. Throws
    /// Error(BadInput): not a zip, no common folder, a name twice, no size, a bomb (more than 4 GB
    /// or 20 times the file).
    [[nodiscard]] const std::map<std::string, std::uint64_t>& members() const { return m_sizes; }

    /// The contents of the members in `wanted`, each of exactly its listed size; checksums are
    /// checked. Throws Error(BadInput).
    [[nodiscard]] std::map<std::string, ByteView> read(const std::vector<std::string>& wanted);

private:
    ByteView m_bytes;
    std::string m_place;
    std::string m_folder; ///< "archive/"
    std::map<std::string, std::uint64_t> m_sizes;
    std::deque<std::vector<std::uint8_t>> m_unpacked;
};

} // namespace crossiter::detail
