#include "core/image/QuietThread.h"

#include <exception>
#include <fcntl.h>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace crossiter::detail {

namespace {

/// The calling thread gets a table of open files of its own, as long as it lives, and in that the
/// second one is the bottomless one. Where the system forbids this, output stays as it is.
void silenceThisThread() noexcept
{
    if (::unshare(CLONE_FILES) != 0)
        return;
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return;
    (void)::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
}

} // namespace

void runQuietly(const std::function<void()>& work)
{
    std::exception_ptr thrown;
    std::thread([&] {
        silenceThisThread();
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    }).join();
    if (thrown)
        std::rethrow_exception(thrown);
}

} // namespace crossiter::detail
