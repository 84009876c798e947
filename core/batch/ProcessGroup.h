#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace crossiter {

/// Which of several processes this one is, and where they meet.
struct ProcessGroup
{
    std::string address; ///< of the store's host
    std::uint16_t port = 0;
    int rank = 0; ///< 0..processes-1
    int processes = 1;
    int localRank = 0; ///< on this machine: chooses the GPU
    /// The store is run by another program (torchrun's agent, our own starter): every process is a
    /// client. Else process 0 hosts it.
    bool storeElsewhere = false;
    int generation = 0; ///< how often torchrun has restarted the group
    std::string startedBy; ///< "torchrun", "Slurm", "environment"
};

using Environment = std::function<const char*(const char*)>; ///< as getenv

/// From torch.distributed's MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE (torchrun sets them, a
/// person may), else from Slurm's SLURM_PROCID and SLURM_NTASKS. Nothing: one process alone.
/// Throws Error(Usage) that names the variable: one missing, no number, out of range.
[[nodiscard]] std::optional<ProcessGroup> groupFromEnvironment(const Environment& environment);

/// The first host of Slurm's list: "node[07-09,12],other" -> "node07". Throws Error(Usage).
[[nodiscard]] std::string firstHost(const std::string& list);

} // namespace crossiter
