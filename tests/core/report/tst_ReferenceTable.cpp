// Published success rates: the file that comes along, what its reader refuses, and which of them
// stand in a tournament's report.

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/report/ReferenceTable.h"
#include "core/report/TournamentReport.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace fs = std::filesystem;

// Above the texts: moc does not find a class behind a raw string that holds "//".
class TestReferenceTable : public QObject
{
    Q_OBJECT

private slots:
    void theFileThatComesAlong();
    void refusals_data();
    void refusals();
    void comparesWhatIsEqual();
    void nearMisses_data();
    void nearMisses();
    void standsInTheReport();
    void nothingFitsNothingChanges();

private:
    std::vector<ReferenceTable> read(const std::string& text)
    {
        const fs::path file = fs::path(m_folder.path().toStdString()) / "tables.json";
        writeFileAtomically(file, text);
        return readReferenceTables(file);
    }

    QTemporaryDir m_folder;
};

namespace {

constexpr const char* kSettings =
    R"({"method": "mi-fgsm", "rounds": 10, "step": 1.6, "label-rule": "true"})";

/// One table with one row: MI-FGSM on `one`, shown to `two` and to itself.
std::string smallFile()
{
    return std::string(R"({
  "version": 1,
  "networks": { "One": ["one", "one-slim"], "Two": ["two"] },
  "tables": [ {
    "source": "a paper", "url": "https://example.org/p_1", "where": "Table 2",
    "settings-from": "section 4", "images": 1000, "image-set": "a set", "note": "as *published*",
    "rows": [ { "attack": "MI-FGSM", "settings": )")
        + kSettings + R"(, "epsilon": 16, "sources": ["One"],
      "rates": { "Two": 55.1, "One": 100 } } ]
  } ]
})";
}

/// The attack of smallFile, from its rules alone.
AttackRequest sameAttack()
{
    AttackRequest request = defaultRequest(Method::MiFgsm, 16);
    request.sources = { "one-slim" };
    request.labelRule = LabelRule::True;
    return request;
}

/// Ten pictures, one attack, three defenses: `two`, `two` behind something, `one`. `two` labels the
/// first six wrongly, says nothing of the seventh, and is right on the other three; the eighth has
/// no true label. A targeted attack's pictures are all wrong.
TournamentOutcome outcomeOfTen()
{
    TournamentOutcome outcome;
    outcome.attacks = { "momentum" };
    outcome.targetedAttacks = { "aimed" };
    outcome.defenses = { "plain two", "defended two", "plain one" };
    outcome.labels.resize(3);
    for (std::size_t i = 0; i < 10; ++i) {
        outcome.images.push_back(
            { "image" + std::to_string(i), i == 7 ? std::optional<int>() : 5, 9 });
        outcome.examples.push_back({ 0, false, i });
        const std::optional<int> label = i == 6 ? std::optional<int>() : i < 6 ? 8 : 5;
        outcome.labels[0].push_back(label);
        outcome.labels[1].push_back(5);
        outcome.labels[2].push_back(8);
    }
    outcome.examples.push_back({ 0, true, 0 });
    for (auto& labels : outcome.labels)
        labels.push_back(8);
    return outcome;
}

TournamentFacts factsOfTen()
{
    TournamentFacts facts;
    facts.epsilon255 = 16;
    facts.attacks = { sameAttack() };
    facts.networks = { "two", "", "one" };
    return facts;
}

} // namespace

void TestReferenceTable::theFileThatComesAlong()
{
    const auto tables = readReferenceTables(test::sourceDir() / "docs" / "reference-tables.json");
    QCOMPARE(tables.size(), std::size_t(4));
    std::size_t rates = 0;
    std::size_t compared = 0;
    for (const ReferenceTable& table : tables) {
        QVERIFY2(!table.imageSet.empty() && !table.where.empty(), table.source.c_str());
        QCOMPARE(table.images, std::size_t(1000));
        for (const PublishedRate& rate : table.rates) {
            ++rates;
            compared += rate.request ? 1 : 0;
            std::vector<SameNetwork> networks = rate.sources;
            networks.push_back(rate.target);
            for (const SameNetwork& network : networks)
                for (const std::string& id : network)
                    QVERIFY2(fs::exists(test::sourceDir() / "models" / (id + ".json")), id.c_str());
            // Over 1000 pictures a rate has one decimal.
            const double tenths = rate.percent * 10.0;
            QVERIFY2(std::abs(tenths - std::round(tenths)) < 1e-9, rate.attack.c_str());
            if (rate.sources.size() == 1 && rate.sources[0] == rate.target)
                QVERIFY2(rate.percent > 80.0, "an attack on its own network");
            if (rate.request)
                QCOMPARE(rate.request->epsilon255, 16);
        }
    }
    QCOMPARE(rates, std::size_t(130));
    QCOMPARE(compared, std::size_t(106));
    // Cells of the README that were read, one of each of its two numbers.
    const auto find = [](const ReferenceTable& table, const std::string& attack, const char* id) {
        const auto found =
            std::find_if(table.rates.begin(), table.rates.end(), [&](const PublishedRate& rate) {
                return rate.attack == attack && rate.target.front() == id;
            });
        return found == table.rates.end() ? -1.0 : found->percent;
    };
    QCOMPARE(find(tables[0], "MI-FGSM", "inception-v3-ens3-adv-slim"), 22.2);
    QCOMPARE(find(tables[1], "MI-FGSM", "inception-v3-ens3-adv-slim"), 21.9);
    QCOMPARE(find(tables[0], "FGSM", "inception-v3"), 81.0);
    QCOMPARE(find(tables[1], "DI-FGSM", "inception-resnet-v2-ens-adv"), 7.1);
    QCOMPARE(find(tables[3], "DST-MI-FGSM", "resnet-v2-152-slim"), 86.6);
}

void TestReferenceTable::refusals_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("says");
    const QString row = QStringLiteral("key tables[0].rows[0]");
    QTest::newRow("no JSON") << "{"
                             << ""
                             << "not a table of published rates";
    QTest::newRow("version") << "\"version\": 1"
                             << "\"version\": 2"
                             << "key version";
    QTest::newRow("a further key") << "\"where\""
                                   << "\"were\": \"x\", \"where\""
                                   << "tables[0].were";
    QTest::newRow("no source") << "\"source\": \"a paper\","
                               << ""
                               << "key tables[0].source";
    QTest::newRow("an empty source") << "\"a paper\""
                                     << "\"\""
                                     << "key tables[0].source";
    QTest::newRow("two lines") << "a paper"
                               << "a\\npaper"
                               << "key tables[0].source";
    QTest::newRow("address") << "https:"
                             << "http:"
                             << "key tables[0].url";
    QTest::newRow("pictures") << "1000"
                              << "0"
                              << "key tables[0].images";
    QTest::newRow("pictures as text") << "1000"
                                      << "\"1000\""
                                      << "key tables[0].images";
    QTest::newRow("no rows") << "\"rows\": ["
                             << "\"rows\": [], \"r\": ["
                             << "key tables[0].rows";
    QTest::newRow("a rate above 100") << "55.1"
                                      << "100.1" << row + ".rates.Two";
    QTest::newRow("a rate as text") << "55.1"
                                    << "\"55.1\"" << row + ".rates.Two";
    QTest::newRow("a rate twice") << "\"Two\": 55.1"
                                  << "\"Two\": 55.1, \"Two\": 5"
                                  << "Two";
    QTest::newRow("no rates") << "\"Two\": 55.1, \"One\": 100"
                              << "" << row + ".rates";
    QTest::newRow("a target of no name") << "\"Two\": 55.1"
                                         << "\"Tow\": 55.1" << row + ".rates.Tow";
    QTest::newRow("a source of no name") << "[\"One\"]"
                                         << "[\"Uno\"]" << row + ".sources";
    QTest::newRow("no sources") << "[\"One\"]"
                                << "[]" << row + ".sources";
    QTest::newRow("an id that is none") << "\"one-slim\""
                                        << "\"One Slim\""
                                        << "networks.One";
    QTest::newRow("epsilon") << "\"epsilon\": 16"
                             << "\"epsilon\": 256" << row + ".epsilon";
    QTest::newRow("an option that is none")
        << "\"rounds\""
        << "\"turns\": 1, \"rounds\"" << row + ".settings.turns";
    QTest::newRow("an option of its own key")
        << "\"rounds\""
        << "\"epsilon\": 16, \"rounds\"" << row + ".settings.epsilon";
    QTest::newRow("an option out of range") << "\"rounds\": 10"
                                            << "\"rounds\": 1001" << row + ".settings.rounds";
    QTest::newRow("a rule that is none") << "\"true\""
                                         << "\"truth\"" << row + ".settings.label-rule";
    QTest::newRow("a gap") << "\"step\": 1.6"
                           << "\"step\": 1.6, \"translation\": 4" << row + ".settings";
    QTest::newRow("rounds by default") << "\"rounds\": 10, "
                                       << "" << row + ".settings.rounds";
    QTest::newRow("a targeted attack") << "mi-fgsm"
                                       << "iter-target" << row + ".settings.method";
    QTest::newRow("neither") << "\"settings\": " + QString(kSettings) + ","
                             << "" << row + ".settings";
    QTest::newRow("both") << "\"attack\""
                          << "\"missing\": \"why\", \"attack\"" << row + ".settings";
}

void TestReferenceTable::refusals()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, says);
    QString text = QString::fromStdString(smallFile());
    QVERIFY(text.contains(from));
    text.replace(text.indexOf(from), from.size(), to);
    try {
        (void)read(text.toStdString());
        QFAIL("read");
    } catch (const Error& error) {
        QVERIFY(error.kind() == ErrorKind::BadInput);
        QVERIFY2(QString(error.what()).contains(says), error.what());
        QVERIFY2(QString(error.what()).contains("tables.json"), error.what());
    }
}

void TestReferenceTable::comparesWhatIsEqual()
{
    const std::vector<ReferenceTable> tables = read(smallFile());
    const auto lines = compareWithPublished(factsOfTen(), outcomeOfTen(), tables);
    QCOMPARE(lines.size(), std::size_t(2)); // the defended network is none of the table's
    QCOMPARE(lines[0].defense, std::string("plain two"));
    QCOMPARE(lines[0].rate->percent, 55.1);
    // Ten pictures but the one without an answer and the one without a true label.
    QCOMPARE(lines[0].here.hits, std::size_t(6));
    QCOMPARE(lines[0].here.total, std::size_t(8));
    QCOMPARE(lines[0].here.low, wilson(6, 8).low);
    QCOMPARE(lines[0].remark, std::string());
    QCOMPARE(lines[1].network, std::string("one"));
    QCOMPARE(lines[1].here.hits, std::size_t(9));
    QCOMPARE(lines[1].here.total, std::size_t(9));
    // A rate whose settings are not known in full is never compared.
    std::string unknown = smallFile();
    const std::string settings = std::string("\"settings\": ") + kSettings;
    unknown.replace(unknown.find(settings), settings.size(), "\"missing\": \"not said\"");
    const std::vector<ReferenceTable> without = read(unknown);
    QCOMPARE(without.front().rates.size(), std::size_t(2));
    QVERIFY(compareWithPublished(factsOfTen(), outcomeOfTen(), without).empty());
}

void TestReferenceTable::nearMisses_data()
{
    using Change = std::function<void(AttackRequest&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("lines");
    QTest::addColumn<QString>("remark");
    const auto add = [](const char* name, int lines, const char* remark, const Change& change) {
        QTest::newRow(name) << change << lines << QString(remark);
    };
    add(
        "seed", 2, "", [](AttackRequest& r) { r.seed = 7; });
    add(
        "saving", 2, "", [](AttackRequest& r) { r.save = SaveRule::Floor; });
    add(
        "ensemble of one", 2, "", [](AttackRequest& r) { r.ensemble = Ensemble::Alternate; });
    add(
        "the same options of another name", 2, "",
        [](AttackRequest& r) { r.method = Method::Bim; });
    add(
        "label rule", 2, "other settings: label-rule own-clean, published true",
        [](AttackRequest& r) { r.labelRule = LabelRule::OwnClean; });
    add(
        "epsilon", 0, "", [](AttackRequest& r) { r.epsilon255 = 8; });
    add(
        "rounds", 0, "", [](AttackRequest& r) { r.rounds = 11; });
    add(
        "step", 0, "", [](AttackRequest& r) { r.stepPx = 2.0; });
    add(
        "momentum", 0, "", [](AttackRequest& r) { r.momentum = 0.0; });
    add(
        "diversity", 0, "", [](AttackRequest& r) { r.diversity = 0.5; });
    add(
        "translation", 0, "", [](AttackRequest& r) { r.translation = 7; });
    add(
        "nesterov", 0, "", [](AttackRequest& r) { r.nesterov = true; });
    add(
        "scales", 0, "", [](AttackRequest& r) { r.scales = 5; });
    add(
        "projection", 0, "", [](AttackRequest& r) { r.projection = Projection::None; });
    add(
        "through", 0, "", [](AttackRequest& r) { r.through = "resize=200"; });
    add(
        "another source", 0, "", [](AttackRequest& r) { r.sources = { "two" }; });
    add(
        "a further source", 0, "", [](AttackRequest& r) { r.sources.emplace_back("two"); });
    add("targeted", 0, "", [](AttackRequest& r) { r.method = Method::IterTarget; });
}

void TestReferenceTable::nearMisses()
{
    QFETCH(std::function<void(AttackRequest&)>, change);
    QFETCH(int, lines);
    QFETCH(QString, remark);
    TournamentFacts facts = factsOfTen();
    change(*facts.attacks.front());
    const std::vector<ReferenceTable> tables = read(smallFile());
    const auto found = compareWithPublished(facts, outcomeOfTen(), tables);
    QCOMPARE(static_cast<int>(found.size()), lines);
    for (const PublishedComparison& line : found)
        QCOMPARE(QString::fromStdString(line.remark), remark);
}

void TestReferenceTable::standsInTheReport()
{
    const TournamentOutcome outcome = outcomeOfTen();
    const std::vector<TournamentFailure> failures;
    const std::vector<std::string> notes;
    const ReportParts parts { factsOfTen(), outcome, failures, notes, {}, "test", "cpu", {},
        read(smallFile()) };
    const QString text = QString::fromStdString(reportMarkdown(parts));
    QVERIFY2(text.contains("| momentum | plain two | 55.1 % | 75.0 % | 40.9 % to 92.9 % | 8 | "
                           "MI-FGSM (1) |  |"),
        qPrintable(text));
    QVERIFY2(text.contains("| momentum | plain one | 100.0 % | 100.0 % |"), qPrintable(text));
    QVERIFY2(text.contains("- (1) a paper, https://example.org/p_1: Table 2; over 1000 pictures: a "
                           "set. as \\*published\\*\n"),
        qPrintable(text));
    const Json rows = reportJson(parts).at("published_rates");
    QCOMPARE(rows.size(), std::size_t(2));
    QCOMPARE(rows[0].at("published").get<double>(), 0.551);
    QCOMPARE(rows[0].at("published_images").get<int>(), 1000);
    QCOMPARE(rows[0].at("network").get<std::string>(), std::string("two"));
    QCOMPARE(rows[0].at("here").at("hits").get<int>(), 6);
    QCOMPARE(rows[0].at("url").get<std::string>(), std::string("https://example.org/p_1"));
}

void TestReferenceTable::nothingFitsNothingChanges()
{
    const TournamentOutcome outcome = outcomeOfTen();
    const std::vector<TournamentFailure> failures;
    const std::vector<std::string> notes;
    ReportParts parts { factsOfTen(), outcome, failures, notes, {}, "test", "cpu", {}, {} };
    const std::string text = reportMarkdown(parts);
    const std::string json = jsonText(reportJson(parts));
    QVERIFY(text.find("published") == std::string::npos);
    parts.published = read(smallFile());
    QVERIFY(reportMarkdown(parts) != text); // it would be there
    parts.facts.attacks.front()->rounds = 3;
    QCOMPARE(reportMarkdown(parts), text);
    QCOMPARE(jsonText(reportJson(parts)), json);
}

QTEST_GUILESS_MAIN(TestReferenceTable)
#include "tst_ReferenceTable.moc"
