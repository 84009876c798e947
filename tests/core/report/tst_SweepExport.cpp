// Heat maps, their colours, the draws' table, and traces read back from disk.

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/report/ColourMap.h"
#include "core/report/SweepExport.h"
#include "core/report/TraceExport.h"
#include "core/report/TraceRead.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <cmath>
#include <fstream>
#include <limits>

using namespace crossiter;

namespace fs = std::filesystem;

namespace {

/// Relative luminance of sRGB (IEC 61966-2-1).
double luminance(const std::array<std::uint8_t, 3>& rgb)
{
    const auto linear = [](double byte) {
        const double s = byte / 255.0;
        return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

SweepResult sweepOfFour()
{
    SweepResult result;
    result.request.models = { "a", "b" };
    result.request.sizes = { 100, 200, 299 };
    result.request.subSteps = { 0, 4 };
    result.request.trueLabel = 3;
    result.request.defense = parseDefense("dropout;samples=10");
    for (const int size : { 100, 200, 299 }) {
        SweepCell cell;
        cell.size = size;
        cell.label = 7;
        cell.probability = 0.5;
        cell.trueProbability = size / 299.0;
        cell.trueTop1 = wilson(static_cast<std::size_t>(size) / 100, 10);
        cell.flipRate = 0.25;
        result.cells.push_back(cell);
    }
    return result;
}

AttackTrace traceOfTwo()
{
    AttackTrace trace;
    trace.request = defaultRequest(Method::CrossIterativeTarget);
    trace.request.target = 9;
    trace.request.trueLabel = 8;
    trace.request.seed = 18446744073709551615ULL;
    trace.clean = Image(kImageSide, kImageSide);
    for (int i = 0; i < 2; ++i) {
        auto subStep = std::make_shared<SubStep>();
        subStep->index = i;
        subStep->round = i;
        subStep->exported = trace.clean;
        subStep->exported.rgb[5] = static_cast<std::uint8_t>(i);
        if (i == 1) {
            subStep->source = "net";
            subStep->attackedLabel = 9;
            subStep->descends = true;
            subStep->loss = 1.5;
            subStep->linfExported = 1;
            subStep->linfFloatPx = 1.25;
        }
        trace.subSteps.push_back(subStep);
    }
    return trace;
}

std::string problemOf(const fs::path& path)
{
    try {
        (void)readTrace(path);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? error.what() : "wrong kind";
    }
    return "no error";
}

} // namespace

class tst_SweepExport : public QObject
{
    Q_OBJECT

private slots:
    void coloursRiseInLightness()
    {
        QVERIFY((heatColour(0.0) == std::array<std::uint8_t, 3> { 0x00, 0x20, 0x4d }));
        QVERIFY((heatColour(1.0) == std::array<std::uint8_t, 3> { 0xff, 0xea, 0x46 }));
        double before = -1.0;
        for (int i = 0; i <= 100; ++i) {
            const double now = luminance(heatColour(i / 100.0));
            QVERIFY2(now > before, qPrintable(QString::number(i)));
            before = now;
        }
        QVERIFY(heatColour(-5.0) == heatColour(0.0));
        QVERIFY(heatColour(7.0) == heatColour(1.0));
        QVERIFY(heatColour(std::numeric_limits<double>::quiet_NaN()) == heatColour(0.0));
    }

    void heatMapShowsItsCells()
    {
        const SweepResult result = sweepOfFour();
        const Image map = sweepHeatMap(result, 0);
        QCOMPARE(map.width, 3 * 32);
        QCOMPARE(map.height, 2 * 32);
        const auto at = [&](int x, int y) {
            const std::size_t place = map.offset(x, y);
            return std::array<std::uint8_t, 3> { map.rgb[place], map.rgb[place + 1],
                map.rgb[place + 2] };
        };
        QVERIFY(at(0, 0) == heatColour(100.0 / 299.0));
        QVERIFY(at(63, 31) == heatColour(200.0 / 299.0));
        QVERIFY(at(64, 31) == heatColour(1.0));
        QVERIFY((at(0, 32) == std::array<std::uint8_t, 3> { 255, 255, 255 })); // no such cell
        SweepResult unlabelled = result;
        unlabelled.request.trueLabel.reset();
        QVERIFY(sweepHeatMap(unlabelled, 0).rgb[0] == heatColour(0.5)[0]);
        // Many columns still have a pixel each.
        SweepResult wide = result;
        wide.request.sizes.clear();
        for (int size = 1; size <= 299; ++size)
            wide.request.sizes.push_back(size);
        QCOMPARE(sweepHeatMap(wide, 0).width, 2 * 299);
    }

    void drawsTable()
    {
        const std::string text = sweepDrawsCsv(sweepOfFour());
        QVERIFY(text.starts_with("substep,size,model,hits,draws,share,low,high,flip_rate\n"
                                 "0,100,a,1,10,0.1,0.0178762131,0.404150027,0.25\n"));
        SweepResult unlabelled = sweepOfFour();
        for (SweepCell& cell : unlabelled.cells)
            cell.trueTop1 = {};
        QVERIFY(sweepDrawsCsv(unlabelled).find("0,100,a,,10,,,,0.25\n") != std::string::npos);
    }

    void tracesComeBack()
    {
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        const AttackTrace trace = traceOfTwo();
        (void)writeTrace(root, "photo", trace, {});
        const auto found = readTrace(root / "photo.trace.json");
        QCOMPARE(found->subSteps.size(), std::size_t(2));
        QVERIFY(found->clean == trace.clean);
        QVERIFY(found->request.method == trace.request.method);
        QCOMPARE(found->request.sources, trace.request.sources);
        QCOMPARE(found->request.target, trace.request.target);
        QCOMPARE(found->request.trueLabel, trace.request.trueLabel);
        QCOMPARE(found->request.seed, trace.request.seed);
        const SubStep& last = found->last();
        QVERIFY(last.exported == trace.last().exported);
        QCOMPARE(last.source, std::string("net"));
        QCOMPARE(last.attackedLabel, 9);
        QVERIFY(last.descends);
        QCOMPARE(last.loss, 1.5);
        QCOMPARE(last.linfFloatPx, 1.25);
        QCOMPARE(found->subSteps[0]->attackedLabel, -1);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(readTrace(root / "photo.trace.json", stop.get_token()) == nullptr);
    }

    void damagedTracesAreRefused()
    {
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        (void)writeTrace(root, "photo", traceOfTwo(), {});
        const fs::path file = root / "photo.trace.json";
        const auto bytes = readFile(file, 1U << 20U);
        const std::string good(bytes.begin(), bytes.end());
        const auto with = [&](const std::string& from, const std::string& to) {
            std::string text = good;
            const std::size_t at = text.rfind(from);
            if (at == std::string::npos)
                return std::string("not in the file: ") + from;
            std::ofstream(file) << text.replace(at, from.size(), to);
            return problemOf(file);
        };
        for (const auto& [from, to, part] :
            { std::tuple("\"label\": 9", "\"label\": 1001", "substeps[1].label"),
                std::tuple("\"substep\": 1", "\"substep\": 2", "substeps[1].substep"),
                std::tuple("photo.sub-step-1.png", "../photo.png", "substeps[1].exported"),
                std::tuple("photo.sub-step-1.png", "gone.png", "gone.png"),
                std::tuple("\"epsilon\"", "\"epsi\"", "request.epsilon"),
                std::tuple("cross-iterative-target", "unheard-of", "unheard-of"),
                std::tuple("\"substeps\": [", R"("substeps": 3, "x": [)", "substeps") }) {
            const std::string found = with(from, to);
            QVERIFY2(found.find(part) != std::string::npos, found.c_str());
        }
        std::ofstream(file) << good.substr(0, good.size() / 2);
        QVERIFY(problemOf(file).find("no trace of CrossIter") != std::string::npos);
        std::ofstream(file) << "[]";
        QVERIFY(problemOf(file).find("an object") != std::string::npos);
        QVERIFY(problemOf(root / "none.json").find("none.json") != std::string::npos);
    }

    void anIncompleteSweepSaysSo()
    {
        const QTemporaryDir folder;
        const auto textOf = [](const fs::path& file) {
            const auto bytes = readFile(file, 1 << 20);
            return std::string(bytes.begin(), bytes.end());
        };
        const fs::path root = folder.path().toStdString();
        SweepResult sweep = sweepOfFour(); // 3 of 2 sub-steps x 3 sizes x 2 models
        QVERIFY(!sweep.complete());
        const std::string part =
            textOf(writeViewProvenance(root / "sweep.csv", traceOfTwo(), {}, "none", &sweep));
        for (const char* line : { "\"complete\": false", "\"cells\": 3", "\"cells_planned\": 12" })
            QVERIFY2(part.find(line) != std::string::npos, part.c_str());
        (void)writeSweep(root, sweep, "photo.png", {}, nullptr);
        QVERIFY(textOf(root / "sweep.json").find("\"complete\": false") != std::string::npos);
        sweep.cells.resize(12);
        QVERIFY(sweep.complete());
        // What shows no sweep says nothing of one.
        QVERIFY(
            textOf(writeViewProvenance(root / "plot.pdf", traceOfTwo(), {})).find("\"complete\"")
            == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(tst_SweepExport)
#include "tst_SweepExport.moc"
