// Attacks and defenses that are programs of somebody else.

#include "core/base/AtomicFile.h"

#include <QtTest>

#include "tests/core/batch/FakeTournament.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

constexpr int kImages = 6;

void writeScript(const fs::path& file, const std::string& text)
{
    fs::create_directories(file.parent_path());
    writeFileAtomically(file, text);
    fs::permissions(file, fs::perms::owner_all);
}

} // namespace

class TestExternalSubmissions : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { makeDataset(m_scratch.path(), kImages); }

    void externalProgramsTakePart();
    void externalFailuresAreLines();
    void officialRunsComeBatchByBatch();

private:
    ScratchFolder m_scratch;
};

void TestExternalSubmissions::externalProgramsTakePart()
{
    const fs::path folder = m_scratch.path() / "submissions";
    // A name that a shell would take apart.
    const fs::path attack = folder / "attack $(touch pwned); 'x";
    writeScript(attack / "run_attack.sh",
        "#!/bin/sh\nset -e\ncp \"$1\"/*.png \"$2\"/\ntest \"$3\" = 16\ntest -f "
        "\"$1/target_class.csv\"\n");
    const fs::path defense = folder / "defense";
    writeScript(defense / "run_defense.sh",
        "#!/bin/sh\nset -e\n: > \"$2\"\nfor f in \"$1\"/*.png; do echo \"$(basename "
        "\"$f\"),2\" >> \"$2\"; done\n");
    TournamentPlan plan = fakePlan(m_scratch.path());
    PlanAttack external;
    external.name = "external";
    external.external = ExternalSubmission { attack, 30.0 };
    plan.attacks.push_back(external);
    PlanDefense judge;
    judge.name = "external defense";
    judge.external = ExternalSubmission { defense, 30.0 };
    plan.defenses.push_back(judge);
    const fs::path output = m_scratch.path() / "external";
    const auto result = run(plan, output);
    for (const TournamentFailure& failure : result->failures)
        QFAIL((failure.stage + " " + failure.name + " " + failure.image + ": " + failure.reason)
                  .c_str());
    QVERIFY(!fs::exists(attack / "pwned"));
    QCOMPARE(result->outcome.examples.size(), std::size_t(4 * kImages));
    for (const std::optional<int>& label : result->outcome.labels[2])
        QCOMPARE(label.value_or(-1), 2);
    for (const std::optional<int>& label : result->outcome.cleanLabels[2])
        QCOMPARE(label.value_or(-1), 2);
    QCOMPARE(linesOf(output / "defenses_output/external defense/result.csv").size(),
        std::size_t(4 * kImages));
    QVERIFY(!fs::exists(output / ".work"));
    const auto files = filesOf(output);
    // A resume believes the journal: the programs are not needed any more, only there.
    writeScript(attack / "run_attack.sh", "#!/bin/sh\nexit 7\n");
    writeScript(defense / "run_defense.sh", "#!/bin/sh\nexit 7\n");
    QVERIFY(run(plan, output, {}, true)->failures.empty());
    QCOMPARE(difference(files, filesOf(output)), std::string());
}

void TestExternalSubmissions::externalFailuresAreLines()
{
    const fs::path folder = m_scratch.path() / "bad-submissions";
    writeScript(folder / "partial/run_attack.sh",
        "#!/bin/sh\ncp \"$1/image_0000.png\" \"$2\"/\necho broken > \"$2/image_0001.png\"\n"
        "echo 'no GPU here' >&2\nexit 3\n");
    writeScript(folder / "slow/run_defense.sh", "#!/bin/sh\nexec sleep 60\n");
    TournamentPlan plan = fakePlan(m_scratch.path());
    plan.clean = false;
    plan.attacks.front() = {};
    plan.attacks.front().name = "partial";
    plan.attacks.front().external = ExternalSubmission { folder / "partial", 30.0 };
    plan.defenses.front() = {};
    plan.defenses.front().name = "slow";
    plan.defenses.front().external = ExternalSubmission { folder / "slow", 1.0 };
    const auto result = run(plan, m_scratch.path() / "bad-external");
    // What the program has written takes part, as in the runner.
    QCOMPARE(result->outcome.examples.size(), std::size_t(1 + 2 * kImages));
    std::map<std::string, int> reasons;
    for (const TournamentFailure& failure : result->failures)
        ++reasons[failure.stage + " " + failure.name + ": " + failure.reason];
    QCOMPARE(reasons["attack partial: exit code 3: no GPU here"], 1);
    QCOMPARE(reasons["attack partial: not written by the program"], kImages - 2);
    QCOMPARE(reasons["defense slow: the program did not answer"], 1 + 2 * kImages);
    bool limit = false;
    bool broken = false;
    for (const auto& [reason, count] : reasons) {
        limit = limit || reason.find("time limit of 1 s") != std::string::npos;
        broken =
            broken || reason.find("attacks_output/partial/image_0001.png") != std::string::npos;
    }
    QVERIFY(limit);
    QVERIFY(broken);

    plan.attacks.front().external->folder = folder / "nowhere";
    const std::string missing = errorOf([&] { run(plan, m_scratch.path() / "missing-external"); });
    QVERIFY2(missing.find("no such submission") != std::string::npos, missing.c_str());
    QVERIFY(!fs::exists(m_scratch.path() / "missing-external"));
}

void TestExternalSubmissions::officialRunsComeBatchByBatch()
{
    const fs::path folder = m_scratch.path() / "official";
    makeDataset(folder, 102, 2);
    writeScript(folder / "attack/run_attack.sh",
        "#!/bin/sh\nset -e\ncp \"$1\"/*.png \"$2\"/\necho \"$3 $(ls \"$1\" | grep -c png)\" >> "
        "runs.txt\n");
    writeScript(folder / "defense/run_defense.sh",
        "#!/bin/sh\nset -e\n: > \"$2\"\nfor f in \"$1\"/*.png; do echo \"${f##*/},3\" >> "
        "\"$2\"; done\nls \"$1\" | grep -c png >> runs.txt\n");
    TournamentPlan plan = fakePlan(folder);
    plan.official = true;
    plan.epsilon255.reset();
    plan.clean = false;
    plan.targetedAttacks.clear();
    plan.attacks.resize(1);
    plan.attacks.front().external = ExternalSubmission { folder / "attack", 30.0 };
    plan.defenses.resize(1);
    plan.defenses.front().external = ExternalSubmission { folder / "defense", 30.0 };
    const auto result = run(plan, folder / "output");
    QVERIFY(result->failures.empty());
    QCOMPARE(textOf(folder / "attack" / "runs.txt"), std::string("4 100\n8 2\n"));
    QCOMPARE(textOf(folder / "defense" / "runs.txt"), std::string("100\n2\n"));
    const std::vector<std::string> labels =
        linesOf(folder / "output/defenses_output/defense first/result.csv");
    QCOMPARE(labels.size(), std::size_t(102));
    QCOMPARE(labels.back(), std::string("00000101.png,3"));
    QVERIFY(!fs::exists(folder / "output/.work"));
}

QTEST_GUILESS_MAIN(TestExternalSubmissions)
#include "tst_ExternalSubmissions.moc"
