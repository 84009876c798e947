// Runs that are gone on with, and what goes wrong in them.

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/TournamentFolders.h"
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
    void refusedLeavesNothing();
    void damagedFilesOfTheFolderAreNamed_data();
    void damagedFilesOfTheFolderAreNamed();
    void readingIsStopped();

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

void TestTournamentFaults::refusedLeavesNothing()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const auto refuses = [&](const TournamentPlan& asked, const fs::path& output, bool resume,
                             const char* words) {
        const QString error = message([&] { run(asked, output, {}, resume); });
        QVERIFY2(error.contains(words), qPrintable(error));
    };
    const fs::path fresh = m_scratch.path() / "fresh";
    TournamentPlan bad = plan;
    bad.dataset.csv = m_scratch.path() / "absent.csv";
    refuses(bad, fresh / "deep", false, "absent.csv");
    bad = plan;
    bad.dataset.folder = m_scratch.path() / "empty";
    fs::create_directories(bad.dataset.folder);
    refuses(bad, fresh / "deep", false, "no image for the tournament");
    refuses(bad, fresh / "deep", true, "no image for the tournament");
    refuses(bad, bad.dataset.folder, false, "no image for the tournament");
    QVERIFY(fs::is_empty(bad.dataset.folder));
    bad = plan;
    bad.dataset.csv.clear();
    bad.dataset.labels = m_scratch.path() / "labels.csv";
    std::ofstream labels(bad.dataset.labels);
    for (int i = 0; i < kImages; ++i)
        labels << datasetId(i) << ".png," << datasetLabel(i) << "\n";
    labels.close();
    refuses(bad, fresh / "deep", false, "no image has a target class");
    QVERIFY(!fs::exists(fresh));
    refuses(plan, fresh / std::string(300, 'n'), false, "nnn");
    QVERIFY(!fs::exists(fresh));

    // A folder that holds something else, or a tournament whose lock is gone.
    const fs::path other = m_scratch.path() / "others";
    fs::create_directories(other / "attacks_output");
    refuses(plan, other, false, "other results");
    QVERIFY(fs::is_empty(other / "attacks_output"));
    QVERIFY(!fs::exists(other / ".crossiter.lock"));
    const fs::path done = m_scratch.path() / "done";
    run(plan, done);
    fs::remove(done / ".crossiter.lock");
    refuses(plan, done, false, "holds a tournament");
    bad = plan;
    bad.seed = 2;
    refuses(bad, done, true, "another plan");
    QVERIFY(!fs::exists(done / ".crossiter.lock"));
}

void TestTournamentFaults::damagedFilesOfTheFolderAreNamed_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const char* file, const QByteArray& text,
                         const char* error) { QTest::newRow(name) << file << text << error; };
    const auto notes = [&row](const char* name, const QByteArray& text, const char* error) {
        row(name, "notes.json", text, error);
    };
    notes("empty notes", "", "not a list of notes");
    notes("null", "null", "a list of texts");
    notes("no number", "[NaN]", "not a list of notes");
    notes("no UTF-8", "[\"\xff\"]", "UTF-8");
    notes("notes and more", "[] x", "not a list of notes");
    notes("deep notes", QByteArray(100'000, '['), "levels");
    notes("a number", R"(["a", 1])", "[1]: expected a text, found 1");
    const auto image = [&row](const char* name, const QByteArray& members, const char* error) {
        row(name, "images.json", "[{" + members + "}]", error);
    };
    row("no images", "images.json", "[]", "a list of images");
    row("images as an object", "images.json", "{}", "a list of images");
    row("image as a text", "images.json", R"(["a"])", "[0]: expected an object");
    image("file as a number", R"("id":"a","file":3,"label":1,"target":null,"epsilon":4,"batch":0)",
        "[0].file: expected a text, found 3");
    image("no target", R"("id":"a","file":"a.png","label":1,"epsilon":4,"batch":0)",
        "[0].target: expected a label or null, found nothing");
    image(
        "no batch", R"("id":"a","file":"a.png","label":1,"target":null,"epsilon":4)", "[0].batch");
    image("a batch beyond the list",
        R"("id":"a","file":"a.png","label":1,"target":null,"epsilon":4,"batch":7)",
        "[0].batch: expected a whole number 0..0, found 7");
    image("label as a text",
        R"("id":"a","file":"a.png","label":"1","target":null,"epsilon":4,"batch":0)",
        "[0].label: expected a whole number 0..1000");
    image("budget", R"("id":"a","file":"a.png","label":1,"target":null,"epsilon":256,"batch":0)",
        "[0].epsilon: expected a whole number 0..255, found 256");
    image("a name that leads out",
        R"("id":"../a","file":"a.png","label":1,"target":null,"epsilon":4,"batch":0)", "[0].id");
    image("unknown key",
        R"("id":"a","file":"a.png","label":1,"target":null,"epsilon":4,"batch":0,"x":1)", "[0].x");
    row("plan's types", "plan.json", R"({"version": 1, "dataset": 3})", "dataset");
    row("plan of text", "plan.json", "{", "the plan is no JSON");
}

void TestTournamentFaults::damagedFilesOfTheFolderAreNamed()
{
    QFETCH(QString, file);
    QFETCH(QByteArray, text);
    QFETCH(QString, error);
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "damaged-lists";
    if (!fs::exists(output))
        run(plan, output);
    const fs::path damaged = output / file.toStdString();
    const std::string whole = textOf(damaged);
    std::ofstream(damaged, std::ios::binary).write(text.constData(), text.size());
    const QString refused = message([&] { run(plan, output, {}, true); });
    std::ofstream(damaged, std::ios::binary) << whole;
    QVERIFY2(refused.contains(error), qPrintable(refused));
    QVERIFY2(refused.contains(file), qPrintable(refused));
    QVERIFY(run(plan, output, {}, true)->failures.empty());
}

void TestTournamentFaults::readingIsStopped()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    std::stop_source source;
    source.request_stop();
    const fs::path picture = plan.dataset.folder / (datasetId(0) + ".png");
    QVERIFY(!readMadeImage(picture, {}).empty());
    QVERIFY(readMadeImage(picture, source.get_token()).empty());
}

QTEST_GUILESS_MAIN(TestTournamentFaults)
#include "tst_TournamentFaults.moc"
