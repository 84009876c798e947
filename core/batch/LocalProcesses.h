#pragma once

#include "core/batch/Distributed.h"
#include "core/batch/TournamentRunner.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// Several processes of this program on this machine for one tournament.
struct LocalProcesses
{
    std::string program; ///< path of crossiter
    /// After "tournament DIR/plan.json --output DIR --resume", which each is started with (where
    /// they meet comes through the environment): "--store", "DIR".
    std::vector<std::string> arguments;
    int processes = 2; ///< 1..1024
};

struct LocalProcessesResult
{
    int exitCode = 0; ///< of the tournament, as if one process had run it
    bool cancelled = false;
    std::vector<std::string> lost; ///< "process 1: signal 9": the others took its work over
};

/// Called every quarter of a second, and once at the end, on the calling thread.
using WorkersSink = std::function<void(const std::vector<WorkerState>&)>;
/// What a process wrote, when it has ended; on the calling thread.
using ProcessTextSink =
    std::function<void(int rank, std::string_view output, std::string_view error)>;

/// Starts them as torchrun would: this program hosts the store, so that any of them may be lost.
/// Takes and holds the output folder's lock meanwhile. Stopped: the processes are told to end and
/// waited for. Throws Error as lockTournament does, or when no process can be started.
[[nodiscard]] LocalProcessesResult runLocalProcesses(const TournamentPlan& plan,
    const std::filesystem::path& output, const RunOptions& options, const LocalProcesses& request,
    const WorkersSink& workers = {}, const ProcessTextSink& text = {}, std::stop_token stop = {});

} // namespace crossiter
