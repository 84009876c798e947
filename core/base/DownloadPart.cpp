#include "core/base/DownloadPart.h"

#include "core/base/AtomicFile.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/Json.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

fs::path besides(const fs::path& part)
{
    return part.string() + ".json";
}

} // namespace

namespace detail {

std::optional<PartIdentity> PartIdentity::read(const fs::path& part)
{
    try {
        const Json json = readJsonFile(besides(part), kRecordJson);
        const auto total = json.is_object() && json.contains("total")
            ? wholeOf(json["total"], 0, INT64_MAX)
            : std::nullopt;
        if (!total)
            return std::nullopt;
        return PartIdentity { memberText(json, "url"), memberText(json, "etag"),
            memberText(json, "linkedEtag"), static_cast<std::uint64_t>(*total) };
    } catch (const Error&) {
        return std::nullopt; // the part is begun anew
    }
}

void PartIdentity::write(const fs::path& part) const
{
    Json json;
    json["url"] = url;
    json["etag"] = etag;
    json["linkedEtag"] = linkedEtag;
    json["total"] = total;
    writeFileAtomically(besides(part), jsonText(json));
}

PartFile::PartFile(fs::path path)
    : m_path(std::move(path))
    , m_descriptor(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666))
{
    if (m_descriptor < 0)
        fail(errno);
    seek();
}

PartFile::~PartFile()
{
    ::close(m_descriptor);
}

void PartFile::clear()
{
    if (::ftruncate(m_descriptor, 0) != 0)
        fail(errno);
    seek();
}

void PartFile::append(const char* bytes, std::size_t count)
{
    while (count > 0) {
        const ssize_t done = ::write(m_descriptor, bytes, count);
        if (done < 0 && errno != EINTR)
            fail(errno);
        if (done > 0) {
            bytes += done;
            count -= static_cast<std::size_t>(done);
            m_size += static_cast<std::uint64_t>(done);
        }
    }
}

void PartFile::flush() const
{
    if (::fsync(m_descriptor) != 0 && errno != EINVAL)
        fail(errno);
}

void PartFile::fail(int errorNumber) const
{
    throw Error(ErrorKind::BadInput, "cannot write file", m_path.string(),
        "a writable place with free space", systemReason(errorNumber));
}

void PartFile::seek()
{
    const off_t end = ::lseek(m_descriptor, 0, SEEK_END);
    if (end < 0)
        fail(errno);
    m_size = static_cast<std::uint64_t>(end);
}

} // namespace detail

void discardPart(const fs::path& part)
{
    std::error_code fault;
    fs::remove(part, fault);
    fs::remove(besides(part), fault);
}

} // namespace crossiter
