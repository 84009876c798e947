#include "core/base/Archive.h"

#include "core/base/ArchiveReason.h"
#include "core/base/Error.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <memory>
#include <set>

namespace crossiter {

namespace {

using Handle = std::unique_ptr<archive, decltype(&archive_read_free)>;

constexpr std::uint64_t kFreeBytes = 32U << 20U; // a ratio says nothing of small files
constexpr std::size_t kPiece = 1U << 16;

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

/// Every part of the name stays below the folder that the archive would be unpacked in.
bool staysInside(const std::string& name)
{
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string::npos
        || name.find('\0') != std::string::npos)
        return false;
    std::size_t from = 0;
    while (from <= name.size()) {
        const std::size_t to = std::min(name.find('/', from), name.size());
        if (name.compare(from, to - from, "..") == 0)
            return false;
        from = to + 1;
    }
    return true;
}

Handle open(ByteView bytes, const std::string& place)
{
    Handle handle(archive_read_new(), archive_read_free);
    if (handle == nullptr || archive_read_support_filter_gzip(handle.get()) != ARCHIVE_OK
        || archive_read_support_format_tar(handle.get()) != ARCHIVE_OK)
        throw Error(ErrorKind::Internal, "cannot start libarchive", place);
    if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        fail("damaged archive", place, "a .tar.gz file", archiveReason(handle.get()));
    return handle;
}

class TarReader
{
public:
    TarReader(ByteView bytes, std::string place, const ArchiveLimits& limits)
        : m_handle(open(bytes, place))
        , m_place(std::move(place))
        , m_limits(limits)
        , m_mostUnpacked(std::min(limits.unpackedBytes, kFreeBytes + bytes.size() * limits.ratio))
    {
    }

    std::vector<ArchiveMember> read(const std::function<bool(const std::string&)>& wanted)
    {
        std::vector<ArchiveMember> members;
        for (archive_entry* entry = next(); entry != nullptr; entry = next()) {
            if (archive_entry_filetype(entry) == AE_IFDIR
                && archive_entry_hardlink(entry) == nullptr)
                continue;
            const std::string name = checkedName(entry);
            requireRoom(entry);
            ArchiveMember member { name, {} };
            takeBytes(member, wanted(name));
            if (wanted(name))
                members.push_back(std::move(member));
        }
        return members;
    }

    void checkFirst()
    {
        archive_entry* entry = next();
        if (entry == nullptr)
            fail("damaged archive", m_place, "files inside", "none");
        requireRoom(entry);
    }

private:
    /// What a member says of its size; it is counted all the same.
    void requireRoom(archive_entry* entry) const
    {
        const la_int64_t size =
            archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
        if (size < 0 || static_cast<std::uint64_t>(size) > m_mostUnpacked - m_unpacked)
            failTooMuch();
    }

    [[noreturn]] void failTooMuch() const
    {
        fail("archive unpacks to too much", m_place,
            "at most " + std::to_string(m_mostUnpacked) + " bytes", "more");
    }

    /// Zeros pack a thousand times: they show long before the whole archive is read.
    void requireRatio() const
    {
        // Without a packing below the tar a member is handed out where it lies, and counts as
        // consumed only when it ends.
        if (archive_filter_count(m_handle.get()) < 2)
            return;
        const auto packed = archive_filter_bytes(m_handle.get(), -1);
        if (m_unpacked > kFreeBytes + static_cast<std::uint64_t>(packed) * m_limits.ratio)
            failTooMuch();
    }

    archive_entry* next()
    {
        archive_entry* entry = nullptr;
        const int code = archive_read_next_header(m_handle.get(), &entry);
        if (code == ARCHIVE_EOF)
            return nullptr;
        if (code != ARCHIVE_OK)
            fail("damaged archive", m_place, "a .tar.gz file", archiveReason(m_handle.get()));
        if (++m_count > m_limits.members)
            fail("too many files in the archive", m_place,
                "at most " + std::to_string(m_limits.members));
        return entry;
    }

    std::string checkedName(archive_entry* entry)
    {
        const char* text = archive_entry_pathname(entry);
        std::string name = text == nullptr ? "" : text;
        if (!staysInside(name))
            fail("name that leaves the archive's folder", m_place, "a relative name without ..",
                name);
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
            fail("neither file nor folder in the archive", m_place + ", " + name,
                "regular files only", "a link or a device");
        if (!m_names.insert(name).second)
            fail("file twice in the archive", m_place + ", " + name, "each once");
        return name;
    }

    void takeBytes(ArchiveMember& member, bool keep)
    {
        std::array<std::uint8_t, kPiece> piece {};
        for (;;) {
            const auto got = archive_read_data(m_handle.get(), piece.data(), piece.size());
            if (got == 0)
                return;
            if (got < 0)
                fail("damaged archive", m_place + ", " + member.name, "the file's bytes",
                    archiveReason(m_handle.get()));
            m_unpacked += static_cast<std::uint64_t>(got);
            if (m_unpacked > m_mostUnpacked)
                failTooMuch();
            requireRatio();
            if (keep)
                member.bytes.insert(member.bytes.end(), piece.begin(), piece.begin() + got);
        }
    }

    Handle m_handle;
    std::string m_place;
    ArchiveLimits m_limits;
    std::uint64_t m_mostUnpacked;
    std::uint64_t m_unpacked = 0;
    std::size_t m_count = 0;
    std::set<std::string> m_names;
};

} // namespace

std::vector<ArchiveMember> readTar(ByteView bytes, const std::string& place,
    const std::function<bool(const std::string& name)>& wanted, const ArchiveLimits& limits)
{
    return TarReader(bytes, place, limits).read(wanted);
}

void checkTarHeader(ByteView bytes, const std::string& place, const ArchiveLimits& limits)
{
    TarReader(bytes, place, limits).checkFirst();
}

} // namespace crossiter
