#include "core/image/TiffDirectory.h"

#include "core/base/ByteView.h"
#include "core/base/Contains.h"

#include <array>
#include <map>
#include <optional>

namespace crossiter::detail {

namespace {

constexpr std::uint64_t kMaxEntries = 4096;
constexpr std::uint64_t kMaxStrips = 400'000; // 16x16 tiles of the largest picture
constexpr std::uint64_t kMaxTagBytes = 1U << 20U; // of all other tags that libtiff sees

// Tags.
constexpr unsigned kSubfileType = 254;
constexpr unsigned kCompression = 259;
constexpr unsigned kPhotometric = 262;
constexpr unsigned kOrientation = 274;
constexpr unsigned kProfile = 34675;
constexpr unsigned kDngVersion = 50706;
constexpr std::array kStripTags { 273U, 279U, 324U, 325U }; // where strips and tiles lie, sizes
constexpr std::array kOtherTags { 256U, 257U, 258U, kCompression, kPhotometric, 266U, 277U, 278U,
    284U, 292U, 293U, 317U, 320U, 322U, 323U, 332U, 338U, 339U, 347U, 529U, 530U, 531U, 532U };

template <std::size_t N>
bool holds(const std::array<unsigned, N>& tags, unsigned tag)
{
    return contains(tags, tag);
}

/// Bytes of a value by its type, 0: no type that is known.
unsigned sizeOfType(unsigned type)
{
    constexpr std::array<unsigned, 19> kSizes { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8,
        8, 8 };
    return type < kSizes.size() ? kSizes.at(type) : 0;
}

std::string compressionName(std::uint64_t code)
{
    switch (code) {
    case 6:
        return "JPEG of the old kind";
    case 34712:
        return "JPEG 2000";
    case 34887:
        return "LERC";
    case 34925:
        return "LZMA";
    case 50000:
        return "Zstandard";
    case 50001:
        return "WebP";
    case 50002:
        return "JPEG XL";
    default:
        return "compression " + std::to_string(code);
    }
}

class DirectoryWalk
{
public:
    explicit DirectoryWalk(const DecodeJob& job)
        : m_job(job)
    {
    }

    TiffDirectory go()
    {
        const std::uint64_t at = readHeader();
        readEntries(at);
        checkKind();
        build();
        takeOrientation();
        takeProfile();
        return std::move(m_found);
    }

private:
    struct Entry
    {
        unsigned type = 0;
        std::uint64_t count = 0;
        std::vector<std::uint8_t> raw; ///< as it stands in the file
        std::uint64_t bytes = 0; ///< of its values; 0 when the type is not known
    };

    [[noreturn]] void failTruncated(const std::string& expected) const
    {
        failRead(m_job, "truncated TIFF", expected,
            "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
    }

    [[nodiscard]] std::uint64_t number(ByteView bytes, std::size_t at, std::size_t size) const
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8U | bytes[at + (m_bigEndian ? i : size - 1 - i)];
        return value;
    }
    void append(std::vector<std::uint8_t>& to, std::uint64_t value, std::size_t size) const
    {
        for (std::size_t i = 0; i < size; ++i)
            to.push_back(static_cast<std::uint8_t>(value >> 8U * (m_bigEndian ? size - 1 - i : i)));
    }

    std::vector<std::uint8_t> bytesAt(std::uint64_t at, std::size_t size, const char* what)
    {
        std::vector<std::uint8_t> bytes(size);
        ByteReader reader(m_job.source, m_job.time, at);
        if (reader.read(bytes) < size)
            failTruncated(what);
        return bytes;
    }

    /// Where the first directory is.
    std::uint64_t readHeader()
    {
        m_found.header = bytesAt(0, 8, "a header");
        m_bigEndian = m_found.header[0] == 'M';
        m_big = number(m_found.header, 2, 2) == 43;
        if (!m_big)
            return number(m_found.header, 4, 4);
        m_found.header = bytesAt(0, 16, "a header");
        if (number(m_found.header, 4, 2) != 8 || number(m_found.header, 6, 2) != 0)
            failRead(m_job, "bad TIFF header", "offsets of 8 bytes",
                std::to_string(number(m_found.header, 4, 2)));
        return number(m_found.header, 8, 8);
    }

    void readEntries(std::uint64_t at)
    {
        const std::size_t countBytes = m_big ? 8 : 2;
        const std::size_t entryBytes = m_big ? 20 : 12;
        const std::size_t inlineBytes = m_big ? 8 : 4;
        const auto head = bytesAt(at, countBytes, "a directory");
        const std::uint64_t count = number(head, 0, countBytes);
        if (count == 0 || count > kMaxEntries)
            failRead(m_job, "damaged TIFF", "a directory of 1 to 4096 tags", std::to_string(count));
        ByteReader reader(m_job.source, m_job.time, at + countBytes);
        for (std::uint64_t i = 0; i < count; ++i) {
            Entry entry;
            entry.raw.resize(entryBytes);
            if (reader.read(entry.raw) < entryBytes)
                failTruncated("a directory of " + std::to_string(count) + " tags");
            const auto tag = static_cast<unsigned>(number(entry.raw, 0, 2));
            entry.type = static_cast<unsigned>(number(entry.raw, 2, 2));
            entry.count = number(entry.raw, 4, inlineBytes);
            const std::uint64_t size = sizeOfType(entry.type);
            entry.bytes =
                size != 0 && entry.count <= m_job.source.size() / size + 8 ? size * entry.count : 0;
            m_entries.emplace(tag, std::move(entry)); // of one that comes twice the first counts
        }
    }

    [[nodiscard]] std::size_t inlineBytes() const { return m_big ? 8 : 4; }

    /// Where an entry's values lie, when not in the entry itself.
    [[nodiscard]] std::uint64_t placeOf(const Entry& entry) const
    {
        return number(entry.raw, 4 + inlineBytes(), inlineBytes());
    }

    /// The first value, when it is one whole number in the entry itself.
    [[nodiscard]] std::optional<std::uint64_t> valueOf(unsigned tag) const
    {
        const auto found = m_entries.find(tag);
        if (found == m_entries.end() || found->second.count == 0
            || found->second.bytes > inlineBytes())
            return std::nullopt;
        const unsigned type = found->second.type;
        const std::size_t size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
        if (size == 0)
            return std::nullopt;
        return number(found->second.raw, 4 + inlineBytes(), size);
    }

    void checkKind() const
    {
        constexpr std::array<std::uint64_t, 9> kRead { 1, 2, 3, 4, 5, 7, 8, 32773, 32946 };
        const std::uint64_t photometric = valueOf(kPhotometric).value_or(0);
        // Raw files (DNG, NEF, ARW and others) are TIFFs that begin with a small preview.
        if (m_entries.count(kDngVersion) != 0 || photometric == 32803 || photometric == 34892
            || (valueOf(kSubfileType).value_or(0) & 1U) != 0)
            failRead(m_job, "not an image that is read here", "a picture: convert it to PNG first",
                "a camera's raw picture, or a preview that comes before the picture");
        const std::uint64_t compression = valueOf(kCompression).value_or(1);
        if (!contains(kRead, compression))
            failRead(m_job, "unsupported kind of TIFF",
                "no compression, PackBits, LZW, Deflate, JPEG or fax: convert it to PNG first",
                compressionName(compression));
    }

    /// Tags in their order, at an even place behind the file's end; no further directory.
    void build()
    {
        m_found.blockAt = (m_job.source.size() + 1) / 2 * 2;
        std::vector<std::uint8_t> entries;
        std::uint64_t count = 0;
        for (const auto& [tag, entry] : m_entries) {
            const bool strips = holds(kStripTags, tag);
            if (!strips && !holds(kOtherTags, tag))
                continue;
            if (strips ? entry.count > kMaxStrips : entry.bytes > kMaxTagBytes)
                failRead(m_job, "TIFF with too many parts",
                    "at most " + std::to_string(strips ? kMaxStrips : kMaxTagBytes) + " in tag "
                        + std::to_string(tag),
                    std::to_string(entry.count));
            if (entry.bytes == 0)
                failRead(m_job, "damaged TIFF",
                    "values of a known type in tag " + std::to_string(tag),
                    "type " + std::to_string(entry.type) + ", " + std::to_string(entry.count)
                        + " values");
            if (entry.bytes > inlineBytes()
                && (placeOf(entry) > m_job.source.size()
                    || m_job.source.size() - placeOf(entry) < entry.bytes))
                failTruncated("the values of tag " + std::to_string(tag));
            entries.insert(entries.end(), entry.raw.begin(), entry.raw.end());
            ++count;
        }
        append(m_found.block, count, m_big ? 8 : 2);
        m_found.block.insert(m_found.block.end(), entries.begin(), entries.end());
        append(m_found.block, 0, inlineBytes());
        m_found.header.erase(m_found.header.end() - static_cast<std::ptrdiff_t>(inlineBytes()),
            m_found.header.end());
        append(m_found.header, m_found.blockAt, inlineBytes());
    }

    void takeOrientation()
    {
        const std::uint64_t value = valueOf(kOrientation).value_or(1);
        m_found.orientation = value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }

    void takeProfile()
    {
        const auto found = m_entries.find(kProfile);
        if (!m_job.wantsProfile() || found == m_entries.end())
            return;
        const Entry& entry = found->second;
        if (entry.bytes > kMaxProfileBytes) {
            m_found.profile.fault = "a profile of more than 4 MB";
            return;
        }
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(entry.bytes));
        ByteReader reader(m_job.source, m_job.time, placeOf(entry));
        if (bytes.size() <= inlineBytes() || reader.read(bytes) < bytes.size())
            m_found.profile.fault = "a profile that is cut";
        else
            m_found.profile.bytes = std::move(bytes);
    }

    const DecodeJob& m_job;
    TiffDirectory m_found;
    std::map<unsigned, Entry> m_entries;
    bool m_bigEndian = false;
    bool m_big = false; ///< BigTIFF
};

} // namespace

TiffDirectory walkTiffDirectory(const DecodeJob& job)
{
    return DirectoryWalk(job).go();
}

} // namespace crossiter::detail
