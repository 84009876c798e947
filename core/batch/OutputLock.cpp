#include "core/batch/OutputLock.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace crossiter {

OutputLock::OutputLock(const std::filesystem::path& folder)
{
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot create the output folder", folder.string(),
            "a writable place", fault.message());
    const std::filesystem::path file = folder / ".crossiter.lock";
    m_descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (m_descriptor < 0)
        throw Error(ErrorKind::BadInput, "cannot write to the output folder", folder.string(),
            "a writable place", systemReason(errno));
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0)
        return;
    const int reason = errno;
    ::close(m_descriptor);
    m_descriptor = -1;
    if (reason == EWOULDBLOCK)
        throw Error(ErrorKind::BadInput, "another process works in the output folder",
            folder.string(), "a folder of its own, or its end");
    throw Error(ErrorKind::BadInput, "cannot lock the output folder", folder.string(),
        "a file system that knows flock", systemReason(reason));
}

OutputLock::~OutputLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace crossiter
