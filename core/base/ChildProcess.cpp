#include "core/base/ChildProcess.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration): not in every unistd.h

namespace crossiter {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 20;
constexpr std::size_t kPiece = 1U << 14U;
constexpr int kPiecesAtOnce =
    64; // a program that never stops talking must not keep us from the clock

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail(const std::string& program, int reason)
{
    throw Error(ErrorKind::BadInput, "cannot start a program", program, "a program that can be run",
        systemReason(reason));
}

/// The reading end of a pipe that a child writes to.
class Pipe
{
public:
    explicit Pipe(const std::string& program)
    {
        std::array<int, 2> ends {};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            fail(program, errno);
        // Above the three standard ones, which are missing when we were started without them.
        m_read = ::fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
        m_write = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
        const int reason = errno;
        ::close(ends[0]);
        ::close(ends[1]);
        if (m_read < 0 || m_write < 0) {
            closeRead();
            closeWrite();
            fail(program, reason);
        }
        ::fcntl(m_read, F_SETFL, O_NONBLOCK);
    }
    ~Pipe()
    {
        closeRead();
        closeWrite();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    Pipe(Pipe&&) = delete;
    Pipe& operator=(Pipe&&) = delete;

    [[nodiscard]] int readEnd() const { return m_read; }
    [[nodiscard]] int writeEnd() const { return m_write; }
    void closeWrite() { closeOne(m_write); }
    void closeRead() { closeOne(m_read); }

private:
    static void closeOne(int& descriptor)
    {
        if (descriptor >= 0)
            ::close(descriptor);
        descriptor = -1;
    }

    int m_read = -1;
    int m_write = -1;
};

/// What a program says: the last bytes of it.
class Tail
{
public:
    Tail(std::size_t most, const std::function<void(std::string_view)>& sink)
        : m_most(most)
        , m_sink(sink)
    {
    }

    /// Takes what is there now. Closes the pipe at its end.
    void drain(Pipe& pipe)
    {
        std::array<char, kPiece> piece {};
        for (int i = 0; i < kPiecesAtOnce && pipe.readEnd() >= 0; ++i) {
            const ssize_t got = ::read(pipe.readEnd(), piece.data(), piece.size());
            if (got > 0) {
                take({ piece.data(), static_cast<std::size_t>(got) });
                continue;
            }
            if (got == 0 || (errno != EAGAIN && errno != EINTR))
                pipe.closeRead();
            if (got == 0 || errno != EINTR)
                return;
        }
    }

    [[nodiscard]] std::string text() const
    {
        return m_text.size() > m_most ? m_text.substr(m_text.size() - m_most) : m_text;
    }
    [[nodiscard]] bool cut() const { return m_total > m_most; }

private:
    void take(std::string_view piece)
    {
        m_total += piece.size();
        m_text += piece;
        if (m_text.size() > 2 * m_most + kPiece)
            m_text.erase(0, m_text.size() - m_most);
        if (m_sink)
            m_sink(piece);
    }

    std::size_t m_most;
    const std::function<void(std::string_view)>& m_sink;
    std::string m_text;
    std::size_t m_total = 0;
};

/// Attributes and file actions of a spawn, freed in any case.
class SpawnPlan
{
public:
    SpawnPlan()
    {
        ::posix_spawn_file_actions_init(&m_actions);
        ::posix_spawnattr_init(&m_attributes);
    }
    ~SpawnPlan()
    {
        ::posix_spawn_file_actions_destroy(&m_actions);
        ::posix_spawnattr_destroy(&m_attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    SpawnPlan(SpawnPlan&&) = delete;
    SpawnPlan& operator=(SpawnPlan&&) = delete;

    /// 0 or an errno value.
    [[nodiscard]] int prepare(const ChildRequest& request, int out, int error)
    {
        // Our own threads block SIGINT and SIGTERM and ignore SIGPIPE: a child must not.
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        ::posix_spawnattr_setsigmask(&m_attributes, &none);
        ::posix_spawnattr_setsigdefault(&m_attributes, &all);
        ::posix_spawnattr_setpgroup(&m_attributes, 0);
        ::posix_spawnattr_setflags(&m_attributes,
            static_cast<short>(
                POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
        int fault = ::posix_spawn_file_actions_addopen(&m_actions, 0, "/dev/null", O_RDONLY, 0);
        if (fault == 0)
            fault = ::posix_spawn_file_actions_adddup2(&m_actions, out, 1);
        if (fault == 0)
            fault = ::posix_spawn_file_actions_adddup2(&m_actions, error, 2);
        if (fault == 0)
            fault = ::posix_spawn_file_actions_addclosefrom_np(&m_actions, 3);
        if (fault == 0 && !request.workingDir.empty())
            fault = ::posix_spawn_file_actions_addchdir_np(&m_actions, request.workingDir.c_str());
        return fault;
    }

    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &m_actions; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &m_attributes; }

private:
    posix_spawn_file_actions_t m_actions {};
    posix_spawnattr_t m_attributes {};
};

std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environmentOf(const ChildRequest& request)
{
    std::vector<std::string> all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text = *entry;
        bool replaced = false;
        for (const auto& [name, value] : request.environment)
            replaced = replaced || text.starts_with(name + "=");
        if (!replaced)
            all.push_back(text);
    }
    for (const auto& [name, value] : request.environment)
        all.push_back(name + "=" + value);
    return all;
}

pid_t spawn(const ChildRequest& request, int out, int error)
{
    const std::string& program = request.arguments.front();
    SpawnPlan plan;
    if (const int fault = plan.prepare(request, out, error))
        fail(program, fault);
    std::vector<std::string> arguments = request.arguments;
    std::vector<std::string> environment = environmentOf(request);
    pid_t pid = -1;
    const int fault = ::posix_spawnp(&pid, program.c_str(), plan.actions(), plan.attributes(),
        pointersTo(arguments).data(), pointersTo(environment).data());
    if (fault != 0)
        fail(program, fault);
    return pid;
}

/// True when the child has ended; it stays a zombie, so that its group's number stays its own.
bool hasEnded(pid_t pid)
{
    siginfo_t info = {};
    const int code = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
    return code == 0 ? info.si_pid == pid : errno != EINTR;
}

/// Ends what is left of the group and takes the child's status.
int reap(pid_t pid)
{
    ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return status;
}

void checkArguments(const ChildRequest& request)
{
    if (request.arguments.empty() || request.arguments.front().empty())
        throw Error(ErrorKind::Internal, "no program to start", "");
    for (const std::string& argument : request.arguments)
        if (argument.find('\0') != std::string::npos)
            throw Error(ErrorKind::BadInput, "NUL byte in an argument", request.arguments.front());
}

} // namespace

std::string ChildResult::explain() const
{
    std::string text;
    if (cancelled)
        text = "cancelled";
    else if (timedOut)
        text = "stopped at its time limit, after " + fixedText(seconds, 1) + " s";
    else if (signal != 0)
        text = "ended by signal " + std::to_string(signal);
    else
        text = "exit code " + std::to_string(exitCode);
    std::string last = error;
    last.erase(last.find_last_not_of(" \t\r\n") + 1);
    last = last.substr(last.rfind('\n') == std::string::npos ? 0 : last.rfind('\n') + 1);
    return last.empty() ? text : text + ": " + oneLine(last);
}

ChildResult runChild(const ChildRequest& request, std::stop_token stop)
{
    checkArguments(request);
    const std::string& program = request.arguments.front();
    Pipe out(program);
    Pipe error(program);
    Tail outText(request.maxOutputBytes, request.onOutput);
    Tail errorText(request.maxOutputBytes, request.onOutput);
    const auto started = Clock::now();
    const pid_t pid = spawn(request, out.writeEnd(), error.writeEnd());
    out.closeWrite();
    error.closeWrite();

    ChildResult result;
    std::optional<Clock::time_point> asked; // to end, by SIGTERM
    bool killed = false;
    int status = 0;
    try {
        while (!hasEnded(pid)) {
            std::array<pollfd, 2> waiting { pollfd { out.readEnd(), POLLIN, 0 },
                pollfd { error.readEnd(), POLLIN, 0 } };
            ::poll(waiting.data(), waiting.size(), kPollMs);
            outText.drain(out);
            errorText.drain(error);
            if (!asked) {
                result.cancelled = stop.stop_requested();
                result.timedOut = !result.cancelled && request.timeoutSeconds > 0.0
                    && secondsSince(started) > request.timeoutSeconds;
                if (result.cancelled || result.timedOut) {
                    asked = Clock::now();
                    ::kill(-pid, SIGTERM);
                }
            } else if (!killed && secondsSince(*asked) > request.graceSeconds) {
                killed = true;
                ::kill(-pid, SIGKILL);
            }
        }
        // Those of the group that are left would hold the pipes open and go on.
        status = reap(pid);
        outText.drain(out);
        errorText.drain(error);
    } catch (...) { // a sink that throws
        reap(pid);
        throw;
    }
    result.seconds = secondsSince(started);
    if (WIFEXITED(status))
        result.exitCode = WEXITSTATUS(status);
    else if (WIFSIGNALED(status))
        result.signal = WTERMSIG(status);
    result.output = outText.text();
    result.error = errorText.text();
    result.outputCut = outText.cut() || errorText.cut();
    return result;
}

} // namespace crossiter
