#include "core/image/JpegMarkers.h"

#include "core/base/ByteView.h"
#include "core/base/Contains.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>

namespace crossiter::detail {

namespace {

constexpr int kMaxScans = 100; // a few bytes a scan can ask for a pass over the whole picture
constexpr int kCoefficients = 64;
constexpr int kMaxComponents = 4;
constexpr std::string_view kExifSignature("Exif\0\0", 6);
constexpr std::string_view kProfileSignature("ICC_PROFILE\0", 12); // then part, number of parts

// Markers, by their second byte.
constexpr int kTem = 0x01;
constexpr int kSof0 = 0xc0;
constexpr int kSof1 = 0xc1;
constexpr int kSof2 = 0xc2;
constexpr int kDht = 0xc4;
constexpr int kSof9 = 0xc9;
constexpr int kSof10 = 0xca;
constexpr int kDac = 0xcc;
constexpr int kSof15 = 0xcf;
constexpr int kRst0 = 0xd0;
constexpr int kRst7 = 0xd7;
constexpr int kSoi = 0xd8;
constexpr int kEoi = 0xd9;
constexpr int kSos = 0xda;
constexpr int kDqt = 0xdb;
constexpr int kDri = 0xdd;
constexpr int kApp0 = 0xe0;
constexpr int kApp1 = 0xe1;
constexpr int kApp2 = 0xe2;
constexpr int kApp15 = 0xef;
constexpr int kCom = 0xfe;

class MarkerWalk
{
public:
    explicit MarkerWalk(const DecodeJob& job)
        : m_job(job)
        , m_reader(job.source, job.time)
    {
    }

    JpegHeader go()
    {
        m_reader.skip(2); // the start of image, which the caller has seen
        for (;;) {
            const int marker = nextMarker();
            if (marker == kEoi || marker < 0) {
                finish(marker == kEoi);
                return taken();
            }
            take(marker);
            if (m_header.scans > 0 && !comesInSeveralScans())
                return taken(); // the rest is one scan, which libjpeg judges itself
        }
    }

private:
    struct Component
    {
        int id = 0;
        bool seen = false; ///< in a scan
        /// Bits still missing below each coefficient of a progressive picture, -1: all of them.
        std::array<signed char, kCoefficients> missing {};
    };

    [[noreturn]] void fail(
        const std::string& text, const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, text, m_job.place, expected, found);
    }
    [[noreturn]] void failTruncated() const
    {
        fail("truncated JPEG", "an end-of-image marker",
            "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
    }

    /// The next marker as libjpeg finds it, in coded data as between segments: 0xff and a byte that
    /// is neither 0 nor 0xff. Restart markers are passed over. -1 at the end of the file.
    int nextMarker()
    {
        for (;;) {
            const ByteView ahead = m_reader.ahead();
            if (ahead.empty())
                return -1;
            const void* mark = std::memchr(ahead.data(), 0xff, ahead.size());
            m_reader.skip(mark == nullptr
                    ? ahead.size()
                    : static_cast<std::size_t>(
                        static_cast<const std::uint8_t*>(mark) - ahead.data()));
            if (mark == nullptr)
                continue;
            int byte = 0xff;
            while (byte == 0xff)
                byte = m_reader.next();
            if (byte != 0 && byte != kTem && (byte < kRst0 || byte > kRst7))
                return byte;
        }
    }

    int byte()
    {
        const int value = m_reader.next();
        if (value < 0)
            failEarlyEnd();
        return value;
    }
    int word()
    {
        const int high = byte();
        return high << 8 | byte();
    }
    [[noreturn]] void failEarlyEnd() const
    {
        if (m_header.scans > 0 && incompleteComponents() > 0)
            failScansMissing(false);
        failTruncated();
    }

    /// Bytes of a segment after its length.
    int segmentLength()
    {
        const int length = word();
        if (length < 2)
            fail("damaged JPEG", "a marker's length of 2 or more", std::to_string(length));
        return length - 2;
    }

    void take(int marker)
    {
        if (marker == kSos) {
            takeScan();
        } else if (marker == kDht || marker == kDac || marker == kDqt || marker == kDri
            || marker == kCom || marker == 0xdc || (marker >= kApp0 && marker <= kApp15)) {
            const int length = segmentLength();
            if (marker == kApp1 && m_header.exif.empty() && m_header.scans == 0)
                takeExif(length);
            else if (marker == kApp2 && m_job.wantsProfile() && m_header.scans == 0)
                takeProfilePart(length);
            else
                m_reader.skip(static_cast<std::uint64_t>(length));
        } else if (marker >= kSof0 && marker <= kSof15) {
            takeFrame(marker);
        } else {
            fail("damaged JPEG",
                marker == kSoi ? "one start-of-image marker" : "markers that JPEG defines",
                marker == kSoi ? "another" : "marker " + std::to_string(marker));
        }
    }

    void takeExif(int length)
    {
        std::vector<std::uint8_t> data(static_cast<std::size_t>(length));
        data.resize(m_reader.read(data));
        const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
        if (text.size() > kExifSignature.size() && text.starts_with(kExifSignature))
            m_header.exif.assign(
                data.begin() + static_cast<std::ptrdiff_t>(kExifSignature.size()), data.end());
    }

    void takeProfilePart(int length)
    {
        const std::size_t head = kProfileSignature.size() + 2;
        std::vector<std::uint8_t> data(static_cast<std::size_t>(length));
        data.resize(m_reader.read(data));
        const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
        if (!text.starts_with(kProfileSignature) || data.size() < head)
            return;
        m_profileParts = data[head - 1];
        m_profileBytes += data.size() - head;
        if (m_profileBytes > kMaxProfileBytes) {
            m_profile.clear(); // and what follows is not kept either
            return;
        }
        const std::size_t part = data[head - 2];
        data.erase(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(head));
        m_profile.emplace(part, std::move(data));
    }

    JpegHeader taken()
    {
        ProfileBytes& profile = m_header.profile;
        if (m_profileBytes > kMaxProfileBytes)
            profile.fault = "a profile of more than 4 MB";
        else if (m_profile.size() != m_profileParts || m_profile.count(0) != 0
            || (m_profileParts > 0 && m_profile.rbegin()->first != m_profileParts))
            profile.fault = "a profile of which parts are missing";
        else
            for (const auto& [part, bytes] : m_profile)
                profile.bytes.insert(profile.bytes.end(), bytes.begin(), bytes.end());
        return std::move(m_header);
    }

    void takeFrame(int marker)
    {
        if (marker != kSof0 && marker != kSof1 && marker != kSof2 && marker != kSof9
            && marker != kSof10)
            fail("unsupported kind of JPEG", "baseline, sequential or progressive",
                marker == 0xc3 || marker == 0xcb ? "lossless" : "hierarchical or differential");
        if (m_header.components > 0)
            fail("damaged JPEG", "one frame header", "two");
        const int length = segmentLength();
        const int precision = byte();
        if (precision != 8)
            fail("unsupported kind of JPEG", "samples of 8 bits",
                "samples of " + std::to_string(precision) + " bits");
        m_header.height = word();
        m_header.width = word();
        m_header.components = byte();
        m_header.progressive = marker == kSof2 || marker == kSof10;
        checkDimensions(m_job, "JPEG", static_cast<std::uint64_t>(m_header.width),
            static_cast<std::uint64_t>(m_header.height));
        if (m_header.components < 1 || m_header.components > kMaxComponents)
            fail("unsupported JPEG colours", "1, 3 or 4 components",
                std::to_string(m_header.components) + " components");
        if (length != 6 + 3 * m_header.components)
            fail("damaged JPEG", "a frame header of its components", std::to_string(length));
        for (int i = 0; i < m_header.components; ++i) {
            Component& component = m_components[static_cast<std::size_t>(i)];
            component.id = byte();
            component.missing.fill(-1);
            m_reader.skip(2);
        }
    }

    void takeScan()
    {
        if (m_header.components == 0)
            fail("damaged JPEG", "a frame header before the first scan", "none");
        if (++m_header.scans > kMaxScans)
            fail("JPEG with too many scans", "at most " + std::to_string(kMaxScans), "more");
        const int length = segmentLength();
        const int count = byte();
        if (count < 1 || count > kMaxComponents || length != 4 + 2 * count)
            fail("damaged JPEG", "a scan header of 1 to 4 components", std::to_string(count));
        std::array<Component*, kMaxComponents> in {};
        for (int i = 0; i < count; ++i) {
            in.at(static_cast<std::size_t>(i)) = componentOf(byte(), in);
            m_reader.skip(1);
        }
        const int first = byte();
        const int last = byte();
        const int low = byte() & 0x0f;
        if (m_header.scans == 1)
            m_inFirstScan = count;
        for (Component* component : in) {
            if (component == nullptr)
                continue; // libjpeg refuses what names a component that is not there
            component->seen = true;
            for (int k = first; k <= std::min(last, kCoefficients - 1); ++k)
                component->missing.at(static_cast<std::size_t>(k)) = static_cast<signed char>(low);
        }
    }

    Component* componentOf(int id, const std::array<Component*, kMaxComponents>& taken)
    {
        for (int i = 0; i < m_header.components; ++i) {
            Component& component = m_components[static_cast<std::size_t>(i)];
            if (component.id == id && !contains(taken, &component))
                return &component;
        }
        return nullptr;
    }

    [[nodiscard]] bool comesInSeveralScans() const
    {
        return m_header.progressive || m_inFirstScan < m_header.components;
    }

    /// How many components lack something. Of sequential scans Ss, Se, Ah and Al say nothing: there
    /// are baseline files with zeros in them.
    [[nodiscard]] int incompleteComponents() const
    {
        const auto* const end = m_components.begin() + m_header.components;
        return static_cast<int>(
            std::count_if(m_components.begin(), end, [this](const Component& component) {
                const auto whole = [](signed char missing) { return missing == 0; };
                return !component.seen
                    || (m_header.progressive && !std::ranges::all_of(component.missing, whole));
            }));
    }

    [[noreturn]] void failScansMissing(bool ended) const
    {
        const std::string where = ended ? "the end-of-image marker" : "the file's end";
        fail(ended ? "damaged JPEG, scans are missing" : "truncated JPEG, scans are missing",
            "scans with the whole picture before " + where,
            std::to_string(m_header.scans) + (m_header.scans == 1 ? " scan, " : " scans, ")
                + std::to_string(incompleteComponents()) + " of "
                + std::to_string(m_header.components) + " components not whole");
    }

    void finish(bool ended) const
    {
        if (m_header.scans == 0 && !ended)
            failTruncated();
        if (m_header.scans == 0)
            fail("damaged JPEG", "a picture before the end-of-image marker", "none");
        if (incompleteComponents() > 0)
            failScansMissing(ended);
        if (!ended)
            failTruncated();
    }

    const DecodeJob& m_job;
    ByteReader m_reader;
    JpegHeader m_header;
    std::array<Component, kMaxComponents> m_components {};
    int m_inFirstScan = 0; ///< components of the first scan
    std::map<std::size_t, std::vector<std::uint8_t>> m_profile; ///< by part, from 1
    std::size_t m_profileParts = 0; ///< that there should be
    std::size_t m_profileBytes = 0; ///< of all of them
};

} // namespace

JpegHeader walkJpegMarkers(const DecodeJob& job)
{
    return MarkerWalk(job).go();
}

} // namespace crossiter::detail
