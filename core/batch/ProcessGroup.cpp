#include "core/batch/ProcessGroup.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"

namespace crossiter {

namespace {

constexpr long kMostProcesses = 100'000;

std::string valueOf(const Environment& environment, const char* name)
{
    const char* value = environment(name);
    return value == nullptr ? std::string() : std::string(value);
}

long number(const Environment& environment, const char* name, long low, long high)
{
    const std::string text = valueOf(environment, name);
    const auto value = parseNumber<long>(text);
    if (!value || *value < low || *value > high)
        throw Error(ErrorKind::Usage, "wrong environment variable", name,
            "a whole number " + std::to_string(low) + ".." + std::to_string(high),
            text.empty() ? "nothing" : text);
    return *value;
}

bool has(const Environment& environment, const char* name)
{
    return !valueOf(environment, name).empty();
}

/// Numbers that only help: wrong ones count as not there.
long numberOr(const Environment& environment, const char* name, long otherwise)
{
    try {
        return has(environment, name) ? number(environment, name, 0, 1'000'000'000) : otherwise;
    } catch (const Error&) {
        return otherwise;
    }
}

void checkRank(const ProcessGroup& group, const char* name)
{
    if (group.rank >= group.processes)
        throw Error(ErrorKind::Usage, "wrong environment variable", name,
            "below the number of processes " + std::to_string(group.processes),
            std::to_string(group.rank));
}

ProcessGroup fromTorch(const Environment& environment)
{
    ProcessGroup group;
    for (const char* name : { "MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE" }) {
        if (!has(environment, name))
            throw Error(ErrorKind::Usage, "environment variable missing", name,
                "MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE together");
    }
    group.address = valueOf(environment, "MASTER_ADDR");
    group.port = static_cast<std::uint16_t>(number(environment, "MASTER_PORT", 1, 65535));
    group.processes = static_cast<int>(number(environment, "WORLD_SIZE", 1, kMostProcesses));
    group.rank = static_cast<int>(number(environment, "RANK", 0, kMostProcesses));
    checkRank(group, "RANK");
    group.localRank = static_cast<int>(numberOr(environment, "LOCAL_RANK", group.rank));
    const std::string agent = valueOf(environment, "TORCHELASTIC_USE_AGENT_STORE");
    group.storeElsewhere = agent == "True" || agent == "true" || agent == "1";
    group.generation = static_cast<int>(numberOr(environment, "TORCHELASTIC_RESTART_COUNT", 0));
    group.startedBy = has(environment, "TORCHELASTIC_RUN_ID") ? "torchrun" : "environment";
    return group;
}

/// A port that all processes of one step compute alike and two steps seldom share.
std::uint16_t slurmPort(const Environment& environment)
{
    if (has(environment, "MASTER_PORT"))
        return static_cast<std::uint16_t>(number(environment, "MASTER_PORT", 1, 65535));
    const long job = numberOr(environment, "SLURM_JOB_ID", 0);
    const long step = numberOr(environment, "SLURM_STEP_ID", 0);
    return static_cast<std::uint16_t>(20'000 + (job * 61 + step) % 12'000);
}

ProcessGroup fromSlurm(const Environment& environment)
{
    ProcessGroup group;
    group.rank = static_cast<int>(number(environment, "SLURM_PROCID", 0, kMostProcesses));
    const char* tasks =
        has(environment, "SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS";
    group.processes = static_cast<int>(number(environment, tasks, 1, kMostProcesses));
    checkRank(group, "SLURM_PROCID");
    // The launching node may be a login node, where no task runs: the step's own first node hosts.
    const std::string nodes = valueOf(environment, "SLURM_STEP_NODELIST");
    if (has(environment, "MASTER_ADDR"))
        group.address = valueOf(environment, "MASTER_ADDR");
    else if (!nodes.empty())
        group.address = firstHost(nodes);
    else
        group.address = valueOf(environment, "SLURM_LAUNCH_NODE_IPADDR");
    if (group.address.empty() && group.processes > 1)
        throw Error(ErrorKind::Usage, "environment variable missing", "SLURM_STEP_NODELIST",
            "Slurm's list of nodes, or MASTER_ADDR");
    group.port = slurmPort(environment);
    group.localRank = static_cast<int>(numberOr(environment, "SLURM_LOCALID", group.rank));
    group.startedBy = "Slurm";
    return group;
}

} // namespace

std::string firstHost(const std::string& list)
{
    const std::size_t end = list.find_first_of(",[");
    if (end == std::string::npos || list[end] == ',')
        return list.substr(0, end);
    const std::size_t close = list.find(']', end);
    const std::size_t stop = list.find_first_of("-,]", end + 1);
    if (close == std::string::npos || stop == end + 1)
        throw Error(ErrorKind::Usage, "wrong environment variable", "SLURM_STEP_NODELIST",
            "a list of hosts", list);
    // What follows the bracket up to the next comma belongs to the name.
    const std::size_t next = list.find_first_of(",[", close);
    return list.substr(0, end) + list.substr(end + 1, stop - end - 1)
        + list.substr(close + 1, next == std::string::npos ? next : next - close - 1);
}

std::optional<ProcessGroup> groupFromEnvironment(const Environment& environment)
{
    // MASTER_ADDR alone says nothing: clusters set it for everybody.
    if (has(environment, "RANK") || has(environment, "WORLD_SIZE"))
        return fromTorch(environment);
    // In a batch script outside of srun SLURM_PROCID is 0 too: that step is called "batch".
    constexpr const char* kBatchStep = "4294967291";
    const std::string step = valueOf(environment, "SLURM_STEP_ID");
    if (has(environment, "SLURM_PROCID")
        && (has(environment, "SLURM_NTASKS") || has(environment, "SLURM_STEP_NUM_TASKS"))
        && step != kBatchStep && step != "batch") {
        const ProcessGroup group = fromSlurm(environment);
        return group.processes > 1 ? std::optional(group) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace crossiter
