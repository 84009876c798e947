#include "core/batch/Distributed.h"

#include "core/base/Error.h"

#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace crossiter {

namespace {

using Clock = std::chrono::steady_clock;
using StorePtr = c10::intrusive_ptr<c10d::TCPStore>;

constexpr const char* kPrefix = "crossiter/";
constexpr auto kBeat = std::chrono::milliseconds(250);
constexpr auto kLook = std::chrono::milliseconds(50); ///< between two looks at a barrier
constexpr const char* kDone = "done"; ///< begins the value of a finished unit's key

/// The library writes each lost connection to stderr, with a stack; ours is one line of an Error.
/// Who wants to see more sets the library's own variable.
void quietLibrary()
{
    constexpr int kFatalOnly = 3;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment
    if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr)
        FLAGS_caffe2_log_level = kFatalOnly;
}

std::chrono::milliseconds milliseconds(double seconds)
{
    return std::chrono::milliseconds(static_cast<long>(seconds * 1000.0));
}

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One connection. Thread-safe; a call that waits for a key holds the others up, so what must not
/// wait has a connection of its own.
class Client
{
public:
    Client(std::string address, const c10d::TCPStoreOptions& options)
        : m_place(address + ":" + std::to_string(options.port))
        , m_store(guarded(
              [&] { return c10::make_intrusive<c10d::TCPStore>(std::move(address), options); }))
    {
    }

    [[nodiscard]] std::int64_t add(const std::string& key, std::int64_t value)
    {
        return guarded([&] { return m_store->add(key, value); });
    }
    void set(const std::string& key, const std::string& value)
    {
        guarded([&] {
            static_cast<c10d::Store&>(*m_store).set(key, value);
            return 0;
        });
    }
    /// Waits for the key, as long as the connection's time limit says.
    [[nodiscard]] std::string wait(const std::string& key)
    {
        return guarded([&] { return m_store->get_to_str(key); });
    }
    /// Empty when there is no such key.
    [[nodiscard]] std::string find(const std::string& key)
    {
        return guarded(
            [&] { return m_store->check({ key }) ? m_store->get_to_str(key) : std::string(); });
    }
    /// True when the key had `from` (empty: was not there) and now has `to`. No two callers may
    /// use one `to`.
    [[nodiscard]] bool change(
        const std::string& key, const std::string& from, const std::string& to)
    {
        return guarded(
            [&] { return static_cast<c10d::Store&>(*m_store).compareSet(key, from, to) == to; });
    }
    [[nodiscard]] std::uint16_t port() const { return m_store->getPort(); }

private:
    template <typename Function>
    auto guarded(const Function& function) const -> decltype(function())
    {
        try {
            return function();
        } catch (const std::exception& problem) {
            const std::string text = problem.what();
            throw Error(ErrorKind::BadInput, "the processes' common store does not answer", m_place,
                "its host (process 0, or torchrun's agent) alive; go on with --resume",
                oneLine(text.substr(0, text.find('\n')), 160));
        }
    }

    std::string m_place;
    StorePtr m_store;
};

c10d::TCPStoreOptions optionsOf(const ProcessGroup& group, const GroupTimes& times, bool server)
{
    c10d::TCPStoreOptions options;
    options.port = group.port;
    options.isServer = server;
    options.waitWorkers = false; // late ones are welcome, lost ones are not waited for
    options.timeout = milliseconds(times.joinSeconds);
    return options;
}

/// Tells the others that this process lives, until it is destroyed.
class Heart
{
public:
    Heart(const ProcessGroup& group, const GroupTimes& times, std::string key)
        : m_client(group.address, optionsOf(group, times, false))
        , m_key(std::move(key))
    {
        static_cast<void>(m_client.add(m_key, 1));
        m_thread = std::jthread([this](const std::stop_token& stop) { beat(stop); });
    }

private:
    void beat(const std::stop_token& stop)
    {
        std::unique_lock lock(m_mutex);
        while (!m_wake.wait_for(lock, stop, kBeat, [] { return false; })) {
            if (stop.stop_requested())
                return;
            try {
                static_cast<void>(m_client.add(m_key, 1));
            } catch (const Error&) {
                return; // the working thread will meet the same and say so
            }
        }
    }

    Client m_client;
    std::string m_key;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread; // last: stops before what it uses goes
};

/// Which processes have shown no sign of life for the time of a lease, as far as this one looked.
class Watch
{
public:
    Watch(Client& client, std::string prefix, double leaseSeconds)
        : m_client(client)
        , m_prefix(std::move(prefix))
        , m_leaseSeconds(leaseSeconds)
    {
    }

    [[nodiscard]] bool lost(int rank)
    {
        if (left(rank))
            return true;
        const std::int64_t beats = m_client.add(m_prefix + "beat/" + std::to_string(rank), 0);
        const auto [entry, first] = m_seen.try_emplace(rank, beats, Clock::now());
        if (!first && entry->second.first != beats)
            entry->second = { beats, Clock::now() };
        return secondsSince(entry->second.second) > m_leaseSeconds;
    }
    [[nodiscard]] bool joined(int rank)
    {
        return m_client.add(m_prefix + "beat/" + std::to_string(rank), 0) > 0;
    }
    [[nodiscard]] bool left(int rank)
    {
        return !m_client.find(m_prefix + "left/" + std::to_string(rank)).empty();
    }

private:
    Client& m_client;
    std::string m_prefix;
    double m_leaseSeconds;
    std::map<int, std::pair<std::int64_t, Clock::time_point>> m_seen;
};

std::string prefixOf(int generation)
{
    return kPrefix + std::to_string(generation) + "/";
}

class StoreShare : public WorkShare
{
public:
    StoreShare(const ProcessGroup& group, const GroupTimes& times)
        : m_group(group)
        , m_times(times)
        , m_prefix(prefixOf(group.generation))
        , m_client(group.address, optionsOf(group, times, hosts()))
        , m_heart(std::make_unique<Heart>(group, times, key("beat", group.rank)))
        , m_watch(m_client, m_prefix, times.leaseSeconds)
    {
    }

    ~StoreShare() override
    {
        try {
            m_client.set(key("left", m_group.rank), "1");
            if (hosts())
                waitForOthers();
        } catch (const std::exception&) {
            // The store is gone: nobody is there to be told.
        }
    }
    StoreShare(const StoreShare&) = delete;
    StoreShare& operator=(const StoreShare&) = delete;
    StoreShare(StoreShare&&) = delete;
    StoreShare& operator=(StoreShare&&) = delete;

    bool share(const std::string& phase, std::size_t count,
        const std::function<bool(std::size_t)>& work, const std::stop_token& stop) override
    {
        const std::string at = m_prefix + phase + "/";
        while (true) {
            if (stop.stop_requested())
                return false;
            const auto unit = static_cast<std::size_t>(m_client.add(at + "next", 1) - 1);
            if (unit >= count)
                break;
            if (m_client.change(unitKey(at, unit), "", mine()) && !perform(at, unit, work))
                return false;
        }
        return waitForAll(at, count, work, stop);
    }

    std::string agree(const std::string& name, const std::function<std::string()>& decide) override
    {
        const std::string at = m_prefix + "agree/" + name;
        if (m_group.rank == 0 && m_client.find(at).empty()) {
            try {
                m_client.set(at, "+" + decide());
            } catch (const Error& error) {
                m_client.set(at, "-" + std::string(error.what()));
                throw;
            }
        }
        const std::string answer = m_client.wait(at);
        if (answer.front() == '-')
            throw Error(ErrorKind::BadInput, answer.substr(1), "process 0");
        return answer.substr(1);
    }

    [[nodiscard]] int rank() const override { return m_group.rank; }
    [[nodiscard]] int processes() const override { return m_group.processes; }
    [[nodiscard]] std::size_t doneOf(const std::string& phase) override
    {
        return static_cast<std::size_t>(m_client.add(m_prefix + phase + "/done", 0));
    }
    void announce(const std::string& now) override { m_client.set(key("now", m_group.rank), now); }

private:
    [[nodiscard]] bool hosts() const { return m_group.rank == 0 && !m_group.storeElsewhere; }
    [[nodiscard]] std::string key(const char* what, int rank) const
    {
        return m_prefix + what + "/" + std::to_string(rank);
    }
    [[nodiscard]] static std::string unitKey(const std::string& at, std::size_t unit)
    {
        return at + "unit/" + std::to_string(unit);
    }
    [[nodiscard]] std::string mine() const { return std::to_string(m_group.rank); }

    /// This process has the unit. Counts it unless another process has taken it over meanwhile.
    bool perform(
        const std::string& at, std::size_t unit, const std::function<bool(std::size_t)>& work)
    {
        if (!work(unit))
            return false;
        if (m_client.change(unitKey(at, unit), mine(), kDone + mine())) {
            static_cast<void>(m_client.add(at + "done", 1));
            static_cast<void>(m_client.add(key("units", m_group.rank), 1));
        }
        return true;
    }

    bool waitForAll(const std::string& at, std::size_t count,
        const std::function<bool(std::size_t)>& work, const std::stop_token& stop)
    {
        std::int64_t last = -1;
        Clock::time_point moved = Clock::now();
        while (true) {
            const std::int64_t done = m_client.add(at + "done", 0);
            if (done >= static_cast<std::int64_t>(count))
                return true;
            if (done != last) {
                last = done;
                moved = Clock::now();
            }
            if (stop.stop_requested())
                return false;
            // A process may be lost between two keys: what counts is what each unit's key says.
            const bool still = secondsSince(moved) > m_times.leaseSeconds;
            if (still || anyLost()) {
                const Rescue found = rescue(at, count, still, work, stop);
                if (found != Rescue::Waiting)
                    return found == Rescue::AllDone;
                if (still)
                    moved = Clock::now();
            }
            std::this_thread::sleep_for(kLook);
        }
    }

    bool anyLost()
    {
        bool news = false;
        for (int other = 0; other < m_group.processes; ++other) {
            if (other == m_group.rank || !m_watch.joined(other))
                continue;
            if (m_watch.lost(other))
                news = m_lost.insert(other).second || news;
            else
                m_lost.erase(other);
        }
        return news;
    }

    enum class Rescue
    {
        AllDone,
        Waiting,
        Stopped
    };

    /// Takes over the units of lost processes. `unclaimed`: also those that nobody has (their
    /// process was lost between counter and key).
    Rescue rescue(const std::string& at, std::size_t count, bool unclaimed,
        const std::function<bool(std::size_t)>& work, const std::stop_token& stop)
    {
        bool all = true;
        for (std::size_t unit = 0; unit < count; ++unit) {
            if (stop.stop_requested())
                return Rescue::Stopped;
            const std::string owner = m_client.find(unitKey(at, unit));
            if (owner.starts_with(kDone))
                continue;
            const bool free =
                owner.empty() ? unclaimed : owner != mine() && m_watch.lost(std::stoi(owner));
            if (!free || !m_client.change(unitKey(at, unit), owner, mine())) {
                all = false;
                continue;
            }
            if (!perform(at, unit, work))
                return Rescue::Stopped;
        }
        return all ? Rescue::AllDone : Rescue::Waiting;
    }

    /// The store lives in this process: the others still need it.
    void waitForOthers()
    {
        for (int other = 1; other < m_group.processes; ++other)
            while (m_watch.joined(other) ? !m_watch.lost(other)
                                         : secondsSince(m_started) < m_times.graceSeconds)
                std::this_thread::sleep_for(kLook);
    }

    ProcessGroup m_group;
    GroupTimes m_times;
    std::string m_prefix;
    Clock::time_point m_started = Clock::now();
    Client m_client;
    std::unique_ptr<Heart> m_heart;
    Watch m_watch;
    std::set<int> m_lost; ///< that a rescue has been made for
};

class LocalStore : public StoreHost
{
public:
    LocalStore()
        : m_client("127.0.0.1", options())
    {
    }

    [[nodiscard]] std::uint16_t port() const override { return m_client.port(); }
    void answer(const std::string& key, const std::string& text) override
    {
        m_client.set(prefixOf(0) + "agree/" + key, "+" + text);
    }
    [[nodiscard]] std::vector<WorkerState> workers(int processes) override
    {
        std::vector<WorkerState> states;
        for (int rank = 0; rank < processes; ++rank) {
            const std::string number = std::to_string(rank);
            WorkerState state { rank };
            state.joined = m_client.add(prefixOf(0) + "beat/" + number, 0) > 0;
            state.left = !m_client.find(prefixOf(0) + "left/" + number).empty();
            state.units =
                static_cast<std::size_t>(m_client.add(prefixOf(0) + "units/" + number, 0));
            state.now = m_client.find(prefixOf(0) + "now/" + number);
            states.push_back(std::move(state));
        }
        return states;
    }

private:
    static c10d::TCPStoreOptions options()
    {
        ProcessGroup group;
        group.port = 0; // a free one
        return optionsOf(group, {}, true);
    }

    Client m_client;
};

} // namespace

std::unique_ptr<WorkShare> joinGroup(const ProcessGroup& group, const GroupTimes& times)
{
    quietLibrary();
    return std::make_unique<StoreShare>(group, times);
}

std::unique_ptr<StoreHost> hostStore()
{
    quietLibrary();
    return std::make_unique<LocalStore>();
}

} // namespace crossiter
