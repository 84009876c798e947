#include "core/image/AvifBoxes.h"

#include <array>
#include <string_view>

namespace crossiter::detail {

namespace {

constexpr int kMaxBoxes = 10'000; // beside each other
constexpr std::uint64_t kMaxMetaBytes = 8U << 20U; // all of it is held, with a profile
constexpr std::uint64_t kMaxListBytes = 128U << 10U; // libavif's search takes their square
constexpr int kMaxProperties = 2048;
constexpr std::uint64_t kFullBoxBytes = 4; // version and flags

struct Box
{
    std::array<char, 4> type {};
    std::uint64_t from = 0; ///< where its content begins
    std::uint64_t end = 0;

    [[nodiscard]] std::string_view name() const { return { type.data(), type.size() }; }
};

class BoxWalk
{
public:
    explicit BoxWalk(const DecodeJob& job)
        : m_job(job)
    {
    }

    AvifBoxes go()
    {
        std::uint64_t at = 0;
        for (int i = 0; at < m_job.source.size(); ++i) {
            if (i == kMaxBoxes)
                failDamaged("more");
            const Box box = boxAt(at, m_job.source.size());
            if (box.name() == "ftyp") {
                m_found.brandsAt = std::min(box.from + 8, box.end);
                m_found.brandsEnd = box.end;
            } else if (box.name() == "meta" && !m_hasMeta) {
                m_hasMeta = true;
                takeMeta(box);
            }
            at = box.end;
        }
        if (!m_hasMeta)
            failRead(m_job, "AVIF without a still picture", "a meta box", "none");
        return m_found;
    }

private:
    [[noreturn]] void failDamaged(const std::string& found) const
    {
        failRead(m_job, "damaged AVIF", "boxes within each other, at most 10000 in one", found);
    }

    std::uint64_t number(ByteReader& reader, int size) const
    {
        std::uint64_t value = 0;
        for (int i = 0; i < size; ++i) {
            const int byte = reader.next();
            if (byte < 0)
                failRead(m_job, "truncated AVIF", "a whole box",
                    "the end of the file after " + std::to_string(m_job.source.size()) + " bytes");
            value = value << 8U | static_cast<unsigned>(byte);
        }
        return value;
    }

    Box boxAt(std::uint64_t at, std::uint64_t end) const
    {
        ByteReader reader(m_job.source, m_job.time, at);
        Box box;
        std::uint64_t size = number(reader, 4);
        for (char& c : box.type)
            c = static_cast<char>(number(reader, 1));
        if (size == 1)
            size = number(reader, 8);
        else if (size == 0) // up to the end
            size = end - at;
        box.from = reader.position();
        if (size < box.from - at)
            failDamaged("a box of " + std::to_string(size) + " bytes");
        if (size > end - at)
            failRead(m_job, "truncated AVIF",
                "a box of " + std::to_string(size) + " bytes at byte " + std::to_string(at),
                std::to_string(end - at) + " bytes left");
        box.end = at + size;
        return box;
    }

    void takeMeta(const Box& meta)
    {
        if (meta.end - meta.from > kMaxMetaBytes)
            failRead(m_job, "AVIF with too much beside the picture", "at most 8 MB",
                std::to_string(meta.end - meta.from) + " bytes");
        each(meta, kFullBoxBytes, [this](const Box& box) {
            if (box.name() == "iinf" || box.name() == "iloc" || box.name() == "iref")
                m_listBytes += box.end - box.from;
            if (box.name() == "iref")
                takeReferences(box);
            if (box.name() == "iprp")
                each(box, 0, [this](const Box& part) { takeProperties(part); });
        });
        if (m_listBytes > kMaxListBytes)
            failRead(m_job, "AVIF with too many parts", "at most 128 KB of lists",
                std::to_string(m_listBytes) + " bytes");
    }

    void takeProperties(const Box& part)
    {
        if (part.name() == "ipma")
            m_listBytes += part.end - part.from;
        else if (part.name() == "ipco")
            each(
                part, 0,
                [this](const Box& /*property*/) {
                    if (++m_properties > kMaxProperties)
                        failRead(m_job, "AVIF with too many parts",
                            "at most " + std::to_string(kMaxProperties) + " properties", "more");
                });
    }

    void takeReferences(const Box& references)
    {
        ByteReader head(m_job.source, m_job.time, references.from);
        const int idBytes = number(head, 1) == 0 ? 2 : 4;
        each(references, kFullBoxBytes, [&](const Box& box) {
            if (box.name() != "dimg")
                return;
            ByteReader reader(m_job.source, m_job.time, box.from);
            (void)number(reader, idBytes);
            m_found.parts = std::max(m_found.parts, number(reader, 2));
        });
    }

    template <typename Take>
    void each(const Box& parent, std::uint64_t skipped, const Take& take) const
    {
        std::uint64_t at = parent.from + skipped;
        for (int i = 0; at < parent.end; ++i) {
            if (i == kMaxBoxes)
                failDamaged("more");
            const Box box = boxAt(at, parent.end);
            take(box);
            at = box.end;
        }
    }

    const DecodeJob& m_job;
    AvifBoxes m_found;
    bool m_hasMeta = false;
    std::uint64_t m_listBytes = 0;
    int m_properties = 0;
};

} // namespace

AvifBoxes walkAvifBoxes(const DecodeJob& job)
{
    return BoxWalk(job).go();
}

} // namespace crossiter::detail
