#include "core/base/ByteView.h"
#include "core/base/Error.h"
#include "core/checkpoint/Crc32c.h"
#include "core/checkpoint/TfTable.h"

#include <optional>
#include <snappy.h>
#include <vector>

namespace crossiter::detail {

namespace {

using Bytes = ByteView;

constexpr std::size_t kFooterBytes = 48; // two handles padded to 40, and the magic number
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kTrailerBytes = 5; // type and checksum behind each block
constexpr std::uint64_t kMagic = 0xDB4775248B80FB57;
constexpr std::uint8_t kPlain = 0;
constexpr std::uint8_t kSnappy = 1;
constexpr std::size_t kMostBlockBytes = INT32_MAX; // LevelDB counts in 32 bits
// Snappy's densest element copies 64 bytes and takes 3.
constexpr std::uint64_t kMostSnappyRatio = 22;
constexpr std::uint64_t kSnappySlack = 64;
// Keys share prefixes, so a short entry can stand for a long key. Checkpoints' keys are shorter
// than their values; this bound keeps a made file from growing in memory.
constexpr std::size_t kMostKeyBytes = 4096;
constexpr std::uint64_t kMostKeyRatio = 16;
constexpr std::uint64_t kKeySlack = 65'536;

/// Base-128, low group first; nothing when it does not end in the bytes or has more than 64 bits.
std::optional<std::uint64_t> takeVarint(Bytes bytes, std::size_t& at)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
        const std::uint8_t byte = bytes[at++];
        const std::uint64_t group = byte & 0x7FU;
        if (group << shift >> shift != group)
            return std::nullopt;
        value |= group << shift;
        if ((byte & 0x80U) == 0)
            return value;
    }
    return std::nullopt;
}

struct Handle
{
    std::uint64_t offset = 0;
    std::uint64_t size = 0; ///< without the trailer
};

struct Entry
{
    std::uint64_t shared = 0; ///< bytes of the key before that it starts with
    Bytes key; ///< the rest of its key
    Bytes value;
};

class TableCheck
{
public:
    TableCheck(Bytes bytes, const std::string& place)
        : m_bytes(bytes)
        , m_place(place)
        , m_keyBudget(kMostKeyRatio * bytes.size() + kKeySlack)
    {
    }

    void run(bool frameOnly)
    {
        if (m_bytes.size() < kFooterBytes)
            fail("at least " + std::to_string(kFooterBytes) + " bytes",
                std::to_string(m_bytes.size()));
        if (!endsLikeTable(m_bytes))
            fail("a table's magic number at the end", "other bytes");
        const Bytes footer = m_bytes.last(kFooterBytes).first(kFooterBytes - kMagicBytes);
        std::size_t at = 0;
        const Handle meta = takeHandle(footer, at, "the footer");
        const Handle index = takeHandle(footer, at, "the footer");
        forEachEntry(contentsOf(meta), meta, [](const Entry& /*entry*/) {});
        std::uint64_t end = 0;
        // The bytes of the index are copied, if it is packed: blocks below it are unpacked too.
        const Bytes contents = contentsOf(index);
        const std::vector<std::uint8_t> copy(contents.begin(), contents.end());
        forEachEntry(copy, index, [&](const Entry& entry) {
            std::size_t position = 0;
            const Handle block = takeHandle(entry.value, position, "the index");
            if (block.offset < end)
                fail("blocks that follow each other, from byte " + std::to_string(end),
                    "one at " + std::to_string(block.offset));
            end = block.offset + block.size + kTrailerBytes;
            if (!frameOnly)
                forEachEntry(
                    contentsOf(block), block, [&](const Entry& record) { checkKey(record); });
        });
    }

private:
    [[noreturn]] void fail(const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, "damaged TensorFlow checkpoint", m_place, expected, found);
    }

    [[noreturn]] void failBlock(
        const Handle& block, const std::string& expected, const std::string& found) const
    {
        fail(expected + " in the block at byte " + std::to_string(block.offset), found);
    }

    Handle takeHandle(Bytes bytes, std::size_t& at, const char* where) const
    {
        const auto offset = takeVarint(bytes, at);
        const auto size = takeVarint(bytes, at);
        if (!offset || !size)
            fail(std::string("a block's place in ") + where, "bytes that are none");
        const std::uint64_t most = m_bytes.size() - kFooterBytes;
        if (*offset > most || *size > most - *offset || kTrailerBytes > most - *offset - *size)
            fail("blocks within the first " + std::to_string(most) + " bytes",
                "byte " + std::to_string(*offset) + ", length " + std::to_string(*size));
        return { *offset, *size };
    }

    /// The block, unpacked: valid until the next call.
    Bytes contentsOf(const Handle& block)
    {
        const auto size = static_cast<std::size_t>(block.size);
        const Bytes whole =
            m_bytes.subspan(static_cast<std::size_t>(block.offset), size + kTrailerBytes);
        const std::uint8_t type = whole[size];
        if (type != kPlain && type != kSnappy)
            failBlock(block, "no compression or snappy", "type " + std::to_string(type));
        if (littleEndian(whole, size + 1, 4) != maskedCrc32c(whole.first(size + 1)))
            failBlock(block, "the stored checksum", "another one");
        if (type == kPlain)
            return whole.first(size);
        const auto* const packed = reinterpret_cast<const char*>(whole.data());
        std::size_t length = 0;
        if (!snappy::GetUncompressedLength(packed, size, &length)
            || length > kMostSnappyRatio * block.size + kSnappySlack)
            failBlock(block, "a length that snappy can reach", std::to_string(length));
        m_unpacked.resize(length);
        if (!snappy::RawUncompress(packed, size, reinterpret_cast<char*>(m_unpacked.data())))
            failBlock(block, "snappy data", "bytes that are none");
        return m_unpacked;
    }

    /// Entries up to the restart points (numbers at the end, and their count): each restart point
    /// is an entry that shares nothing with the one before it.
    template <typename Visit>
    void forEachEntry(Bytes contents, const Handle& block, const Visit& visit)
    {
        if (contents.size() < 8 || contents.size() > kMostBlockBytes)
            failBlock(block, "8 bytes to 2 GB", std::to_string(contents.size()) + " bytes");
        const std::uint64_t restarts = littleEndian(contents, contents.size() - 4, 4);
        if (restarts == 0 || restarts > (contents.size() - 4) / 4)
            failBlock(block, "restart points that fit", std::to_string(restarts));
        const std::size_t end = contents.size() - 4 * (static_cast<std::size_t>(restarts) + 1);
        const Bytes entries = contents.first(end);
        std::size_t at = 0;
        std::uint64_t next = 0; // restart point
        std::uint64_t keyBytes = 0;
        while (at < end) {
            const bool atRestart =
                next < restarts && littleEndian(contents, restartAt(end, next), 4) == at;
            if (at == 0 && !atRestart)
                failBlock(block, "a restart point at the first entry", "elsewhere");
            next += atRestart ? 1 : 0;
            const Entry entry = takeEntry(entries, at, block);
            if (entry.shared > (atRestart ? 0 : keyBytes))
                failBlock(block, "keys that build on the one before", "another");
            keyBytes = entry.shared + entry.key.size();
            visit(entry);
        }
        if (end == 0 && restarts == 1 && littleEndian(contents, 0, 4) == 0)
            next = 1; // an empty block has one restart point, too
        if (next != restarts)
            failBlock(block, "restart points at entries", "elsewhere");
    }

    [[nodiscard]] static std::size_t restartAt(std::size_t end, std::uint64_t number)
    {
        return end + 4 * static_cast<std::size_t>(number);
    }

    Entry takeEntry(Bytes entries, std::size_t& at, const Handle& block) const
    {
        const auto shared = takeVarint(entries, at);
        const auto rest = takeVarint(entries, at);
        const auto length = takeVarint(entries, at);
        const std::uint64_t left = entries.size() - at;
        if (!shared || !rest || !length || *rest > left || *length > left - *rest)
            failBlock(block, "entries that fit", "one that does not");
        if (*shared + *rest > kMostKeyBytes || *shared > kMostKeyBytes)
            failBlock(block, "keys of at most " + std::to_string(kMostKeyBytes) + " bytes",
                "a longer one");
        Entry entry;
        entry.shared = *shared;
        entry.key = entries.subspan(at, static_cast<std::size_t>(*rest));
        at += entry.key.size();
        entry.value = entries.subspan(at, static_cast<std::size_t>(*length));
        at += entry.value.size();
        return entry;
    }

    /// Of data blocks only: over all blocks keys ascend, so that none is there twice.
    void checkKey(const Entry& record)
    {
        m_next.assign(m_last.begin(), m_last.begin() + static_cast<std::ptrdiff_t>(record.shared));
        m_next.insert(m_next.end(), record.key.begin(), record.key.end());
        if (!m_first && !(m_last < m_next))
            fail("keys that ascend", "one that does not");
        if (m_next.size() > m_keyBudget)
            fail("keys that the file justifies", "longer ones");
        m_keyBudget -= m_next.size();
        m_first = false;
        std::swap(m_last, m_next);
    }

    Bytes m_bytes;
    const std::string& m_place;
    std::vector<std::uint8_t> m_unpacked;
    std::vector<std::uint8_t> m_last;
    std::vector<std::uint8_t> m_next;
    std::uint64_t m_keyBudget;
    bool m_first = true;
};

} // namespace

bool endsLikeTable(Bytes bytes) noexcept
{
    return bytes.size() >= kMagicBytes
        && littleEndian(bytes, bytes.size() - kMagicBytes, kMagicBytes) == kMagic;
}

void checkTable(Bytes bytes, const std::string& place)
{
    TableCheck(bytes, place).run(false);
}

void checkTableFrame(Bytes bytes, const std::string& place)
{
    TableCheck(bytes, place).run(true);
}

} // namespace crossiter::detail
