#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crossiter {

/// A program to run. No shell is involved: arguments reach the program as they are.
struct ChildRequest
{
    /// The first is the program: a path if it holds a slash (a relative one counts from the working
    /// folder), else a name that is looked up in $PATH. At least one; no NUL bytes.
    std::vector<std::string> arguments;
    std::filesystem::path workingDir; ///< empty: this process's
    /// Set beside what is inherited, or instead of it.
    std::vector<std::pair<std::string, std::string>> environment;
    double timeoutSeconds = 0.0; ///< 0: none
    double graceSeconds = 2.0; ///< between SIGTERM and SIGKILL when it is stopped
    std::size_t maxOutputBytes = 64U << 10U; ///< kept of stdout and stderr, the last bytes of each
    /// Each piece of stdout or stderr as it comes, on the calling thread; may be empty.
    std::function<void(std::string_view)> onOutput;
};

struct ChildResult
{
    int exitCode = -1; ///< -1: ended by a signal
    int signal = 0; ///< 0: exited by itself
    bool timedOut = false;
    bool cancelled = false;
    std::string output; ///< stdout
    std::string error; ///< stderr
    bool outputCut = false; ///< more came than was kept
    double seconds = 0.0;

    [[nodiscard]] bool succeeded() const { return exitCode == 0 && !timedOut && !cancelled; }
    /// One line for a report: "exit code 3: LAST LINE OF STDERR", "time limit of 500 s", "signal
    /// 9".
    [[nodiscard]] std::string explain() const;
};

/// Runs a program in a process group of its own, stdin empty, and waits for it. When it ends, times
/// out or is cancelled, everything left of its group is killed: SIGTERM, then, after the grace,
/// SIGKILL; on an ordinary end at once SIGKILL. (A program that leaves its group by setsid is out
/// of reach.) None of this process's open files is inherited, and no signal is blocked in it.
/// Thread-safe. Throws Error(BadInput) when it cannot be started.
[[nodiscard]] ChildResult runChild(const ChildRequest& request, std::stop_token stop = {});

} // namespace crossiter
