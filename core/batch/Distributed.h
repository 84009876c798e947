#pragma once

#include "core/batch/ProcessGroup.h"
#include "core/batch/WorkShare.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {

struct GroupTimes
{
    double joinSeconds = 60.0; ///< to reach the store
    double leaseSeconds = 5.0; ///< without a sign of life a process is taken for lost
    /// The store's host, when all is done, waits so long (from its start) for processes that have
    /// never come.
    double graceSeconds = 10.0;
};

/// Shares work through torch.distributed's TCP store (LibTorch's c10d::TCPStore): atomic counters
/// give out the units one by one, a key a unit says who has it, a counter a process is its sign of
/// life. A unit whose process is lost is given to another. Process 0 hosts the store unless
/// group.storeElsewhere; its destructor waits for the others, so that they can finish.
/// A store that cannot be reached or has gone is Error(BadInput) that names address and port.
[[nodiscard]] std::unique_ptr<WorkShare> joinGroup(
    const ProcessGroup& group, const GroupTimes& times = {});

/// What a starter of local processes sees of one of them.
struct WorkerState
{
    int rank = 0;
    bool joined = false;
    bool left = false; ///< by itself, its work done or stopped
    std::size_t units = 0; ///< done by it
    std::string now; ///< "attack bim_both_3: 0c7ac4a8c9dfa802"
};

/// A store on a free port of this machine for processes that this program starts.
class StoreHost
{
public:
    StoreHost() = default;
    virtual ~StoreHost() = default;
    StoreHost(const StoreHost&) = delete;
    StoreHost& operator=(const StoreHost&) = delete;
    StoreHost(StoreHost&&) = delete;
    StoreHost& operator=(StoreHost&&) = delete;

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// Answers agree(key) in process 0's place, before it is asked.
    virtual void answer(const std::string& key, const std::string& text) = 0;
    [[nodiscard]] virtual std::vector<WorkerState> workers(int processes) = 0;
};

/// Throws Error(BadInput).
[[nodiscard]] std::unique_ptr<StoreHost> hostStore();

} // namespace crossiter
