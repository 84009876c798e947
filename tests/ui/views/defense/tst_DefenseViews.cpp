// The Defense tab's parts by themselves: its settings as values, its plots on made cells, its bars.
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/QtImage.h"
#include "ui/viewmodels/PredictionModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/defense/DefenseControls.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/defense/DefenseResults.h"
#include "ui/views/defense/DrawsBar.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/ImagePanes.h"

#include <QCheckBox>
#include <QDockWidget>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>
#include <qcustomplot.h>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// Three sub-steps, five sizes, models a (source) and c (judge); every probability is another one.
/// The cell of sub-step 2, size 180, model a is missing.
std::shared_ptr<SweepResult> madeSweep()
{
    auto sweep = std::make_shared<SweepResult>();
    sweep->request.models = { "a", "c" };
    sweep->request.sizes = { 60, 120, 180, 240, 299 };
    sweep->request.subSteps = { 0, 1, 2 };
    sweep->request.trueLabel = 252;
    for (int subStep = 0; subStep < 3; ++subStep) {
        for (int at = 0; at < 5; ++at) {
            for (int model = 0; model < 2; ++model) {
                if (subStep == 2 && at == 2 && model == 0)
                    continue;
                SweepCell cell;
                cell.subStep = subStep;
                cell.size = sweep->request.sizes[static_cast<std::size_t>(at)];
                cell.model = model;
                cell.label = 252;
                cell.probability = 0.9;
                cell.trueProbability = 0.01 + 0.2 * subStep + 0.03 * at + 0.015 * model;
                cell.attackedProbability = subStep == 0 ? -1.0 : 0.5 - 0.1 * at;
                sweep->cells.push_back(cell);
            }
        }
    }
    return sweep;
}

} // namespace

class tst_DefenseViews : public QObject
{
    Q_OBJECT

private slots:
    void settingsAreValues();
    void sessionFiles();
    void curveDrawsItsCells();
    void heatMapDrawsItsCells();
    void figuresAreOfTheirOwnSize();
    void axesOfBothHaveTheDigitsTheyNeed();
    void drawsSayWhatTheyHold();
};

void tst_DefenseViews::settingsAreValues()
{
    DefenseRequest defense = defaultDefense();
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 200 → 299"));
    QVERIFY(!firstSize(defense));
    defense = withFirstSize(defense, 250);
    QCOMPARE(firstSize(defense).value_or(0), 250);
    QCOMPARE(sizeOf(defense), 200);
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 250 → 200 → 299"));
    defense = withBackBetween(defense, true);
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 250 → 299 → 200 → 299"));
    QVERIFY2(withFirstSize(withFirstSize(defense, std::nullopt), 250)
            == withFirstSize(withFirstSize(defaultDefense(), std::nullopt), 250),
        "one stage again forgets the way back between");

    DefenseStage jpeg;
    jpeg.kind = StageKind::Jpeg;
    jpeg.value = 75;
    DefenseStage median;
    median.kind = StageKind::Median;
    median.value = 3;
    defense.stages.insert(defense.stages.begin(), jpeg);
    defense.stages.push_back(median);
    QVERIFY((furtherStages(defense) == std::vector<DefenseStage> { jpeg, median }));
    QVERIFY(withFurtherStages(defense, furtherStages(defense)) == defense);
    QVERIFY((furtherStages(withFurtherStages(defense, { median }))
        == std::vector<DefenseStage> { median }));

    QCOMPARE(effective(defaultDefense()).samples, 1);
    DefenseRequest dropout = defaultDefense();
    dropout.dropout = true;
    QCOMPARE(effective(dropout).samples, 100);
    QVERIFY(!isCostly(dropout));
    dropout.batchStatistics = true;
    QVERIFY(isCostly(dropout));

    SweepSizes sizes;
    sizes.from = 100;
    sizes.to = 299;
    sizes.step = 90;
    QVERIFY((sizes.list() == std::vector<int> { 100, 190, 280, 299 }));
    sizes.from = 299;
    QVERIFY((sizes.list() == std::vector<int> { 299 }));
}

void tst_DefenseViews::sessionFiles()
{
    ExplorerState state = defaultState();
    state.defense = withBackBetween(withFirstSize(state.defense, 231), true);
    state.defense = withSize(state.defense, 77);
    state.defense.dropout = true;
    state.defense.keep = 0.75;
    state.defense.samples = 12;
    state.defense.seed = 9;
    DefenseStage jpeg;
    jpeg.kind = StageKind::Jpeg;
    jpeg.value = 40;
    state.defense.stages.push_back(jpeg);
    state.sweepSizes = { 10, 250, 5 };
    state.showDefended = false;
    state.compared = ComparedPair::OriginalDefended;
    const QByteArray text = sessionJson(state, "/x");
    QVERIFY(parseSession(text, "/x/a.json") == state);

    QJsonObject whole = QJsonDocument::fromJson(text).object();
    whole.remove("defense"); // a file from before the Defense tab
    const ExplorerState old = parseSession(QJsonDocument(whole).toJson(), "/x/a.json");
    QVERIFY(old.defense == defaultDefense());
    QVERIFY(old.attack.rounds == state.attack.rounds && old.showDefended);

    const auto mustFail = [&](const char* key, const QJsonValue& value) {
        QJsonObject broken = QJsonDocument::fromJson(text).object();
        QJsonObject defense = broken["defense"].toObject();
        defense[key] = value;
        broken["defense"] = defense;
        try {
            static_cast<void>(parseSession(QJsonDocument(broken).toJson(), "/x/a.json"));
            QFAIL(key);
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains(key), error.what());
        }
    };
    mustFail("stages", "resize=0");
    mustFail("stages", "resize=20o");
    mustFail("sweepFrom", 0);
    mustFail("sweepTo", 9); // below sweepFrom
    mustFail("sweepStep", 0);
    mustFail("compared", "nothing");
    mustFail("pane", 1);
    mustFail("other", 1);
}

void tst_DefenseViews::curveDrawsItsCells()
{
    const auto sweep = madeSweep();
    SweepPlot plot;
    plot.resize(420, 200);
    plot.setModels({ "A", "C" }, { 0, -1 });
    plot.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");
    plot.setSweep(sweep);
    plot.setSubStep(2);
    plot.setSize(200);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    QCOMPARE(plot.curve(0).size(), 4); // one cell is missing
    QCOMPARE(plot.curve(1).size(), 5);
    for (int model = 0; model < 2; ++model) {
        for (const QPointF& point : plot.curve(model)) {
            const SweepCell* cell = sweep->cell(2, qRound(point.x()), model);
            QVERIFY(cell != nullptr);
            QCOMPARE(point.y(), cell->trueProbability);
        }
    }
    plot.setQuantity(SweepQuantity::AttackedLabel, "x");
    QCOMPARE(plot.curve(1).first().y(), 0.5);
    plot.setSubStep(0);
    QVERIFY(plot.curve(1).isEmpty()); // the clean picture attacks nothing
    plot.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");

    QSignalSpy clicked(&plot, &SweepPlot::sizeClicked);
    QTest::qWait(30); // the queued replot lays the axes out
    QTest::mouseClick(plot.findChild<QWidget*>(), Qt::LeftButton, Qt::NoModifier,
        plot.positionOf(120).toPoint() - plot.findChild<QWidget*>()->pos());
    QCOMPARE(clicked.size(), 1);
    QVERIFY2(std::abs(clicked.first().first().toInt() - 120) <= 1, "a pixel is about a size");
    QTest::keyClick(&plot, Qt::Key_Home);
    QCOMPARE(plot.size(), 60);
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(plot.size(), 70);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(plot.size(), 69);
    plot.setBestSize(240);
    QTest::keyClick(&plot, Qt::Key_B);
    QCOMPARE(plot.size(), 240);
    QTest::keyClick(&plot, Qt::Key_End);
    QTest::keyClick(&plot, Qt::Key_Right); // no further
    QCOMPARE(plot.size(), 299);

    QTemporaryDir folder;
    plot.savePlot(folder.filePath("a.png"));
    QVERIFY(!QImage(folder.filePath("a.png")).isNull());
    plot.savePlot(folder.filePath("a.pdf"));
    QFile pdf(folder.filePath("a.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    try {
        plot.savePlot("/proc/nowhere/a.png");
        QFAIL("written to nowhere");
    } catch (const Error& error) {
        QVERIFY(QByteArray(error.what()).contains("/proc/nowhere"));
    }
}

void tst_DefenseViews::heatMapDrawsItsCells()
{
    const auto sweep = madeSweep();
    SweepHeatMap map;
    map.resize(460, 220);
    map.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");
    map.setSweep(sweep);
    map.setModel(0, "A");
    map.setCurrent(1, 200);
    map.show();
    QVERIFY(QTest::qWaitForWindowExposed(&map));
    for (int model = 0; model < 2; ++model) {
        map.setModel(model, "M");
        for (const int subStep : { 0, 1, 2 }) {
            for (const int size : sweep->request.sizes) {
                const SweepCell* cell = sweep->cell(subStep, size, model);
                const auto drawn = map.valueAt(subStep, size);
                QCOMPARE(drawn.has_value(), cell != nullptr);
                if (cell != nullptr)
                    QCOMPARE(*drawn, cell->trueProbability);
            }
        }
    }
    QVERIFY(!map.valueAt(1, 61));
    QVERIFY(!map.valueAt(3, 60));

    QTest::qWait(30);
    QSignalSpy clicked(&map, &SweepHeatMap::cellClicked);
    auto* surface = map.findChild<QWidget*>();
    QTest::mouseClick(
        surface, Qt::LeftButton, Qt::NoModifier, map.positionOf(2, 120).toPoint() - surface->pos());
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked.first(), (QList<QVariant> { 2, 120 }));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.size(), 180);
    QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(map.subStep(), 1);
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(map.size(), 299);
    QTest::keyClick(&map, Qt::Key_Right); // no further
    QTest::keyClick(&map, Qt::Key_Up);
    QTest::keyClick(&map, Qt::Key_Up); // no further
    QCOMPARE(map.subStep(), 2);
    QCOMPARE(clicked.last(), (QList<QVariant> { 2, 299 }));

    // The colours: a brighter cell is a likelier one, an empty one is none of the map's colours.
    map.setModel(0, "A");
    map.setCurrent(0, 60);
    const QImage picture = map.grabImage();
    const auto colorAt = [&](int subStep, int size) {
        return picture.pixelColor(map.positionOf(subStep, size).toPoint() - surface->pos());
    };
    const auto light = [](const QColor& c) {
        return 0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF();
    };
    QVERIFY(light(colorAt(2, 299)) > light(colorAt(1, 299)));
    QVERIFY(light(colorAt(1, 299)) > light(colorAt(0, 299)));
    const QColor empty = colorAt(2, 180);
    QVERIFY2(std::abs(empty.red() - empty.blue()) < 24, qPrintable(empty.name()));

    map.setSweep(nullptr);
    QVERIFY(!map.valueAt(0, 60));
    QTest::keyClick(&map, Qt::Key_Right); // nowhere to go
}

void tst_DefenseViews::figuresAreOfTheirOwnSize()
{
    QTemporaryDir folder;
    const auto bytesOf = [&](const QString& name) {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    SweepPlot curve;
    SweepHeatMap map;
    curve.setModels({ "Lite1", "Lite2" }, { 0, -1 });
    curve.setBestSize(120);
    map.setModel(0, "Lite1");
    for (SweepChart* chart : { static_cast<SweepChart*>(&curve), static_cast<SweepChart*>(&map) }) {
        chart->setQuantity(SweepQuantity::TrueLabel, "Dalmatian");
        chart->setSweep(madeSweep());
        chart->savePlot(folder.filePath("small.png"));
        chart->savePlot(folder.filePath("small.svg"));
        chart->setTheme(makeTheme(ThemeKind::Dark));
        chart->resize(150, 80);
        map.setCurrent(2, 180);
        curve.setSize(77);
        chart->savePlot(folder.filePath("again.png"));
        chart->savePlot(folder.filePath("again.svg"));
        QCOMPARE(QImage(folder.filePath("small.png")).size(), QSize(1600, 900));
        QVERIFY(bytesOf("small.png") == bytesOf("again.png"));
        const QByteArray svg = bytesOf("small.svg");
        QVERIFY(svg == bytesOf("again.svg"));
        for (const char* word : { "Dalmatian", "resize size, px", "probability", "Lite1" })
            QVERIFY2(svg.contains(word), word);
        QVERIFY2(svg.contains("not complete: 29 of 30"), "a figure says what is missing");
        const auto whole = madeSweep();
        SweepCell last = whole->cells.back();
        last.size = 180;
        last.model = 0;
        whole->cells.push_back(last);
        chart->setSweep(whole);
        chart->savePlot(folder.filePath("whole.svg"));
        QVERIFY(!bytesOf("whole.svg").contains("complete"));
    }
    QVERIFY2(bytesOf("small.svg").contains("sub-step"), "the heat map's upright axis");
}

void tst_DefenseViews::axesOfBothHaveTheDigitsTheyNeed()
{
    SweepPlot curve;
    SweepHeatMap map;
    const auto axesOf = [](QWidget& chart) {
        auto* plot = chart.findChild<QCustomPlot*>();
        QList<QCPAxis*> axes = { plot->yAxis };
        for (QCPLayoutElement* element : plot->plotLayout()->elements(false))
            if (auto* scale = qobject_cast<QCPColorScale*>(element))
                axes = { scale->axis() };
        return axes;
    };
    for (QWidget* chart : { static_cast<QWidget*>(&curve), static_cast<QWidget*>(&map) }) {
        chart->resize(400, 260);
        auto* plot = chart->findChild<QCustomPlot*>();
        for (QCPAxis* axis : axesOf(*chart)) {
            for (const double top : { 0.1, 0.2, 0.3, 0.5, 0.8, 1.02 }) {
                axis->setRange(0.0, top);
                plot->replot(QCustomPlot::rpImmediateRefresh);
                const QVector<QString> labels = axis->tickVectorLabels();
                const QVector<double> ticks = axis->tickVector();
                QVERIFY(!ticks.isEmpty());
                for (int i = 0; i < ticks.size(); ++i) {
                    QVERIFY2(std::abs(labels.at(i).toDouble() - ticks[i]) < 1e-9,
                        qPrintable(labels.at(i)));
                }
            }
        }
    }
}

void tst_DefenseViews::drawsSayWhatTheyHold()
{
    DrawsBar bar(Qt::red);
    bar.setDraws(nullptr, true, 252);
    QVERIFY(bar.text().contains("not computed"));
    auto draws = std::make_shared<DefendedPrediction>();
    draws->mean = prediction("a", 252, 0.5F);
    for (int i = 0; i < 40; ++i)
        draws->drawTop1.push_back(i < 30 ? 252 : 276);
    draws->trueTop1 = wilson(30, 40);
    draws->flipRate = 0.25;
    bar.setDraws(draws, true, 252);
    QVERIFY2(bar.text().contains("40 draws") && bar.text().contains("true 75 % [60, 86]")
            && bar.text().contains("flips 25 %"),
        qPrintable(bar.text()));
    QVERIFY2(
        bar.accessibleDescription().contains("10 of 40"), qPrintable(bar.accessibleDescription()));
    draws->trueTop1 = {};
    bar.setDraws(draws, true, std::nullopt);
    QVERIFY2(!bar.text().contains("true"), "no true label, no share of it");
    bar.setDraws(draws, false, 252);
    QVERIFY(bar.text().contains("nothing is random"));
}

QTEST_MAIN(tst_DefenseViews)
#include "tst_DefenseViews.moc"
