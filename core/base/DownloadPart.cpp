#include "core/base/DownloadPart.h"

#include "core/base/AtomicFile.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <fcntl.h>
#include <nlohmann/json.hpp>
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
        const auto file = MappedFile::open(besides(part), 1U << 16U);
        const auto json = nlohmann::json::parse(file->bytes().begin(), file->bytes().end());
        return PartIdentity { json.at("url"), json.at("etag"), json.at("linkedEtag"),
            json.at("total") };
    } catch (const std::exception&) {
        return std::nullopt; // the part is begun anew
    }
}

void PartIdentity::write(const fs::path& part) const
{
    nlohmann::ordered_json json;
    json["url"] = url;
    json["etag"] = etag;
    json["linkedEtag"] = linkedEtag;
    json["total"] = total;
    writeFileAtomically(
        besides(part), json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
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
