#include "core/batch/OutputLock.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// The folder and those above it that are not there, the deepest first.
std::vector<fs::path> missingFolders(fs::path folder)
{
    std::vector<fs::path> missing;
    std::error_code fault;
    while (folder.has_relative_path() && !fs::exists(folder, fault)) {
        missing.push_back(folder);
        folder = folder.parent_path();
    }
    return missing;
}

} // namespace

OutputLock::OutputLock(const fs::path& folder)
{
    const std::vector<fs::path> made = missingFolders(folder);
    try {
        take(folder);
    } catch (const Error&) {
        std::error_code ignored;
        for (const fs::path& empty : made)
            fs::remove(empty, ignored); // not one that holds something
        throw;
    }
}

void OutputLock::take(const fs::path& folder)
{
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot create the output folder", folder.string(),
            "a writable place", fault.message());
    const fs::path file = folder / kLockFile;
    const bool wasThere = fs::exists(fs::symlink_status(file, fault));
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
    if (!wasThere)
        fs::remove(file, fault);
    throw Error(ErrorKind::BadInput, "cannot lock the output folder", folder.string(),
        "a file system that knows flock", systemReason(reason));
}

OutputLock::~OutputLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace crossiter
