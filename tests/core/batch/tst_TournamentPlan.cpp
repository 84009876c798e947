#include "core/base/Error.h"
#include "core/batch/SeedPlan.h"
#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentRunner.h"
#include "core/report/JsonValues.h"
#include "core/report/TournamentReport.h"

#include <QtTest>

#include <algorithm>
#include <map>

#include "tests/core/batch/FakeTournament.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

constexpr const char* kMinimal = R"({"version": 1, "dataset": {"folder": "images"},
    "attacks": [{"name": "a", "method": "noop"}],
    "defenses": [{"name": "d", "model": "m"}]})";

TournamentPlan parse(const Json& json)
{
    return parsePlan(json.dump(), "plan.json", "/data");
}

/// The complaint about a plan; empty: accepted.
QString complaint(const std::string& text)
{
    try {
        static_cast<void>(parsePlan(text, "plan.json", "/data"));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            return "wrong kind of error";
        return error.what();
    }
    return {};
}

QString complaint(const Json& json)
{
    return complaint(json.dump());
}

Json schema()
{
    return Json::parse(textOf(sourceDir() / "docs" / "plan.schema.json"));
}

/// A plan that holds `value` under `key` of the schema's object `definition` ("" = the plan).
Json planWith(const std::string& definition, const std::string& key, const Json& value)
{
    Json plan = Json::parse(kMinimal);
    if (definition.empty())
        plan[key] = value;
    else if (definition == "dataset")
        plan["dataset"][key] = value;
    else if (definition == "left-out") {
        Json row = { { "name", "x" }, { "reason", "y" } };
        row[key] = value;
        plan["left-out"] = Json::array({ row });
    } else {
        Json& object = plan[definition == "attack" ? "attacks" : "defenses"][0];
        if (definition == "attack")
            object["method"] = "cross-iterative"; // takes every option
        if (key == "submission" || key == "time-limit") {
            object.erase("method");
            object.erase("model");
            object["submission"] = "folder";
        }
        object[key] = value;
        if (key == "label-rule" && value == "target")
            object["method"] = "iter-target";
        if (key == "target")
            object["method"] = "iter-target";
    }
    if (definition == "dataset" && key == "order" && value == "csv")
        plan["dataset"]["csv"] = "a.csv";
    if (definition == "dataset" && key == "label-base")
        plan["dataset"]["labels"] = "a.csv";
    if (definition == "dataset" && key == "target-base")
        plan["dataset"]["targets"] = "a.csv";
    return plan;
}

} // namespace

class TestTournamentPlan : public QObject
{
    Q_OBJECT

private slots:
    void defaultsOfAMinimalPlan();
    void exampleIsRead();
    void canonicalTextReadsBack();
    void badPlans_data();
    void badPlans();
    void modelsAreNamedWithTheirKey();
    void schemaSaysWhatTheParserTakes();
    void requestsFollowTheirImage();
    void seedPlanHasEveryRowOnce();
    void notesStayOneLineOfText();
    void factsNameWhatCanBeCompared();
};

void TestTournamentPlan::defaultsOfAMinimalPlan()
{
    const TournamentPlan plan = parsePlan(kMinimal, "plan.json", "/data");
    QCOMPARE(*plan.epsilon255, 16);
    QVERIFY(!plan.official);
    QCOMPARE(plan.compute.threads, 1);
    QVERIFY(plan.clean);
    QVERIFY(!plan.allClassification);
    QCOMPARE(plan.dataset.folder, std::filesystem::path("/data/images"));
    Json official = Json::parse(kMinimal);
    official["mode"] = "official";
    QVERIFY(!parse(official).epsilon255.has_value());
    official["epsilon"] = 8;
    QCOMPARE(*parse(official).epsilon255, 8);
}

void TestTournamentPlan::exampleIsRead()
{
    const TournamentPlan plan = readPlan(sourceDir() / "docs" / "plan.example.json");
    QCOMPARE(plan.attacks.size(), std::size_t(5));
    QCOMPARE(plan.targetedAttacks.size(), std::size_t(1));
    QCOMPARE(plan.defenses.size(), std::size_t(3));
    QCOMPARE(plan.dataset.csv, sourceDir() / "docs" / "dev_dataset.csv");
    QCOMPARE(plan.attacks[4].external->folder, sourceDir() / "docs" / "submissions" / "mine");
    QCOMPARE(*plan.attacks[2].options.rounds, 2);
    QVERIFY(plan.defenses[1].defense.batchStatistics);
}

void TestTournamentPlan::canonicalTextReadsBack()
{
    const TournamentPlan plan = readPlan(sourceDir() / "docs" / "plan.example.json");
    const std::string text = planText(plan);
    QVERIFY(parsePlan(text, "plan.json", "/elsewhere") == plan);
    QCOMPARE(planText(parsePlan(text, "plan.json", "/elsewhere")), text);
    PlanDataset dataset;
    dataset.folder = "/data/images";
    const TournamentPlan seed = seedPlan(dataset, { "x", "" }, false, false);
    QVERIFY(parsePlan(planText(seed), "plan.json", "/") == seed);
    dataset.labels = "/data/labels.csv";
    dataset.labelBase = 0;
    dataset.targets = "/data/targets.csv";
    dataset.targetBase = 1;
    const TournamentPlan embedded = embeddedPlan(dataset);
    QVERIFY(parsePlan(planText(embedded), "plan.json", "/") == embedded);
    QCOMPARE(embedded.attacks.size() + embedded.targetedAttacks.size(), std::size_t(6));
    QCOMPARE(embedded.defenses.size(), std::size_t(6));
}

void TestTournamentPlan::badPlans_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    const auto with = [](const std::string& definition, const std::string& key, const Json& value) {
        return QString::fromStdString(planWith(definition, key, value).dump());
    };
    const auto without = [](const std::string& key) {
        Json plan = Json::parse(kMinimal);
        plan.erase(key);
        return QString::fromStdString(plan.dump());
    };
    QTest::newRow("no JSON") << "{\"version\": 1,"
                             << "the plan is no JSON, plan.json";
    QTest::newRow("empty") << ""
                           << "the plan is no JSON";
    QTest::newRow("list") << "[]"
                          << "plan.json: expected an object";
    QTest::newRow("no version") << without("version") << "key missing";
    QTest::newRow("no dataset") << without("dataset") << "expected dataset";
    QTest::newRow("no attack") << without("attacks") << "no attack in the plan";
    QTest::newRow("no defense") << without("defenses") << "no defense in the plan";
    QTest::newRow("version 2") << with("", "version", 2)
                               << "plan.json, version: expected 1, found 2";
    QTest::newRow("unknown key") << with("", "epsilom", 4) << "found epsilom";
    QTest::newRow("deep") << std::string(100'000, '[').c_str() << "at most 64 levels";
    QTest::newRow("NUL behind") << QString("{}") + QChar(0) + "x"
                                << "NUL";
    QTest::newRow("beyond a double") << R"({"version": 1e9999})"
                                     << "number out of range, plan.json, key version";
    QTest::newRow("key twice") << R"({"version": 1, "version": 1})"
                               << "key given twice, plan.json, key version";
    QTest::newRow("epsilon text") << with("", "epsilon", "16") << "plan.json, epsilon";
    QTest::newRow("epsilon 256") << with("", "epsilon", 256) << "whole number 0..255, found 256";
    QTest::newRow("epsilon 4.5") << with("", "epsilon", 4.5) << "found 4.5";
    QTest::newRow("threads 0") << with("", "threads", 0) << "whole number 1..1024";
    QTest::newRow("huge number") << with("", "threads", 1e30) << "plan.json, threads";
    QTest::newRow("seed -1") << with("", "seed", -1) << "whole number from 0";
    QTest::newRow("numerics") << with("", "numerics", "double") << "plan.json, numerics";
    QTest::newRow("mode") << with("", "mode", "both") << "official or development";
    QTest::newRow("device") << with("", "device", "gpu") << "plan.json, device";
    QTest::newRow("clean") << with("", "clean", 1) << "true or false";
    QTest::newRow("order without csv") << with("dataset", "order", "CSV") << "dataset.order";
    QTest::newRow("label-base alone")
        << QString(kMinimal).replace("\"images\"", "\"images\", \"label-base\": 0")
        << "dataset.label-base: expected labels beside it";
    QTest::newRow("target-base alone")
        << QString(kMinimal).replace("\"images\"", "\"images\", \"target-base\": 1")
        << "dataset.target-base: expected targets beside it";
    QTest::newRow("label-base 2") << with("dataset", "label-base", 2) << "dataset.label-base";
    QTest::newRow("labels beside csv") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["dataset"]["csv"] = "a.csv";
        plan["dataset"]["labels"] = "b.csv";
        return plan.dump();
    }()) << "csv alone, or labels and targets";
    QTest::newRow("rounds") << with("attack", "rounds", 1001)
                            << "plan.json, attacks[0].rounds: expected a whole number 0..1000";
    QTest::newRow("step") << with("attack", "step", "big") << "attacks[0].step";
    QTest::newRow("method") << with("attack", "method", "magic") << "attacks[0].method";
    QTest::newRow("even translation") << with("attack", "translation", 4) << "attacks[0]";
    QTest::newRow("through") << with("attack", "through", "resize=300") << "attacks[0].through";
    QTest::newRow("source list") << with("attack", "source", Json::array()) << "attacks[0].source";
    QTest::newRow("source number") << with("attack", "source", 3) << "attacks[0].source";
    QTest::newRow("target of a non-targeted rule") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["attacks"][0]["target"] = 3;
        return plan.dump();
    }()) << "a target is for the label rule target";
    QTest::newRow("untargeted in the targeted list") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["targeted-attacks"] = Json::array({ { { "name", "t" }, { "method", "fgsm" } } });
        return plan.dump();
    }()) << "not a targeted attack";
    QTest::newRow("name with a slash") << with("attack", "name", "../x") << "attacks[0].name";
    QTest::newRow("name with a comma") << with("defense", "name", "a,b") << "defenses[0].name";
    QTest::newRow("name of a formula") << with("defense", "name", "=1+1") << "defenses[0].name";
    QTest::newRow("name twice") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["defenses"].push_back(plan["defenses"][0]);
        return plan.dump();
    }()) << "name twice in the plan, plan.json, defenses[1].name";
    QTest::newRow("defense text") << with("defense", "defense", "wish") << "defenses[0].defense";
    QTest::newRow("no model") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["defenses"][0].erase("model");
        return plan.dump();
    }()) << "plan.json, defenses[0]: expected model";
    QTest::newRow("time limit alone") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["defenses"][0]["time-limit"] = 5;
        return plan.dump();
    }()) << "defenses[0].time-limit";
    QTest::newRow("hidden character in a name") << with("attack", "name",
        "n\xE2\x80\xAE|x") << "not usable as a file name, plan.json, attacks[0].name: expected ";
    QTest::newRow("misspelt rule")
        << with("attack", "save", "flor") << "plan.json, attacks[0].save: expected floor";
    QTest::newRow("long path") << with("dataset", "folder", std::string(300, 'y'))
                               << "plan.json, dataset.folder: expected a path of at most 4095";
    QTest::newRow("time limit 0") << with("attack", "time-limit", 0) << "number 1.0..1000000.0";
    QTest::newRow("options beside a submission") << QString::fromStdString([] {
        Json plan = Json::parse(kMinimal);
        plan["attacks"][0]["submission"] = "folder";
        return plan.dump();
    }()) << "unknown key in the plan, plan.json, attacks[0]";
}

void TestTournamentPlan::badPlans()
{
    QFETCH(QString, text);
    QFETCH(QString, says);
    const QString said = complaint(text.toStdString());
    QVERIFY2(said.contains(says), qPrintable(said));
    QVERIFY2(said.contains("plan.json"), qPrintable(said));
    QVERIFY(!said.contains('\n'));
}

void TestTournamentPlan::modelsAreNamedWithTheirKey()
{
    Json json = Json::parse(kMinimal);
    json["attacks"][0] = { { "name", "a" }, { "method", "fgsm" }, { "source", { "x" } } };
    const TournamentPlan plan = parse(json);
    for (const auto& [bad, place] : { std::pair("x", "p.json, attacks[0].source"),
             std::pair("m", "p.json, defenses[0].model") }) {
        try {
            checkPlanModels(plan, "p.json", [unknown = std::string(bad)](const std::string& id) {
                if (id == unknown)
                    throw Error(ErrorKind::BadInput, "unknown model", {}, "a", "'" + id + "'");
            });
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.place(), std::string(place));
        }
    }
}

void TestTournamentPlan::schemaSaysWhatTheParserTakes()
{
    const Json whole = schema();
    std::map<std::string, Json> objects { { "", whole } };
    for (const auto& [name, definition] : whole["$defs"].items())
        objects[name] = definition;
    QCOMPARE(objects.size(), std::size_t(5));
    int properties = 0;
    for (const auto& entry : objects) {
        const std::string& name = entry.first; // clang 14: a lambda cannot capture a binding
        const Json& object = entry.second;
        QCOMPARE(object["additionalProperties"], Json(false));
        QVERIFY2(!complaint(planWith(name, "invented", 1)).isEmpty(), name.c_str());
        for (const auto& property : object["properties"].items()) {
            const std::string& key = property.key();
            const Json& rule = property.value();
            ++properties;
            const auto accepted = [&](const Json& value) {
                const QString said = complaint(planWith(name, key, value));
                QVERIFY2(said.isEmpty(),
                    (name + "." + key + " = " + value.dump() + ": " + said.toStdString()).c_str());
            };
            const auto refused = [&](const Json& value) {
                QVERIFY2(!complaint(planWith(name, key, value)).isEmpty(),
                    (name + "." + key + " = " + value.dump() + " is accepted").c_str());
            };
            refused(Json::object({ { "an", "object" } }));
            if (rule.contains("enum")) {
                for (const Json& value : rule["enum"])
                    if (key != "method"
                        || (value != "cross-iterative-target" && value != "step-target"
                            && value != "iter-target"))
                        accepted(value);
                refused("invented");
            }
            const bool translation = key == "translation";
            if (rule.contains("minimum")) {
                accepted(rule["minimum"]);
                refused(rule["minimum"].get<double>() - 1.0);
                refused(rule["minimum"].get<int>() - 1);
            }
            if (rule.contains("maximum")) {
                accepted(rule["maximum"]);
                refused(rule["maximum"].get<int>() + 1);
            }
            if (rule.value("type", Json()) == "integer") {
                refused(rule["minimum"].get<double>() + 0.5);
                refused("1");
            }
            if (rule.value("type", Json()) == "boolean") {
                accepted(true);
                accepted(false);
                refused("true");
            }
            if (translation)
                refused(2);
        }
    }
    QVERIFY2(properties >= 45, "the schema has lost properties");
    // And nothing that the schema does not know: the parser lists its keys when it meets another.
    for (const auto& [name, object] : objects) {
        const QString said = complaint(planWith(name, "invented", 1));
        const QString list = said.section("expected ", 1).section(", found", 0, 0);
        QStringList known = list.split(", ");
        QStringList described;
        for (const auto& [key, rule] : object["properties"].items())
            described << QString::fromStdString(key);
        known.sort();
        described.sort();
        QCOMPARE(known.join(' '), described.join(' '));
    }
}

void TestTournamentPlan::requestsFollowTheirImage()
{
    TournamentPlan plan = parsePlan(kMinimal, "plan.json", "/data");
    plan.seed = 5;
    plan.compute.threads = 3;
    AttackChoices fgsm;
    fgsm.method = Method::Fgsm;
    QCOMPARE(requestFor(plan, fgsm, 12, 7, {}).stepPx, 12.0);
    QCOMPARE(requestFor(plan, fgsm, 4, 7, {}).stepPx, 4.0);
    QCOMPARE(requestFor(plan, fgsm, 4, 7, {}).seed, std::uint64_t(5));
    QCOMPARE(requestFor(plan, fgsm, 4, 7, {}).compute.threads, 3);
    AttackChoices aimed;
    aimed.method = Method::IterTarget;
    QCOMPARE(*requestFor(plan, aimed, 16, 7, 9).target, 9);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(requestFor(plan, aimed, 16, 7, {})), Error);
    aimed.target = 11;
    QCOMPARE(*requestFor(plan, aimed, 16, 7, 9).target, 11);
    QVERIFY(!requestFor(plan, fgsm, 16, 7, 9).target.has_value());
}

void TestTournamentPlan::seedPlanHasEveryRowOnce()
{
    PlanDataset dataset;
    dataset.folder = "/data";
    for (const bool real : { true, false }) {
        const TournamentPlan plan = seedPlan(dataset, { "ens", "base" }, real, real);
        QVERIFY(plan.leftOut.empty());
        QCOMPARE(plan.attacks.size(), std::size_t(11));
        QCOMPARE(plan.targetedAttacks.size(), std::size_t(4));
        QCOMPARE(plan.defenses.size(), std::size_t(10));
        QCOMPARE(plan.attacks[0].note.empty(), real);
    }
    // One of the two networks is missing: its rows, and those of the pair, are named with a reason.
    const TournamentPlan half = seedPlan(dataset, { "", "base" }, false, true);
    std::map<std::string, std::string> there;
    for (const auto* list : { &half.attacks, &half.targetedAttacks })
        for (const PlanAttack& attack : *list)
            there[attack.name] = "attack";
    for (const PlanDefense& defense : half.defenses)
        there[defense.name] = "defense";
    for (const LeftOut& left : half.leftOut) {
        QVERIFY2(left.reason.find("ens_adv_inception_resnet_v2 not fetched") != std::string::npos,
            left.reason.c_str());
        there[left.name] = "left out";
    }
    int rows = 0;
    for (const SeedTable& table : seedTables()) {
        for (const auto& [name, count] : table.rows) {
            ++rows;
            QVERIFY2(there.count(name) == 1, name.c_str());
        }
        QVERIFY(std::is_sorted(table.rows.begin(), table.rows.end(),
            [](const auto& a, const auto& b) { return a.second > b.second; }));
        QVERIFY(table.rows.front().second <= 1000L * table.opponents);
    }
    QCOMPARE(rows, 29);
    QCOMPARE(there["fgsm_inception_v3"], std::string("attack"));
    QCOMPARE(there["bim_both_2"], std::string("left out"));
}

void TestTournamentPlan::notesStayOneLineOfText()
{
    TournamentPlan plan = parsePlan(kMinimal, "plan.json", "/data");
    plan.attacks.front().note = "one\n# two\n\n<script>x</script> ![p](http://q/r) \x1b[2J|`c`";
    TournamentResult result;
    result.notes = { "\xe2\x80\xae=x.png: not a name\nfor us" };
    result.failures = { { "attack", "a_b", "<i>.png", "line\nbreak | cell" } };
    const QString text = QString::fromStdString(
        reportMarkdown({ factsOf(plan, {}), result.outcome, result.failures, result.notes }));
    for (const char* raw : { "\n# two", "<script>", "![p]", "\x1b", "\xe2\x80\xae", "<i>", "`c`" })
        QVERIFY2(!text.contains(QString::fromUtf8(raw)), raw);
    QVERIFY2(text.contains("one\\\\n# two\\\\n\\\\n&lt;script>"), qPrintable(text));
    QVERIFY2(
        text.contains("- attack a_b, &lt;i>.png: line\\\\nbreak \\| cell\n"), qPrintable(text));
}

void TestTournamentPlan::factsNameWhatCanBeCompared()
{
    TournamentPlan plan = parsePlan(kMinimal, "plan.json", "/data");
    plan.epsilon255 = 8;
    plan.attacks.front().options.rounds = 7;
    plan.attacks.push_back({ "theirs", {}, ExternalSubmission { "/a" }, {} });
    plan.defenses = { { "plain", "lite0", {}, {}, {} },
        { "behind", "lite0", parseDefense("resize=200"), {}, {} },
        { "theirs", {}, {}, ExternalSubmission { "/d" }, {} } };
    const TournamentFacts facts = factsOf(plan, {});
    QCOMPARE(facts.attacks.size(), std::size_t(2));
    QCOMPARE(facts.attacks[0]->rounds, 7);
    QCOMPARE(facts.attacks[0]->epsilon255, 8);
    QVERIFY(!facts.attacks[1]);
    QCOMPARE(facts.networks, (std::vector<std::string> { "lite0", "", "" }));
    plan.epsilon255.reset(); // a budget for each batch
    QVERIFY(!factsOf(plan, {}).attacks[0]);
}

QTEST_GUILESS_MAIN(TestTournamentPlan)
#include "tst_TournamentPlan.moc"
