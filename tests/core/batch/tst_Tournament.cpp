#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/Bicubic.h"
#include "core/batch/TournamentView.h"
#include "core/image/Codec.h"
#include "core/report/TournamentReport.h"

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

struct Cells
{
    long right = 0;
    long hit = 0;
};

/// Every file of the development runner for fakePlan, from its rules alone.
std::map<std::string, std::string> expectedFiles(const TournamentPlan& plan, int epsilon)
{
    std::map<std::string, std::string> files;
    std::vector<std::pair<const PlanAttack*, bool>> attacks;
    for (const PlanAttack& attack : plan.attacks)
        attacks.emplace_back(&attack, false);
    for (const PlanAttack& attack : plan.targetedAttacks)
        attacks.emplace_back(&attack, true);
    std::map<std::pair<std::string, std::string>, Cells> cells;
    std::map<std::string, std::string> results;
    std::map<std::string, std::string> classification;
    int number = 0;
    for (const auto& [attack, targeted] : attacks) {
        for (int i = 0; i < kImages; ++i) {
            const Image clean = datasetImage(i);
            AttackRequest request = defaultRequest(attack->options.method, epsilon);
            request.epsilon255 = epsilon;
            if (targeted)
                request.target = datasetTarget(i);
            const Image made = fakeAttack(request, clean);
            const std::string folder = targeted ? "targeted_attacks_output/" : "attacks_output/";
            files[folder + attack->name + "/" + datasetId(i) + ".png"] = sha256(encodePng(made));
            const Image shown = clipped(made, clean, epsilon);
            char stem[16] = {};
            std::snprintf(stem, sizeof stem, "%08d", number++);
            files["all_adv_examples/" + std::string(stem) + ".png"] = sha256(encodePng(shown));
            for (const PlanDefense& defense : plan.defenses) {
                const int label = fakeLabel(defense.model, shown);
                Cells& cell = cells[{ attack->name, defense.name }];
                cell.right += label == datasetLabel(i) ? 1 : 0;
                cell.hit += label == datasetTarget(i) ? 1 : 0;
                results[defense.name] += std::string(stem) + ".png," + std::to_string(label) + "\n";
                classification[defense.name] += attack->name + (targeted ? ",True," : ",False,")
                    + defense.name + "," + datasetId(i) + "," + std::to_string(label) + ","
                    + std::to_string(datasetLabel(i)) + "," + std::to_string(datasetTarget(i))
                    + "\r\n";
            }
        }
    }
    const auto put = [&files](const std::string& name, const std::string& text) {
        files[name] =
            sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    };
    std::string all = "AttackName,IsTargeted,DefenseName,ImageId,PredictedLabel,TrueLabel,"
                      "TargetClass\r\n";
    std::string head;
    for (const PlanDefense& defense : plan.defenses) {
        put("defenses_output/" + defense.name + "/result.csv", results[defense.name]);
        all += classification[defense.name];
        head += "," + defense.name;
    }
    put("all_classification.csv", all);
    std::string accuracy = head + "\n";
    std::string targetedAccuracy = head + "\n";
    std::string hits = head + "\n";
    for (const auto& [attack, targeted] : attacks) {
        std::string right = attack->name;
        std::string hit = attack->name;
        for (const PlanDefense& defense : plan.defenses) {
            right += "," + std::to_string(cells[{ attack->name, defense.name }].right);
            hit += "," + std::to_string(cells[{ attack->name, defense.name }].hit);
        }
        (targeted ? targetedAccuracy : accuracy) += right + "\n";
        if (targeted)
            hits += hit + "\n";
    }
    put("accuracy_on_attacks.csv", accuracy);
    put("accuracy_on_targeted_attacks.csv", targetedAccuracy);
    put("hit_target_class.csv", hits);
    return files;
}

} // namespace

class TestTournament : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { makeDataset(m_scratch.path(), kImages); }

    void filesAreThoseOfTheRules();
    void scoresBesideTheRawCounts();
    void officialBatchesFilesAndEpsilons();
    void batchStatisticsComeInGroupsOfSixteen();
    void aFolderWithoutCsv();
    void matricesSayWhereTheyComeFrom();
    void seedRowsStandBesideThePublishedOnes();
    void publishedRatesStandBesideOurs();
    void bicubicKeepsPlanesAndSizes();

private:
    ScratchFolder m_scratch;
};

void TestTournament::filesAreThoseOfTheRules()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "rules";
    const auto result = run(plan, output);
    QVERIFY(result->wroteReport);
    QVERIFY2(result->failures.empty(), "no failure");
    std::map<std::string, std::string> files = filesOf(output);
    const auto expected = expectedFiles(plan, 16);
    for (const auto& [name, hash] : expected)
        QVERIFY2(files[name] == hash, name.c_str());
    for (const char* own : { "attack_ranking.csv", "targeted_attack_ranking.csv",
             "defense_ranking.csv", "normalised_scores.csv", "report.json", "report.md",
             "plan.json", "images.json", "notes.json" }) {
        QVERIFY2(files.count(own) == 1, own);
        files.erase(own);
    }
    for (const auto& [name, hash] : expected)
        files.erase(name);
    QVERIFY2(files.empty(), files.empty() ? "" : files.begin()->first.c_str());
    // Rankings by the raw counts: images x defenses - sum of the row.
    long rightOfStrong = 0;
    for (const std::string& line : linesOf(output / "accuracy_on_attacks.csv")) {
        int a = 0;
        int b = 0;
        if (std::sscanf(line.c_str(), "strong,%d,%d", &a, &b) == 2)
            rightOfStrong = a + b;
    }
    const std::string ranking = textOf(output / "attack_ranking.csv");
    QVERIFY(ranking.starts_with("AttackName,Score\r\n"));
    QVERIFY2(ranking.find("strong," + std::to_string(2L * kImages - rightOfStrong) + "\r\n")
            != std::string::npos,
        ranking.c_str());
    // The journal has each output's hash.
    const std::string journal = textOf(output / "journal" / "rank-0000.jsonl");
    for (const char* name : { "attacks_output/strong/image_0003.png",
             "all_adv_examples/00000007.png", "defenses_output/defense first/result.csv" })
        QVERIFY2(journal.find(sha256File(output / name)) != std::string::npos, name);
}

void TestTournament::scoresBesideTheRawCounts()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "scores";
    const auto result = run(plan, output);
    long right = 0; // pairs that the defenses have right on the clean image
    long wonByStrong = 0;
    for (int i = 0; i < kImages; ++i) {
        const Image clean = datasetImage(i);
        const Image shown =
            clipped(fakeAttack(defaultRequest(Method::CrossIterative, 16), clean), clean, 16);
        for (const PlanDefense& defense : plan.defenses) {
            if (fakeLabel(defense.model, clean) != datasetLabel(i))
                continue;
            ++right;
            wonByStrong += fakeLabel(defense.model, shown) != datasetLabel(i) ? 1 : 0;
        }
    }
    QVERIFY(right > 0);
    bool found = false;
    for (const NormalisedScore& score : scoresOf(plan, result->outcome)) {
        if (score.name != "strong")
            continue;
        found = true;
        QCOMPARE(score.images, std::size_t(kImages));
        QCOMPARE(score.opponents, std::size_t(2));
        QCOMPARE(*score.normalised, static_cast<double>(score.score) / (kImages * 2));
        QCOMPARE(*score.rightlyClassified, right);
        QCOMPARE(*score.scoreOverRight, wonByStrong);
    }
    QVERIFY(found);
    const std::string report = textOf(output / "report.md");
    QVERIFY(report.find("## Failures\n\nNone.") != std::string::npos);
}

void TestTournament::officialBatchesFilesAndEpsilons()
{
    const fs::path folder = m_scratch.path() / "big";
    makeDataset(folder, 101, 8);
    TournamentPlan plan = fakePlan(folder);
    plan.official = true;
    plan.epsilon255.reset();
    plan.attacks.pop_back();
    plan.targetedAttacks.clear();
    plan.defenses.pop_back();
    plan.clean = false;
    const fs::path output = m_scratch.path() / "official";
    const auto result = run(plan, output);
    QCOMPARE(result->outcome.examples.size(), std::size_t(101));
    // Image 100 is in the second batch: budget 8 instead of 4.
    for (const auto& [number, epsilon] : { std::pair(99, 4), std::pair(100, 8) }) {
        char stem[16] = {};
        std::snprintf(stem, sizeof stem, "%08d", number);
        const Image clean = datasetImage(number % 8);
        const Image shown = readImage(output / "all_adv_examples" / (std::string(stem) + ".png"));
        int worst = 0;
        for (std::size_t i = 0; i < clean.rgb.size(); ++i)
            worst = std::max(worst, std::abs(shown.rgb[i] - clean.rgb[i]));
        QCOMPARE(worst, epsilon);
    }
    for (const char* name : { "accuracy_matrix.csv", "error_matrix.csv",
             "hit_target_class_matrix.csv", "adversarial_images.csv" })
        QVERIFY2(fs::exists(output / name), name);
    QVERIFY(!fs::exists(output / "accuracy_on_attacks.csv"));
    QVERIFY(textOf(output / "accuracy_matrix.csv").starts_with(",strong\ndefense first,"));
    const std::vector<std::string> lines = linesOf(output / "adversarial_images.csv");
    QCOMPARE(lines.size(), std::size_t(102));
    QVERIFY2(lines[101].starts_with("00000100,strong,False,image_0100,8,"), lines[101].c_str());
    const Image last = readImage(output / "all_adv_examples" / "00000100.png");
    const QByteArray sha1 = QCryptographicHash::hash(
        QByteArray(reinterpret_cast<const char*>(last.rgb.data()), int(last.rgb.size())),
        QCryptographicHash::Sha1)
                                .toHex();
    QVERIFY(lines[101].ends_with("," + sha1.toStdString()));
}

void TestTournament::batchStatisticsComeInGroupsOfSixteen()
{
    TournamentPlan plan = fakePlan(m_scratch.path());
    plan.defenses.front().defense.batchStatistics = true;
    const fs::path output = m_scratch.path() / "groups";
    const auto result = run(plan, output);
    const std::size_t examples = result->outcome.examples.size(); // 18: groups of 16 and 2
    QCOMPARE(examples, std::size_t(18));
    for (std::size_t number = 0; number < examples; ++number) {
        const Image shown =
            readImage(output / "all_adv_examples" / (advExampleStem(number) + ".png"));
        QCOMPARE(*result->outcome.labels[0][number],
            fakeLabel(number < 16 ? "first16" : "first2", shown));
    }
}

void TestTournament::aFolderWithoutCsv()
{
    const fs::path folder = m_scratch.path() / "photos";
    fs::create_directories(folder);
    Image wide(40, 20);
    writePng(folder / "imagenet_00_243.png", wide);
    writePng(folder / "imagenet_01_17.png", datasetImage(1));
    writePng(folder / "unknown.png", datasetImage(2));
    TournamentPlan plan = fakePlan(m_scratch.path());
    plan.dataset = {};
    plan.dataset.folder = folder;
    const QString missing = message([&] { run(plan, m_scratch.path() / "no-targets"); });
    QVERIFY2(missing.contains("no image has a target class"), qPrintable(missing));
    QVERIFY2(!fs::exists(m_scratch.path() / "no-targets" / "journal"),
        "a plan that is refused leaves no journal behind");
    plan.targetedAttacks.front().options.target = 7;
    const auto result = run(plan, m_scratch.path() / "folder");
    QCOMPARE(result->outcome.images.size(), std::size_t(2));
    QCOMPARE(*result->outcome.images[0].trueLabel, 244);
    QVERIFY(result->failures.empty());
    QCOMPARE(result->notes.size(), std::size_t(1));
    QVERIFY(QString::fromStdString(result->notes[0]).contains("1 image without a true label"));
}

void TestTournament::matricesSayWhereTheyComeFrom()
{
    const TournamentPlan plan = fakePlan(m_scratch.path());
    const fs::path output = m_scratch.path() / "matrices";
    const auto provenance = [&] {
        TournamentView view(output);
        view.update();
        const fs::path beside = writeMatrixProvenance(
            m_scratch.path() / "matrix.png", *view.snapshot(), "hit_target_class.csv", "9.8.7");
        return Json::parse(textOf(beside));
    };
    std::stop_source source;
    FakeOptions options;
    options.beforeAttack = [&](const AttackRequest&, const Image&) { source.request_stop(); };
    run(plan, output, options, false, source.get_token());
    Json said = provenance();
    QCOMPARE(said["complete"], Json(false));
    for (const char* key : { "version", "device", "weights_sha256" })
        QVERIFY2(said["run"].at(key).is_null(), key);

    run(plan, output, {}, true);
    const Json report = Json::parse(textOf(output / "report.json"));
    said = provenance();
    QCOMPARE(said["complete"], Json(true));
    QCOMPARE(said["version"], Json("9.8.7"));
    QCOMPARE(said["tournament"], Json("matrices"));
    QCOMPARE(said["matrix"], Json("hit_target_class.csv"));
    for (const char* key : { "plan_sha256", "mode", "epsilon", "seed", "numerics",
             "threads_per_process", "images", "adversarial_images" })
        QVERIFY2(said.at(key) == report.at(key), key);
    for (const char* key : { "version", "device", "weights_sha256" })
        QVERIFY2(said["run"].at(key) == report.at(key), key);

    fs::remove(m_scratch.path() / "matrix.png.provenance.json");
    writeFileAtomically(output / "report.json", R"({"version": "1"})");
    const QString wrong = message([&] { (void)provenance(); });
    QVERIFY2(wrong.contains("report.json") && wrong.contains("device"), qPrintable(wrong));
    QVERIFY(!fs::exists(m_scratch.path() / "matrix.png.provenance.json"));
}

void TestTournament::seedRowsStandBesideThePublishedOnes()
{
    TournamentPlan plan = fakePlan(m_scratch.path());
    plan.preset = "seed";
    plan.attacks.front().name = "bim_both_3";
    plan.attacks.front().note = "a test stands in";
    plan.leftOut = { { "noop", "left out by the test" } };
    plan.attacks.back().name = "random_noise";
    const fs::path output = m_scratch.path() / "seed";
    const auto result = run(plan, output);
    const std::vector<NormalisedScore> scores = scoresOf(plan, result->outcome);
    const std::vector<SeedComparison> lines = compareWithSeed(factsOf(plan, {}), scores);
    QCOMPARE(lines.size(), std::size_t(11 + 4 + 6 + 8));
    int there = 0;
    for (const SeedComparison& line : lines) {
        there += line.score ? 1 : 0;
        if (line.row == "bim_both_3") {
            QCOMPARE(line.published, 4506L);
            QCOMPARE(line.publishedShare, 4506.0 / 6000.0);
            QCOMPARE(*line.share, static_cast<double>(*line.score) / (kImages * 2));
            QCOMPARE(line.remark, std::string("a test stands in"));
        }
        if (line.row == "noop")
            QCOMPARE(line.remark, std::string("left out by the test"));
        if (line.row == "bim_both_4")
            QCOMPARE(line.remark, std::string("not in the plan"));
    }
    QCOMPARE(there, 2);
    const std::string report = textOf(output / "report.md");
    QVERIFY(report.find("| non-targeted | noop | missing | - | - | 875 | 1000 x 6 | 14.6 % | left "
                        "out by the test |")
        != std::string::npos);
}

void TestTournament::publishedRatesStandBesideOurs()
{
    TournamentPlan plan = fakePlan(m_scratch.path());
    plan.defenses.back().model = "first"; // the same network, behind something
    plan.defenses.back().defense.dropout = true;
    PublishedRate rate { "CI", { { "efficientnet-lite1" }, { "efficientnet-lite0" } } };
    rate.request = resolve(plan.attacks.front().options, 16);
    rate.target = { "another", "first" };
    rate.percent = 12.5;
    FakeOptions options;
    options.published = { { "a paper", "https://example.org", "Table 1", "a set", "", 1000,
        { rate } } };
    const fs::path output = m_scratch.path() / "published";
    const auto result = run(plan, output, options);
    const auto lines = compareWithPublished(factsOf(plan, {}), result->outcome, options.published);
    QCOMPARE(lines.size(), std::size_t(1));
    QCOMPARE(lines.front().attack, std::string("strong"));
    QCOMPARE(lines.front().defense, std::string("defense first"));
    std::size_t wrong = 0;
    for (int i = 0; i < kImages; ++i) {
        const Image clean = datasetImage(i);
        const Image made = fakeAttack(defaultRequest(Method::CrossIterative, 16), clean);
        wrong += fakeLabel("first", clipped(made, clean, 16)) == datasetLabel(i) ? 0 : 1;
    }
    QCOMPARE(lines.front().here.hits, wrong);
    QCOMPARE(lines.front().here.total, std::size_t(kImages));
    QVERIFY(textOf(output / "report.md").find("## Beside published rates") != std::string::npos);
    QVERIFY(textOf(output / "report.json").find("\"published_rates\"") != std::string::npos);
    // With other settings the report is the one of a tournament that knows no table.
    options.published.front().rates.front().request->rounds = 4;
    run(plan, m_scratch.path() / "unlike", options);
    run(plan, m_scratch.path() / "without");
    QCOMPARE(QString::fromStdString(difference(
                 filesOf(m_scratch.path() / "unlike"), filesOf(m_scratch.path() / "without"))),
        QString());
}

void TestTournament::bicubicKeepsPlanesAndSizes()
{
    // A ramp stays one under any cubic that sums to 1; away from the edges exactly.
    Image ramp(40, 30);
    for (int y = 0; y < 30; ++y) {
        for (int x = 0; x < 40; ++x)
            for (std::size_t c = 0; c < 3; ++c)
                ramp.rgb[ramp.offset(x, y) + c] = static_cast<std::uint8_t>(10 + 4 * x + y);
    }
    const Image grown = bicubicResize(ramp, 80, 60);
    QCOMPARE(grown.width, 80);
    QCOMPARE(grown.height, 60);
    for (int y = 8; y < 52; ++y) {
        for (int x = 8; x < 72; ++x) {
            const double expected = 10.0 + 4.0 * ((x + 0.5) / 2.0 - 0.5) + ((y + 0.5) / 2.0 - 0.5);
            QVERIFY(std::abs(grown.rgb[grown.offset(x, y)] - expected) <= 1.01);
        }
    }
    QCOMPARE(bicubicResize(ramp, 40, 30), ramp);
}

QTEST_GUILESS_MAIN(TestTournament)
#include "tst_Tournament.moc"
