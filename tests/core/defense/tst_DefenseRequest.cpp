// A defense as text and back, its ranges, the presets, the sizes of a sweep.

#include "core/base/Error.h"
#include "core/defense/DefendResult.h"
#include "core/defense/DefenseFields.h"
#include "core/defense/DefenseRequest.h"
#include "core/defense/SweptSize.h"

#include <QtTest/QtTest>

#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace {

template <typename Work>
QString usageOf(const Work& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Usage ? QString(error.what()) : "wrong kind";
    }
    return "no error";
}

QString parseProblem(const char* text)
{
    return usageOf([&] { (void)parseDefense(text); });
}

} // namespace

class tst_DefenseRequest : public QObject
{
    Q_OBJECT

private slots:
    void textsComeBack_data()
    {
        QTest::addColumn<QString>("text");
        const char* const everything =
            "bits=4;resize=100;jpeg=1;resize=299,1;resize-between;random-pad;dropout=0.123456789;"
            "batch-statistics;samples=10000;seed=7";
        for (const char* text :
            { "", everything, "resize=200", "resize=250,200", "resize=250,200;resize-between",
                "random-pad", "jpeg=75", "bits=3", "median=5", "purify=my-net.v2", "dropout",
                "dropout=0.8", "batch-statistics", "samples=30", "seed=18446744073709551615" })
            QTest::newRow(*text == '\0' ? "none" : text) << QString(text);
    }

    void textsComeBack()
    {
        QFETCH(QString, text);
        const DefenseRequest request = parseDefense(text.toStdString());
        QCOMPARE(QString::fromStdString(defenseText(request)), text);
        QVERIFY(parseDefense(defenseText(request)) == request);
    }

    void readsLoosely()
    {
        QVERIFY(parseDefense("none") == DefenseRequest());
        QVERIFY(parseDefense("  dropout ; resize = 200 ") == parseDefense("resize=200;dropout"));
        QVERIFY(parseDefense("seed=1;samples=1;dropout") == parseDefense("dropout"));
    }

    void stagesKeepTheirOrder()
    {
        const DefenseRequest request = parseDefense("jpeg=50;resize=200;median=3");
        QCOMPARE(request.stages.size(), std::size_t(3));
        QCOMPARE(int(request.stages[0].kind), int(StageKind::Jpeg));
        QCOMPARE(int(request.stages[1].kind), int(StageKind::Resize));
        QCOMPARE(request.stages[1].sizes, std::vector<int> { 200 });
        QCOMPARE(int(request.stages[2].kind), int(StageKind::Median));
        QVERIFY(!(request == parseDefense("resize=200;jpeg=50;median=3")));
    }

    void whatIsWrongIsSaid_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* text, const char* part) {
            QTest::newRow(text) << QString(text) << QString(part);
        };
        row("resize=0", "1..299 pixels, found '0'");
        row("resize=300", "1..299 pixels, found '300'");
        row("resize=250,two", "1..299 pixels, found 'two'");
        row("resize=250,", "1..299 pixels, found ''");
        row("resize=1,1,1,1,1,1,1,1,1", "1 to 8 sizes, found 9");
        row("resize", "value missing");
        row("resize-between", "nothing to resize between");
        row("jpeg=75;resize-between", "nothing to resize between");
        row("resize=200;resize-between;resize-between", "nothing to resize between");
        row("jpeg=0", "1..100");
        row("jpeg=101", "1..100");
        row("bits=0", "1..8");
        row("bits=9", "1..8");
        row("median=1", "3..15");
        row("median=4", "odd number 3..15");
        row("median=17", "3..15");
        row("purify=../x", "not a model id");
        row("random-pad=3", "no value");
        row("random-pad;resize=200", "must be the last stage");
        row("dropout=0", "above 0, at most 1");
        row("dropout=1.1", "above 0, at most 1");
        row("dropout=nan", "above 0, at most 1");
        row("dropout;dropout=0.5", "item given twice");
        row("samples=0", "1..10000, found '0'");
        row("samples=1000000000", "1..10000, found '1000000000'");
        row("samples=99999999999999999999", "1..10000");
        row("seed=-1", "whole number from 0");
        row("rezise=200", "resize=200, resize=250,200");
        row("resize=200;;dropout", "unknown item");
        row("resize=200\n", "1..299");
    }

    void whatIsWrongIsSaid()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        const QString found = parseProblem(text.toStdString().c_str());
        QVERIFY2(found.contains(part), qPrintable(found));
    }

    void everyRowComesBack()
    {
        std::ifstream file(test::sourceDir() / "docs/command-line.md");
        const std::string page { std::istreambuf_iterator<char>(file), {} };
        std::set<std::string> keys;
        for (const DefenseField& field : defenseFields()) {
            const std::string key = field.key;
            QVERIFY2(keys.insert(key).second, field.key);
            QVERIFY(findDefenseField(key) == &field);
            QVERIFY2(page.find("--" + key) != std::string::npos, field.key);
            std::string item = key;
            if (field.isWhole())
                item += "=" + std::to_string(field.low + 2);
            else if (field.value == DefenseField::Value::Needed)
                item += key == "purify" ? "=net" : "=200";
            const std::string text = (key == "resize-between" ? "resize=250,200;" : "") + item;
            QCOMPARE(defenseText(parseDefense(text)), text);
            if (field.stage)
                QVERIFY(&defenseField(*field.stage) == &field);
            if (!field.isWhole())
                continue;
            for (const int value : { field.low, field.high })
                QVERIFY2(parseProblem((key + "=" + std::to_string(value)).c_str()) == "no error",
                    field.key);
            for (const int value : { field.low - 1, field.high + 1 }) {
                const QString said = parseProblem((key + "=" + std::to_string(value)).c_str());
                QVERIFY2(said.contains("out of range, " + QString(field.key)), qPrintable(said));
            }
        }
    }

    void checkCatchesWhatNoTextSays()
    {
        DefenseRequest request;
        request.samples = 0;
        QVERIFY(usageOf([&] { checkDefense(request); }).contains("1..10000 draws, found 0"));
        request.samples = 1'000'000'000;
        QVERIFY(usageOf([&] { checkDefense(request); }).contains("1..10000 draws"));
        request = {};
        request.keep = 0.5;
        QVERIFY(usageOf([&] { checkDefense(request); }).contains("without dropout"));
        request = {};
        request.stages = { DefenseStage() };
        QVERIFY(usageOf([&] { checkDefense(request); }).contains("1 to 8 sizes"));
        request.stages.assign(17, parseDefense("jpeg=3").stages.front());
        QVERIFY(usageOf([&] { checkDefense(request); }).contains("at most 16 stages"));
    }

    void randomIsWhatDiffersFromDrawToDraw()
    {
        QVERIFY(parseDefense("dropout").random());
        QVERIFY(parseDefense("random-pad").random());
        QVERIFY(!parseDefense("resize=200;batch-statistics;jpeg=3;samples=5").random());
    }

    void presetsAreTheSeedsRows()
    {
        std::set<std::string> names;
        for (const DefensePreset& preset : defensePresets()) {
            QVERIFY(names.insert(preset.name).second);
            checkDefense(preset.defense);
            QVERIFY(parseDefense(preset.name) == preset.defense);
            QVERIFY(parseDefense(defenseText(preset.defense)) == preset.defense);
        }
        for (const std::string prefix :
            { "ens_adv_inception_resnet_v2_DropOutFocus", "base_inception_model_drop_resize" }) {
            for (const auto& [size, text] :
                { std::pair("_100", "resize=100"), std::pair("_200", "resize=200"),
                    std::pair("_250", "resize=250"), std::pair("_250_200", "resize=250,200") }) {
                const DefenseRequest found = parseDefense(prefix + size);
                QVERIFY(found == parseDefense(std::string(text) + ";dropout;batch-statistics"));
            }
        }
        for (const DefensePreset& preset : defensePresets())
            QCOMPARE(preset.name.ends_with("_250_200"),
                preset.note.find("no published file") != std::string::npos);
        const DefenseRequest more =
            parseDefense("ens_adv_inception_resnet_v2_DropOutFocus_200;samples=30");
        QCOMPARE(more.samples, 30);
        QVERIFY(more.batchStatistics);
    }

    void sizesOfASweepReplaceTheLast()
    {
        QCOMPARE(defenseText(withSize(parseDefense("resize=200;dropout"), 77)),
            std::string("resize=77;dropout"));
        QCOMPARE(defenseText(withSize(parseDefense("resize=250,200;resize=9"), 77)),
            std::string("resize=250,77;resize=9"));
        QCOMPARE(defenseText(withSize(parseDefense("jpeg=75;random-pad"), 77)),
            std::string("resize=77;jpeg=75;random-pad"));
        QCOMPARE(sizeOf(parseDefense("jpeg=3;resize=250,77")), 77);
        QCOMPARE(sizeOf(parseDefense("dropout")), 299);
        for (const int size : { 0, -1, 300 })
            QVERIFY(usageOf([&] { (void)withSize({}, size); }).contains("1..299 pixels"));
    }

    void sweepSizes()
    {
        QCOMPARE(parseSweepSizes("--sizes", "32:299:1").size(), std::size_t(268));
        QCOMPARE(parseSweepSizes("--sizes", "100:200:50"), (std::vector<int> { 100, 150, 200 }));
        QCOMPARE(parseSweepSizes("--sizes", "100:210:50"), (std::vector<int> { 100, 150, 200 }));
        QCOMPARE(parseSweepSizes("--sizes", "200,100,150:152,100"),
            (std::vector<int> { 100, 150, 151, 152, 200 }));
        for (const char* bad : { "", "0:10:1", "1:300:1", "10:1:1", "1:10:0", "1:2:3:4", "a", "1,",
                 "1:10:x", "1:10:-1", "4294967297" }) {
            const QString found = usageOf([&] { (void)parseSweepSizes("--sizes", bad); });
            QVERIFY2(found.contains("--sizes") && found.contains("expected"), qPrintable(found));
        }
    }

    void resultsFindTheirCells()
    {
        SweepResult result;
        result.request.models = { "a", "b" };
        result.request.subSteps = { 0, 3 };
        result.request.sizes = { 100, 200 };
        const auto add = [&](int subStep, int size, int model, double probability) {
            SweepCell cell;
            cell.subStep = subStep;
            cell.size = size;
            cell.model = model;
            cell.trueProbability = probability;
            result.cells.push_back(cell);
        };
        add(0, 100, 0, 0.9);
        add(3, 100, 0, 0.25);
        add(3, 100, 1, 0.5);
        add(3, 200, 0, 0.75);
        QVERIFY(result.cell(3, 100, 1) == &result.cells[2]);
        QVERIFY(result.cell(0, 200, 0) == nullptr);
        QVERIFY(!result.bestSize()); // true label not known
        result.request.trueLabel = 1;
        QCOMPARE(result.bestSize().value(), 100); // 200 has one of its models only
        add(3, 200, 1, 0.0);
        QCOMPARE(result.bestSize().value(), 200); // a tie goes to the larger size
        result.cells.back().trueProbability = -0.125;
        QCOMPARE(result.bestSize().value(), 100);
    }
};

QTEST_APPLESS_MAIN(tst_DefenseRequest)
#include "tst_DefenseRequest.moc"
