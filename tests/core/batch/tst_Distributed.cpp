// Several processes of one tournament, driven by the variables that torchrun and Slurm set.

#include "core/base/Error.h"
#include "core/batch/Distributed.h"
#include "core/batch/ProcessGroup.h"

#include <QtTest>

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "tests/core/batch/FakeTournament.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

/// One that nobody listens at now.
int freePort()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<const struct sockaddr*>(&address), size) != 0
        || ::getsockname(listener, reinterpret_cast<struct sockaddr*>(&address), &size) != 0)
        return 0;
    ::close(listener);
    return ntohs(address.sin_port);
}

GroupTimes quickTimes()
{
    GroupTimes times;
    times.joinSeconds = 20.0;
    times.leaseSeconds = 1.0;
    times.graceSeconds = 3.0;
    return times;
}

/// A process of the group that the variables describe.
int startProcess(const Variables& variables, const TournamentPlan& plan, const fs::path& output,
    const FakeOptions& options, bool resume = false)
{
    return inChild([&] {
        for (const auto& [name, value] : variables)
            ::setenv(name.c_str(), value.c_str(), 1);
        const auto group = groupFromEnvironment([](const char* name) { return std::getenv(name); });
        if (!group)
            return 97;
        const auto share = joinGroup(*group, quickTimes());
        const auto result =
            runTournament(plan, output, { resume }, fakeEngine(options), *share, {}, {});
        return result->failures.empty() ? 0 : 4;
    });
}

Variables torchVariables(int rank, int processes, int port)
{
    return { { "MASTER_ADDR", "127.0.0.1" }, { "MASTER_PORT", std::to_string(port) },
        { "RANK", std::to_string(rank) }, { "WORLD_SIZE", std::to_string(processes) } };
}

std::size_t linesIn(const fs::path& file, const std::string& what)
{
    const std::string text = textOf(file);
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++count;
    return count;
}

} // namespace

class TestDistributed : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void twoProcessesShareTheWork_data();
    void twoProcessesShareTheWork();
    void lostProcessIsReplaced();
    void agentsStoreOutlivesProcessZero();
    void lostHostIsAnErrorAndResumeGoesOn();
    void secondGroupIsRefusedByAll();
    void nobodyAnswers();

private:
    ScratchFolder m_scratch;
    TournamentPlan m_plan;
    std::map<std::string, std::string> m_alone; ///< what one process makes
};

void TestDistributed::initTestCase()
{
    makeDataset(m_scratch.path(), 8);
    m_plan = fakePlan(m_scratch.path());
    m_plan.defenses[1].defense.batchStatistics = true;
    LocalShare alone;
    const auto result =
        runTournament(m_plan, m_scratch.path() / "alone", { false }, fakeEngine(), alone, {}, {});
    QVERIFY(result->failures.empty());
    m_alone = filesOf(m_scratch.path() / "alone");
}

void TestDistributed::twoProcessesShareTheWork_data()
{
    QTest::addColumn<bool>("slurm");
    QTest::newRow("environment") << false;
    QTest::newRow("Slurm") << true;
}

void TestDistributed::twoProcessesShareTheWork()
{
    QFETCH(bool, slurm);
    const fs::path output = m_scratch.path() / (slurm ? "slurm" : "two");
    const int port = freePort();
    FakeOptions options;
    options.attackMicroseconds = 20'000;
    std::vector<int> children;
    children.reserve(2);
    for (int rank = 0; rank < 2; ++rank) {
        Variables variables = torchVariables(rank, 2, port);
        if (slurm)
            variables = { { "SLURM_PROCID", std::to_string(rank) }, { "SLURM_NTASKS", "2" },
                { "SLURM_LAUNCH_NODE_IPADDR", "127.0.0.1" },
                { "MASTER_PORT", std::to_string(port) } };
        children.push_back(startProcess(variables, m_plan, output, options));
    }
    for (const int child : children)
        QCOMPARE(waitFor(child), 0);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());
    // Both have worked, and no image was attacked twice.
    std::size_t attacked = 0;
    for (const char* name : { "rank-0000.jsonl", "rank-0001.jsonl" }) {
        const std::size_t mine = linesIn(output / "journal" / name, "\"image\"")
            - linesIn(output / "journal" / name, "\"number\"");
        QVERIFY2(mine > 0, name);
        attacked += mine;
    }
    QCOMPARE(attacked, std::size_t(24));
}

void TestDistributed::lostProcessIsReplaced()
{
    const fs::path output = m_scratch.path() / "lost";
    const int port = freePort();
    FakeOptions options;
    options.attackMicroseconds = 50'000;
    const int host = startProcess(torchVariables(0, 2, port), m_plan, output, options);
    const int victim = startProcess(torchVariables(1, 2, port), m_plan, output, options);
    const fs::path journal = output / "journal" / "rank-0001.jsonl";
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(journal) && fs::file_size(journal) > 0, 15'000);
    ::kill(victim, SIGKILL);
    QCOMPARE(waitFor(victim), -SIGKILL);
    QCOMPARE(waitFor(host), 0);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());
}

void TestDistributed::agentsStoreOutlivesProcessZero()
{
    // As under torchrun and under our own starter: every process is a client.
    const fs::path output = m_scratch.path() / "agent";
    const auto host = hostStore();
    FakeOptions options;
    options.attackMicroseconds = 50'000;
    std::vector<int> children;
    children.reserve(2);
    for (int rank = 0; rank < 2; ++rank) {
        Variables variables = torchVariables(rank, 2, host->port());
        variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
        variables["TORCHELASTIC_RESTART_COUNT"] = "0";
        children.push_back(startProcess(variables, m_plan, output, options));
    }
    const fs::path journal = output / "journal" / "rank-0000.jsonl";
    QTRY_VERIFY_WITH_TIMEOUT(linesIn(journal, "\"image\"") > 0, 15'000);
    const std::vector<WorkerState> workers = host->workers(2);
    QVERIFY(workers[0].joined);
    QVERIFY(!workers[0].now.empty());
    ::kill(children[0], SIGKILL);
    QCOMPARE(waitFor(children[0]), -SIGKILL);
    QCOMPARE(waitFor(children[1]), 0);
    QVERIFY(host->workers(2)[1].left);
    QVERIFY(host->workers(2)[1].units > 0);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());

    // A restarted group goes on under the same store.
    for (int rank = 0; rank < 2; ++rank) {
        Variables variables = torchVariables(rank, 2, host->port());
        variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
        variables["TORCHELASTIC_RESTART_COUNT"] = "1";
        children[static_cast<std::size_t>(rank)] =
            startProcess(variables, m_plan, output, options, true);
    }
    for (const int child : children)
        QCOMPARE(waitFor(child), 0);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());
}

void TestDistributed::lostHostIsAnErrorAndResumeGoesOn()
{
    const fs::path output = m_scratch.path() / "host";
    int port = freePort();
    FakeOptions options;
    options.attackMicroseconds = 50'000;
    const int host = startProcess(torchVariables(0, 2, port), m_plan, output, options);
    const int other = startProcess(torchVariables(1, 2, port), m_plan, output, options);
    const fs::path journal = output / "journal" / "rank-0001.jsonl";
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(journal) && fs::file_size(journal) > 0, 15'000);
    ::kill(host, SIGKILL);
    QCOMPARE(waitFor(host), -SIGKILL);
    QCOMPARE(waitFor(other), 99); // an Error: the store has gone
    port = freePort();
    std::vector<int> children;
    children.reserve(2);
    for (int rank = 0; rank < 2; ++rank)
        children.push_back(
            startProcess(torchVariables(rank, 2, port), m_plan, output, options, true));
    for (const int child : children)
        QCOMPARE(waitFor(child), 0);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());
}

void TestDistributed::secondGroupIsRefusedByAll()
{
    const fs::path output = m_scratch.path() / "alone"; // done: a new tournament must not go in
    const int port = freePort();
    std::vector<int> children;
    children.reserve(2);
    for (int rank = 0; rank < 2; ++rank)
        children.push_back(startProcess(torchVariables(rank, 2, port), m_plan, output, {}));
    for (const int child : children)
        QCOMPARE(waitFor(child), 99);
    QCOMPARE(difference(m_alone, filesOf(output)), std::string());
}

void TestDistributed::nobodyAnswers()
{
    ProcessGroup group;
    group.address = "127.0.0.1";
    group.port = static_cast<std::uint16_t>(freePort());
    group.rank = 1;
    group.processes = 2;
    GroupTimes times = quickTimes();
    times.joinSeconds = 1.0;
    const int child = inChild([&] {
        try {
            static_cast<void>(joinGroup(group, times));
        } catch (const Error& error) {
            const QString text = error.what();
            return text.contains("common store does not answer, 127.0.0.1:") ? 0 : 1;
        }
        return 2;
    });
    QCOMPARE(waitFor(child), 0);
}

QTEST_GUILESS_MAIN(TestDistributed)
#include "tst_Distributed.moc"
