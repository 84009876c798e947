#include "core/base/RegularFile.h"

#include "core/base/ByteCount.h"
#include "core/base/Error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace crossiter {

namespace {

const char* kindOfFile(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

void requireRegular(const struct stat& status, const std::filesystem::path& path)
{
    if (!S_ISREG(status.st_mode))
        throw Error(ErrorKind::BadInput, "cannot read", path.string(), "a regular file",
            kindOfFile(status.st_mode));
}

} // namespace

std::string systemReason(int errorNumber)
{
    return std::generic_category().message(errorNumber);
}

RegularFile::RegularFile(std::filesystem::path path, std::uint64_t maxBytes)
    : m_path(std::move(path))
{
    // Looked at before it is opened: opening some devices has effects of its own. Looked at again
    // afterwards: the name may stand for another file by then. O_NONBLOCK: a pipe would block.
    struct stat status = {};
    if (::stat(m_path.c_str(), &status) != 0)
        throw Error(ErrorKind::BadInput, "cannot open file", m_path.string(), "a readable file",
            systemReason(errno));
    requireRegular(status, m_path);
    m_descriptor = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (m_descriptor < 0)
        throw Error(ErrorKind::BadInput, "cannot open file", m_path.string(), "a readable file",
            systemReason(errno));
    try {
        if (::fstat(m_descriptor, &status) != 0)
            throw Error(ErrorKind::BadInput, "cannot read file", m_path.string(), "a readable file",
                systemReason(errno));
        requireRegular(status, m_path);
        m_size = static_cast<std::uint64_t>(status.st_size);
        if (m_size > maxBytes) {
            const SizeTexts sizes = sizeTexts(maxBytes, m_size);
            throw Error(ErrorKind::BadInput, "file too large", m_path.string(),
                "at most " + sizes.limit, sizes.found);
        }
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
}

RegularFile::~RegularFile()
{
    ::close(m_descriptor);
}

std::size_t RegularFile::read(std::span<std::uint8_t> buffer) const
{
    for (;;) {
        const ssize_t got = ::read(m_descriptor, buffer.data(), buffer.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            throw Error(ErrorKind::BadInput, "cannot read file", m_path.string(), "readable bytes",
                systemReason(errno));
    }
}

std::size_t RegularFile::readAt(std::uint64_t offset, std::span<std::uint8_t> buffer) const
{
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t got = ::pread(m_descriptor, buffer.data() + done, buffer.size() - done,
            static_cast<off_t>(offset + done));
        if (got == 0)
            break;
        if (got > 0)
            done += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            throw Error(ErrorKind::BadInput, "cannot read file", m_path.string(), "readable bytes",
                systemReason(errno));
    }
    return done;
}

std::vector<std::uint8_t> readFile(const std::filesystem::path& path, std::uint64_t maxBytes)
{
    const RegularFile file(path, maxBytes);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(file.size()));
    std::size_t done = 0;
    while (done < bytes.size()) {
        const std::size_t got = file.read(std::span(bytes).subspan(done));
        if (got == 0)
            throw Error(ErrorKind::BadInput, "file shrank while it was read", path.string(),
                std::to_string(bytes.size()) + " bytes", std::to_string(done));
        done += got;
    }
    return bytes;
}

} // namespace crossiter
