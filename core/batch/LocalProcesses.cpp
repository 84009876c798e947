#include "core/batch/LocalProcesses.h"

#include "core/base/AtomicFile.h"
#include "core/base/ChildProcess.h"
#include "core/base/Error.h"
#include "core/batch/TournamentFolders.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace crossiter {

namespace {

constexpr double kGraceSeconds = 20.0; ///< a forward pass that is under way may end
constexpr auto kLook = std::chrono::milliseconds(250);
constexpr int kCancelled = 130;

ChildRequest childOf(const LocalProcesses& request, const std::filesystem::path& output, int rank,
    std::uint16_t port)
{
    ChildRequest child;
    child.arguments = { request.program, "tournament", TournamentFolders(output).plan().string(),
        "--output", output.string(), "--resume" };
    child.arguments.insert(
        child.arguments.end(), request.arguments.begin(), request.arguments.end());
    const std::string number = std::to_string(rank);
    child.environment = { { "MASTER_ADDR", "127.0.0.1" }, { "MASTER_PORT", std::to_string(port) },
        { "RANK", number }, { "LOCAL_RANK", number },
        { "WORLD_SIZE", std::to_string(request.processes) },
        { "TORCHELASTIC_USE_AGENT_STORE", "True" }, { "TORCHELASTIC_RESTART_COUNT", "0" },
        { "TORCHELASTIC_RUN_ID", "" } };
    child.graceSeconds = kGraceSeconds;
    return child;
}

/// 0 and 4 come from a process that saw the end; a lost one must not hide it.
int exitCodeOf(const std::vector<ChildResult>& results)
{
    int code = -1;
    for (const ChildResult& result : results) {
        if (result.cancelled || result.exitCode == kCancelled)
            return kCancelled;
        if (result.exitCode == 0 || result.exitCode == 4)
            code = std::max(code, result.exitCode);
    }
    if (code >= 0)
        return code;
    for (const ChildResult& result : results)
        if (result.exitCode > 0)
            return result.exitCode;
    return 1;
}

} // namespace

LocalProcessesResult runLocalProcesses(const TournamentPlan& plan,
    const std::filesystem::path& output, const RunOptions& options, const LocalProcesses& request,
    const WorkersSink& workers, const ProcessTextSink& text, std::stop_token stop)
{
    if (request.processes < 1 || request.processes > 1024)
        throw Error(ErrorKind::Usage, "wrong number of processes", "--processes", "1..1024",
            std::to_string(request.processes));
    const auto lock = lockTournament(plan, output, options);
    if (!std::filesystem::exists(TournamentFolders(output).plan()))
        writeFileAtomically(TournamentFolders(output).plan(), planText(plan));
    const auto host = hostStore();
    host->answer(kLockKey, "held");

    const auto count = static_cast<std::size_t>(request.processes);
    std::vector<ChildResult> results(count);
    std::vector<std::string> faults(count);
    std::mutex mutex;
    std::condition_variable ended;
    std::vector<std::size_t> finished;
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                try {
                    results[i] =
                        runChild(childOf(request, output, static_cast<int>(i), host->port()), stop);
                } catch (const Error& error) {
                    faults[i] = error.what();
                }
                const std::lock_guard guard(mutex);
                finished.push_back(i);
                ended.notify_one();
            });
        }
        std::size_t told = 0;
        while (told < count) {
            std::vector<std::size_t> news;
            {
                std::unique_lock guard(mutex);
                ended.wait_for(guard, kLook, [&] { return finished.size() > told; });
                news.assign(finished.begin() + static_cast<std::ptrdiff_t>(told), finished.end());
                told = finished.size();
            }
            for (const std::size_t i : news)
                if (text)
                    text(static_cast<int>(i), results[i].output, results[i].error);
            if (workers)
                workers(host->workers(request.processes));
        }
    }
    if (std::ranges::all_of(faults, [](const auto& fault) { return !fault.empty(); }))
        throw Error(ErrorKind::BadInput, faults.front(), "starting processes");
    LocalProcessesResult result;
    result.exitCode = exitCodeOf(results);
    result.cancelled = result.exitCode == kCancelled;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string place = "process " + std::to_string(i) + ": ";
        if (!faults[i].empty())
            result.lost.push_back(place + faults[i]);
        else if (results[i].signal != 0 && !result.cancelled)
            result.lost.push_back(place + results[i].explain());
    }
    return result;
}

} // namespace crossiter
