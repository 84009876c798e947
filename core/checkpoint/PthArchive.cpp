#include "core/checkpoint/PthArchive.h"

#include "core/base/ArchiveReason.h"
#include "core/base/Error.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <locale.h> // NOLINT: newlocale is POSIX's, not <clocale>'s
#include <memory>
#include <set>

namespace crossiter::detail {

namespace {

constexpr std::uint64_t kMaxUnpacked = 4ULL << 30U;
constexpr std::uint64_t kMaxRatio = 20; // torch.save does not even pack
constexpr std::uint64_t kFreeBytes = 32U << 20U; // a ratio says nothing of small files
constexpr std::size_t kMaxMembers = 1'000'000;
constexpr const char* kWanted =
    "a file of torch.save, one top folder in the zip file; unpack any other archive first";

using ArchiveHandle = std::unique_ptr<archive, decltype(&archive_read_free)>;

/// libarchive drops names that the calling thread's locale cannot spell, and a program that never
/// called setlocale() has the C locale: this thread reads names as UTF-8 meanwhile.
class Utf8Names
{
public:
    Utf8Names()
        : m_locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr))
        , m_before(m_locale == nullptr ? nullptr : ::uselocale(m_locale))
    {
    }
    ~Utf8Names()
    {
        if (m_locale != nullptr) {
            ::uselocale(m_before);
            ::freelocale(m_locale);
        }
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;
    Utf8Names(Utf8Names&&) = delete;
    Utf8Names& operator=(Utf8Names&&) = delete;

private:
    locale_t m_locale;
    locale_t m_before;
};

[[noreturn]] void fail(const std::string& place, const std::string& text,
    const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, place, expected, found);
}

/// Only the reader that starts from the central directory: torch's own reader does so too, and two
/// readers that see different members in one file are a known trick.
ArchiveHandle open(ByteView bytes, const std::string& place)
{
    ArchiveHandle handle(archive_read_new(), archive_read_free);
    if (handle == nullptr || archive_read_support_format_zip_seekable(handle.get()) != ARCHIVE_OK)
        throw Error(ErrorKind::Internal, "cannot start libarchive", place);
    if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        fail(place, "damaged checkpoint", "a zip file", archiveReason(handle.get()));
    return handle;
}

std::string nameOf(archive_entry* entry)
{
    const char* name = archive_entry_pathname(entry);
    return name == nullptr ? "" : name;
}

/// False at the end.
bool next(archive* handle, archive_entry** entry, const std::string& place)
{
    const int result = archive_read_next_header(handle, entry);
    if (result == ARCHIVE_EOF)
        return false;
    if (result != ARCHIVE_OK)
        fail(place, "damaged checkpoint", "a zip member", archiveReason(handle));
    return true;
}

} // namespace

PthArchive::PthArchive(ByteView bytes, std::string place)
    : m_bytes(bytes)
    , m_place(std::move(place))
{
    const Utf8Names utf8Names;
    const ArchiveHandle handle = open(bytes, m_place);
    std::uint64_t total = 0;
    archive_entry* entry = nullptr;
    while (next(handle.get(), &entry, m_place)) {
        const std::string name = nameOf(entry);
        const std::size_t slash = name.find('/');
        if (slash == std::string::npos)
            fail(m_place, "not a torch checkpoint", kWanted, name);
        if (m_folder.empty())
            m_folder = name.substr(0, slash + 1);
        if (!name.starts_with(m_folder))
            fail(m_place, "not a torch checkpoint", "one top folder " + m_folder, name);
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        if (archive_entry_size_is_set(entry) == 0 || archive_entry_size(entry) < 0
            || archive_entry_is_encrypted(entry) != 0)
            fail(
                m_place, "unsupported zip member " + name, "a plain file of known size", "another");
        const auto size = static_cast<std::uint64_t>(archive_entry_size(entry));
        if (size > kMaxUnpacked || (total += size) > kMaxUnpacked
            || total > kFreeBytes + kMaxRatio * bytes.size())
            fail(m_place, "zip file unpacks to too much",
                "at most 4 GB and " + std::to_string(kMaxRatio) + " times the file",
                std::to_string(std::max(total, size)) + " bytes");
        if (!m_sizes.emplace(name.substr(slash + 1), size).second)
            fail(m_place, "damaged checkpoint", "each zip member once", name + " twice");
        if (m_sizes.size() > kMaxMembers)
            fail(m_place, "damaged checkpoint",
                "at most " + std::to_string(kMaxMembers) + " zip members", "more");
    }
}

std::map<std::string, ByteView> PthArchive::read(const std::vector<std::string>& wanted)
{
    std::set<std::string> missing;
    for (const std::string& name : wanted) {
        if (!m_sizes.contains(name))
            fail(m_place, "incomplete checkpoint", "the member " + name, "none in the zip file");
        missing.insert(m_folder + name);
    }
    std::map<std::string, ByteView> contents;
    const Utf8Names utf8Names;
    const ArchiveHandle handle = open(m_bytes, m_place);
    archive_entry* entry = nullptr;
    while (!missing.empty() && next(handle.get(), &entry, m_place)) {
        const std::string name = nameOf(entry);
        if (missing.erase(name) == 0)
            continue;
        const std::string member = name.substr(m_folder.size());
        const std::uint64_t size = m_sizes.at(member);
        ByteView inPlace;
        std::vector<std::uint8_t> copy;
        std::uint64_t done = 0;
        for (;;) {
            const void* block = nullptr;
            std::size_t blockSize = 0;
            la_int64_t offset = 0;
            const int result = archive_read_data_block(handle.get(), &block, &blockSize, &offset);
            if (result == ARCHIVE_EOF)
                break;
            if (result != ARCHIVE_OK)
                fail(m_place, "damaged zip member " + name, "whole data",
                    archiveReason(handle.get()));
            if (offset < 0 || static_cast<std::uint64_t>(offset) != done || blockSize > size - done)
                fail(
                    m_place, "damaged zip member " + name, std::to_string(size) + " bytes", "more");
            const std::span data(static_cast<const std::uint8_t*>(block), blockSize);
            const std::less_equal<> inOrder;
            if (done == 0 && blockSize == size && inOrder(m_bytes.data(), data.data())
                && inOrder(data.data() + blockSize, m_bytes.data() + m_bytes.size()))
                inPlace = data; // libarchive hands out stored members where they lie
            else
                copy.insert(copy.end(), data.begin(), data.end());
            done += blockSize;
        }
        if (done != size)
            fail(m_place, "truncated zip member " + name, std::to_string(size) + " bytes",
                std::to_string(done));
        if (inPlace.empty() && size > 0)
            inPlace = m_unpacked.emplace_back(std::move(copy));
        contents[member] = inPlace;
    }
    if (!missing.empty())
        fail(m_place, "incomplete checkpoint", "the member " + *missing.begin(), "none");
    return contents;
}

} // namespace crossiter::detail
