// Runs that are gone on with, and what goes wrong in them.

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/image/Codec.h"

#include <QtTest>

#include <algorithm>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/core/batch/FakeTournament.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

constexpr int kImages = 6;

QString message(const std::function<void()>& work)
{
    return QString::fromStdString(errorOf(work));
}

} // namespace

class TestTournamentFaults : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { makeDataset(m_scratch.path(), kImages); }

    void nothingIsDoneTwice();
    void damagedFilesAreMadeAgain();
    void stoppedThenResumed();
    void failuresAreLinesAndTheRestIsDone();
    void vanishingImageIsReported();
    void anotherPlanIsRefused();
    void secondProcessIsRefused();
    void unwritableFolderIsRefused();

private:
    ScratchFolder m_scratch;
};

void TestTournamentFaults::nothingIsDoneTwice()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "once";
    FakeOptions options;
    options.callLog = m_scratch.path() / "once.log";
    run(plan, output, options);
    const auto files = filesOf(output);
    QCOMPARE(fs::file_size(options.callLog), std::uintmax_t(3 * kImages));
    const auto again = run(plan, output, options, true);
    QCOMPARE(fs::file_size(options.callLog), std::uintmax_t(3 * kImages));
    QVERIFY(again->wroteReport);
    QCOMPARE(difference(files, filesOf(output)), std::string());
}

void TestTournamentFaults::damagedFilesAreMadeAgain()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "damaged";
    FakeOptions options;
    options.callLog = m_scratch.path() / "damaged.log";
    run(plan, output, options);
    const auto files = filesOf(output);
    std::ofstream(output / "attacks_output/strong/image_0002.png", std::ios::app) << "x";
    fs::remove(output / "all_adv_examples/00000004.png");
    std::ofstream(output / "all_adv_examples/00000099.png") << "stale";
    std::ofstream(output / "defenses_output/defense first/result.csv") << "nonsense";
    std::ofstream(output / "journal/rank-0000.jsonl", std::ios::app) << R"({"run":1,"atta)";
    run(plan, output, options, true);
    QCOMPARE(difference(files, filesOf(output)), std::string());
    QCOMPARE(fs::file_size(options.callLog), std::uintmax_t(3 * kImages + 1));
}

void TestTournamentFaults::stoppedThenResumed()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path whole = m_scratch.path() / "whole";
    run(plan, whole);
    const fs::path output = m_scratch.path() / "stopped";
    std::stop_source source;
    FakeOptions options;
    int calls = 0;
    options.beforeAttack = [&](const AttackRequest&, const Image&) {
        if (++calls == 5)
            source.request_stop();
    };
    const auto part = run(plan, output, options, false, source.get_token());
    QVERIFY(part->cancelled);
    QVERIFY(!fs::exists(output / "report.json"));
    const QString refused = message([&] { run(plan, output); });
    QVERIFY2(refused.contains("--resume"), qPrintable(refused));
    const auto rest = run(plan, output, options, true);
    QVERIFY(!rest->cancelled);
    QCOMPARE(calls, 3 * kImages + 1);
    QCOMPARE(difference(filesOf(whole), filesOf(output)), std::string());
}

void TestTournamentFaults::failuresAreLinesAndTheRestIsDone()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "failing";
    FakeOptions options;
    options.beforeAttack = [](const AttackRequest& request, const Image& clean) {
        if (request.method == Method::CrossIterative && clean == datasetImage(1))
            throw Error(ErrorKind::BadInput, "this one cannot", "the test");
    };
    const auto result = run(plan, output, options);
    QCOMPARE(result->failures.size(), std::size_t(1));
    const TournamentFailure expected { "attack", "strong", "image_0001",
        "this one cannot, the test" };
    QVERIFY(result->failures.front() == expected);
    QCOMPARE(result->outcome.examples.size(), std::size_t(3 * kImages - 1));
    // Numbers have no gap: image 2 follows image 0.
    QCOMPARE(sha256File(output / "all_adv_examples/00000001.png"),
        sha256(encodePng(
            clipped(fakeAttack(defaultRequest(Method::CrossIterative, 16), datasetImage(2)),
                datasetImage(2), 16))));
    // An image that the attack failed to write counts for it.
    long right = 0;
    for (const std::string& line : linesOf(output / "accuracy_on_attacks.csv")) {
        int a = 0;
        int b = 0;
        if (std::sscanf(line.c_str(), "strong,%d,%d", &a, &b) == 2)
            right = a + b;
    }
    QVERIFY(textOf(output / "attack_ranking.csv")
                .find("strong," + std::to_string(2L * kImages - right) + "\r\n")
        != std::string::npos);
    const std::string report = textOf(output / "report.md");
    QVERIFY2(report.find("- attack strong, image_0001: this one cannot, the test\n")
            != std::string::npos,
        report.c_str());
    // The fault is gone: a resume makes the numbers and all files as if it had never been.
    const fs::path whole = m_scratch.path() / "never-failed";
    run(plan, whole);
    const auto mended = run(plan, output, {}, true);
    QVERIFY(mended->failures.empty());
    QCOMPARE(difference(filesOf(whole), filesOf(output)), std::string());
}

void TestTournamentFaults::vanishingImageIsReported()
{
    const fs::path folder = m_scratch.path() / "vanishing";
    makeDataset(folder, 4);
    const TournamentPlan plan = fakePlan(folder);
    FakeOptions options;
    options.beforeAttack = [&](const AttackRequest&, const Image&) {
        fs::remove(folder / "images" / "image_0003.png");
    };
    const auto result = run(plan, folder / "output", options);
    // Three attacks and, on the clean image, two defenses.
    QCOMPARE(result->failures.size(), std::size_t(5));
    for (const TournamentFailure& failure : result->failures) {
        QCOMPARE(failure.image, std::string("image_0003"));
        QVERIFY2(failure.reason.find("No such file") != std::string::npos, failure.reason.c_str());
    }
    QCOMPARE(result->outcome.examples.size(), std::size_t(9));
}

void TestTournamentFaults::anotherPlanIsRefused()
{
    TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "planned";
    run(plan, output);
    plan.seed = 2;
    const QString refused = message([&] { run(plan, output, {}, true); });
    QVERIFY2(refused.contains("another plan"), qPrintable(refused));
    const fs::path other = m_scratch.path() / "other";
    fs::create_directories(other / "attacks_output");
    const QString occupied = message([&] { run(plan, other); });
    QVERIFY2(occupied.contains("other results"), qPrintable(occupied));
}

void TestTournamentFaults::secondProcessIsRefused()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "locked";
    FakeOptions slow;
    slow.attackMicroseconds = 20'000;
    const int first = inChild([&] { return run(plan, output, slow)->cancelled ? 1 : 0; });
    QTRY_VERIFY(fs::exists(output / "attacks_output/strong/image_0000.png"));
    const QString refused = message([&] { run(plan, output, {}, true); });
    QVERIFY2(refused.contains("another process works in the output folder"), qPrintable(refused));
    QCOMPARE(waitFor(first), 0);
    QVERIFY(run(plan, output, {}, true)->failures.empty());
}

void TestTournamentFaults::unwritableFolderIsRefused()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path file = m_scratch.path() / "file";
    std::ofstream(file) << "x";
    const QString under = message([&] { run(plan, file / "output"); });
    QVERIFY2(under.contains("cannot create the output folder"), qPrintable(under));
    const fs::path readOnly = m_scratch.path() / "read-only";
    fs::create_directories(readOnly);
    fs::permissions(readOnly, fs::perms::owner_read | fs::perms::owner_exec);
    if (::geteuid() == 0) {
        // Permissions do not bind root; /proc does.
        const QString proc = message([&] { run(plan, "/proc/crossiter"); });
        QVERIFY2(proc.contains("/proc/crossiter"), qPrintable(proc));
        return;
    }
    const QString refused = message([&] { run(plan, readOnly); });
    QVERIFY2(refused.contains("cannot write to the output folder"), qPrintable(refused));
}

QTEST_GUILESS_MAIN(TestTournamentFaults)
#include "tst_TournamentFaults.moc"
