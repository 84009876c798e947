#include "core/base/AtomicFile.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

namespace crossiter {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int errorNumber)
{
    throw Error(ErrorKind::BadInput, "cannot write file", path.string(), "a writable place",
        systemReason(errorNumber));
}

/// A new file of our own. Not mkstemp: its mode is 0600 and the process' umask cannot be read
/// without changing it for other threads; open() applies the umask by itself.
class TemporaryFile
{
public:
    explicit TemporaryFile(const std::filesystem::path& target)
    {
        std::random_device random;
        for (int attempt = 0; attempt < 16; ++attempt) {
            m_path = target.parent_path()
                / (".crossiter-" + hexText(random(), 8) + hexText(random(), 8) + ".tmp");
            m_descriptor = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (m_descriptor >= 0)
                return;
            if (errno != EEXIST)
                break;
        }
        fail(target, errno);
    }

    ~TemporaryFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
        if (!m_path.empty())
            ::unlink(m_path.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    TemporaryFile(TemporaryFile&&) = delete;
    TemporaryFile& operator=(TemporaryFile&&) = delete;

    /// Each returns 0 or an errno value.
    [[nodiscard]] int write(ByteView bytes) const
    {
        while (!bytes.empty()) {
            const ssize_t done = ::write(m_descriptor, bytes.data(), bytes.size());
            if (done < 0 && errno != EINTR)
                return errno;
            if (done > 0)
                bytes = bytes.subspan(static_cast<std::size_t>(done));
        }
        return 0;
    }

    [[nodiscard]] int flushAndClose()
    {
        const int flushed = ::fsync(m_descriptor) == 0 ? 0 : errno;
        const int closed = ::close(m_descriptor) == 0 ? 0 : errno;
        m_descriptor = -1;
        // Some file systems cannot fsync and say EINVAL; close() still reports what is lost.
        return flushed != 0 && flushed != EINVAL ? flushed : closed;
    }

    [[nodiscard]] int renameTo(const std::filesystem::path& target)
    {
        if (::rename(m_path.c_str(), target.c_str()) != 0)
            return errno;
        m_path.clear();
        return 0;
    }

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
};

/// Makes the rename itself survive a power cut. Failing here loses nothing that is visible now.
void flushFolder(const std::filesystem::path& folder)
{
    const char* name = folder.empty() ? "." : folder.c_str();
    const int descriptor = ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
}

} // namespace

void writeFileAtomically(const std::filesystem::path& path, ByteView bytes)
{
    // rename() would put a plain file in the place of /dev/null or of a pipe.
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        throw Error(ErrorKind::BadInput, "cannot write file", path.string(), "a regular file",
            S_ISDIR(status.st_mode) ? "a folder" : "a pipe or device");
    if (!path.has_filename())
        fail(path, EISDIR);

    TemporaryFile file(path);
    if (const int error = file.write(bytes))
        fail(path, error);
    if (const int error = file.flushAndClose())
        fail(path, error);
    if (const int error = file.renameTo(path))
        fail(path, error);
    flushFolder(path.parent_path());
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text)
{
    writeFileAtomically(
        path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

} // namespace crossiter
