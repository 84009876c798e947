// What a tournament is after its process was killed, its disk was full, its images many.

#include "core/base/Error.h"
#include "core/image/Codec.h"

#include <QtTest>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <sys/mount.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "tests/core/batch/FakeTournament.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

int runOnce(const TournamentPlan& plan, const fs::path& output, const FakeOptions& options)
{
    LocalShare alone;
    const auto result = runTournament(plan, output, { true }, fakeEngine(options), alone, {}, {});
    return result->failures.empty() ? 0 : 4;
}

/// A file system of one megabyte count, gone with the object; not everybody may mount one.
class SmallDisk
{
public:
    SmallDisk(fs::path folder, int megabytes)
        : m_folder(std::move(folder))
    {
        fs::create_directories(m_folder);
        const std::string size = "size=" + std::to_string(megabytes) + "m";
        m_mounted = ::mount("tmpfs", m_folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (m_mounted)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    SmallDisk(SmallDisk&&) = delete;
    SmallDisk& operator=(SmallDisk&&) = delete;

    [[nodiscard]] bool mounted() const { return m_mounted; }
    [[nodiscard]] const fs::path& path() const { return m_folder; }

private:
    fs::path m_folder;
    bool m_mounted = false;
};

/// Noise that no PNG makes smaller: 270 KB a picture.
Image noise(int seed)
{
    std::minstd_rand random(static_cast<unsigned>(seed) + 1U);
    Image image(kImageSide, kImageSide);
    for (std::uint8_t& value : image.rgb)
        value = static_cast<std::uint8_t>(random() >> 8U);
    return image;
}

} // namespace

class TestTournamentKill : public QObject
{
    Q_OBJECT

private slots:
    void killedFiftyTimes();
    void fullDiskIsReported();
    void fileSizeLimitIsReported();
    void memoryIsFlat();

private:
    ScratchFolder m_scratch;
};

void TestTournamentKill::killedFiftyTimes()
{
    constexpr int kKills = 50;
    constexpr int kImages = 3;
    const fs::path folder = m_scratch.path() / "kill";
    makeDataset(folder, kImages);
    const TournamentPlan plan = fakePlan(folder);
    FakeOptions options;
    options.attackMicroseconds = 2000;

    const fs::path whole = folder / "whole";
    const auto started = std::chrono::steady_clock::now();
    QCOMPARE(waitFor(inChild([&] { return runOnce(plan, whole, options); })), 0);
    const std::chrono::duration<double, std::micro> length =
        std::chrono::steady_clock::now() - started;
    const auto expected = filesOf(whole);

    std::mt19937 random(20171208);
    int killed = 0;
    for (int round = 0; killed < kKills; ++round) {
        QVERIFY2(round < 4 * kKills, "the runs are too quick to be killed");
        const fs::path output = folder / ("output" + std::to_string(round));
        options.callLog = folder / ("calls" + std::to_string(round));
        const int child = inChild([&] { return runOnce(plan, output, options); });
        std::uniform_real_distribution<double> moment(0.0, length.count());
        std::this_thread::sleep_for(std::chrono::microseconds(static_cast<long>(moment(random))));
        ::kill(child, SIGKILL);
        const int ended = waitFor(child);
        killed += ended == -SIGKILL ? 1 : 0;
        QCOMPARE(waitFor(inChild([&] { return runOnce(plan, output, options); })), 0);
        const std::string unequal = difference(expected, filesOf(output));
        QVERIFY2(unequal.empty(), ("round " + std::to_string(round) + ": " + unequal).c_str());
        const auto calls = fs::file_size(options.callLog);
        QVERIFY2(calls <= 3 * kImages + 1, "more than one image was attacked again");
        fs::remove_all(output);
    }
}

void TestTournamentKill::fullDiskIsReported()
{
    const SmallDisk disk(m_scratch.path() / "disk", 6);
    if (!disk.mounted())
        QSKIP("mounting a small file system is not allowed here; the size limit stands in");
    const fs::path folder = m_scratch.path() / "full";
    makeDataset(folder, 30, 1);
    for (int i = 0; i < 30; ++i) {
        fs::remove(folder / "images" / (datasetId(i) + ".png"));
        writePng(folder / "images" / (datasetId(i) + ".png"), noise(i));
    }
    TournamentPlan plan = fakePlan(folder);
    plan.allClassification = false;
    const fs::path output = disk.path() / "output";
    LocalShare alone;
    const auto result = runTournament(plan, output, { false }, fakeEngine(), alone, {}, {});
    // Some pictures fitted; the others are lines of a report that could still be written.
    QVERIFY(!result->outcome.examples.empty());
    QVERIFY(result->outcome.examples.size() < 60);
    QVERIFY(!result->failures.empty());
    QVERIFY(result->wroteReport);
    const std::string report = textOf(output / "report.md");
    QVERIFY2(report.find("disk is full") != std::string::npos
            || report.find("No space left") != std::string::npos,
        report.c_str());
    for (const auto& [name, hash] : filesOf(output))
        QVERIFY2(name.find(".tmp") == std::string::npos, name.c_str());
    // With room again a resume makes everything as if the disk had been large.
    const std::string size = "size=64m";
    QCOMPARE(::mount("tmpfs", disk.path().c_str(), "tmpfs", MS_REMOUNT, size.c_str()), 0);
    QCOMPARE(runOnce(plan, output, {}), 0);
    QCOMPARE(runOnce(plan, folder / "large", {}), 0);
    QCOMPARE(difference(filesOf(folder / "large"), filesOf(output)), std::string());
}

void TestTournamentKill::fileSizeLimitIsReported()
{
    const fs::path folder = m_scratch.path() / "limit";
    makeDataset(folder, 2);
    writePng(folder / "images" / (datasetId(1) + ".png"), noise(1));
    const TournamentPlan plan = fakePlan(folder);
    const int child = inChild([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit = { 100'000, 100'000 };
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
            return 98;
        return runOnce(plan, folder / "output", {});
    });
    QCOMPARE(waitFor(child), 4);
    const std::string report = textOf(folder / "output" / "report.md");
    QVERIFY2(report.find("- attack strong, image_0001: cannot write file, "
                         "attacks_output/strong/image_0001.png")
            != std::string::npos,
        report.c_str());
    QVERIFY(fs::exists(folder / "output" / "attacks_output/strong/image_0000.png"));
    QCOMPARE(runOnce(plan, folder / "output", {}), 0);
    QCOMPARE(runOnce(plan, folder / "whole", {}), 0);
    QCOMPARE(difference(filesOf(folder / "whole"), filesOf(folder / "output")), std::string());
}

void TestTournamentKill::memoryIsFlat()
{
    long peaks[2] = {};
    const int counts[2] = { 10, 1000 };
    for (int i = 0; i < 2; ++i) {
        const fs::path folder = m_scratch.path() / ("images" + std::to_string(counts[i]));
        makeDataset(folder, counts[i]);
        TournamentPlan plan = fakePlan(folder);
        plan.attacks.pop_back();
        plan.targetedAttacks.clear();
        plan.defenses.pop_back();
        plan.clean = false;
        const int child = inChild([&] { return runOnce(plan, folder / "output", {}); });
        QCOMPARE(waitFor(child, &peaks[i]), 0);
        fs::remove_all(folder);
    }
    qInfo("peak of 10 images %ld KB, of 1000 %ld KB", peaks[0], peaks[1]);
    QVERIFY2(peaks[1] - peaks[0] <= 100L * 1024, "memory grows with the images");
}

QTEST_GUILESS_MAIN(TestTournamentKill)
#include "tst_TournamentKill.moc"
