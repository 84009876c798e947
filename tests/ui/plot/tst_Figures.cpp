// Every plot as a figure: of its own size, as vectors too, the same whatever the window looks like.
// With CROSSITER_FIGURES=FOLDER the files stay there, for the eye.
#include "core/defense/DefendResult.h"
#include "ui/plot/LeakTracks.h"
#include "ui/plot/ScoreMatrixPlot.h"
#include "ui/plot/StudyPlot.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/plot/TrajectoryPlot.h"

#include <QTemporaryDir>
#include <QTest>
#include <qcustomplot.h>

#include <cmath>
#include <functional>
#include <memory>

#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// A plot in its two looks: as it is first, then small, dark and elsewhere.
struct Case
{
    std::function<void(const QString&)> save;
    std::function<void()> change;
    QStringList words; ///< that the SVG must hold
};

std::shared_ptr<SweepResult> sweepOf(int sizes)
{
    auto sweep = std::make_shared<SweepResult>();
    sweep->request.models = { "a", "c" };
    sweep->request.trueLabel = 252;
    for (int i = 0; i < sizes; ++i)
        sweep->request.sizes.push_back(32 + i * 4);
    for (int subStep = 0; subStep < 11; ++subStep) {
        sweep->request.subSteps.push_back(subStep);
        for (const int size : sweep->request.sizes) {
            for (int model = 0; model < 2; ++model) {
                SweepCell cell;
                cell.subStep = subStep;
                cell.size = size;
                cell.model = model;
                cell.label = 252;
                cell.trueProbability = 0.16 * std::pow(std::sin(size / 50.0 + model), 2.0);
                sweep->cells.push_back(cell);
            }
        }
    }
    return sweep;
}

QVector<BandCurve> curvesOf(int count)
{
    QVector<BandCurve> curves;
    for (int i = 0; i < count; ++i) {
        BandCurve curve;
        curve.name = QStringLiteral("rule %1, a name that is long").arg(i);
        curve.rule = static_cast<LabelRule>(i % 5);
        curve.ball = i % 2 == 1;
        for (int round = 0; round <= 10; ++round) {
            const double value = 0.02 + 0.01 * i + 0.2 / (1 + round);
            curve.rounds << round;
            curve.values << value;
            curve.low << value - 0.01;
            curve.high << value + 0.01;
        }
        curves << curve;
    }
    return curves;
}

QVector<LeakRow> rowsOf(int count)
{
    QVector<LeakRow> rows;
    for (int i = 0; i < count; ++i) {
        LeakRow row;
        row.name = QStringLiteral("rule %1").arg(i);
        row.note = QStringLiteral("back at 2");
        row.trace = makeTrace(5, 10);
        row.planned = 10;
        row.shown = i == 1;
        rows << row;
    }
    return rows;
}

} // namespace

class tst_Figures : public QObject
{
    Q_OBJECT

private slots:
    void everyPlotIsAFigure();
    void tracksGrowWithTheirRows();

private:
    void check(const QString& name, const Case& plot);

    QTemporaryDir m_folder;
};

void tst_Figures::check(const QString& name, const Case& plot)
{
    const QString kept = qEnvironmentVariable("CROSSITER_FIGURES");
    const QDir folder(kept.isEmpty() ? m_folder.path() : kept);
    const auto written = [&](const QString& ending) {
        const QString path = folder.filePath(name + QLatin1Char('.') + ending);
        plot.save(path);
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const QByteArray png = written("png");
    const QByteArray svg = written("svg");
    QVERIFY2(written("pdf").startsWith("%PDF-"), qPrintable(name));
    const QImage picture = QImage::fromData(png);
    QVERIFY2(picture.width() >= 300 && picture.height() >= 200, qPrintable(name));
    QCOMPARE(qRound(picture.dotsPerMeterX() * 0.0254), 192);
    QVERIFY2(picture.pixelColor(0, 0).lightness() > 200, "light, for paper");
    for (const QString& word : plot.words)
        QVERIFY2(svg.contains(word.toHtmlEscaped().toUtf8()), qPrintable(name + ": " + word));
    plot.change();
    QVERIFY2(written("png") == png, qPrintable(name));
    QVERIFY2(written("svg") == svg, qPrintable(name));
}

void tst_Figures::everyPlotIsAFigure()
{
    const Theme dark = makeTheme(ThemeKind::Dark);
    TrajectoryPlot trajectory;
    trajectory.setModelNames({ "a", "b", "c" }, { "Lite1", "Lite0", "Lite2" });
    trajectory.setTrace(makeTrace(5, 10));
    trajectory.setTrueLabel(252);
    check("trajectory",
        { [&](const QString& path) { trajectory.savePlot(path); },
            [&] {
                trajectory.setTheme(dark);
                trajectory.resize(320, 130);
                trajectory.setCurrent(4);
            },
            { "Lite1 (source 1)", "Lite2 (judge only)", "sub-step", "probability", "0.2" } });

    SweepPlot curve;
    SweepHeatMap map;
    curve.setModels({ "Lite1", "Lite2" }, { 0, -1 });
    curve.setSubStep(10);
    curve.setBestSize(104);
    map.setModel(0, "Lite1");
    for (SweepChart* chart : { static_cast<SweepChart*>(&curve), static_cast<SweepChart*>(&map) }) {
        chart->setQuantity(SweepQuantity::TrueLabel, "goose");
        chart->setSweep(sweepOf(60));
        check(chart == &map ? "heat-map" : "sweep",
            { [&](const QString& path) { chart->savePlot(path); },
                [&] {
                    chart->setTheme(dark);
                    chart->resize(120, 80);
                    map.setCurrent(3, 100);
                    curve.setSize(50);
                },
                { "goose", "resize size, px", "probability", "0.05" } });
    }

    StudyPlot study;
    study.setCurves(curvesOf(10), "accuracy", 10);
    study.setCurveShown(3, false);
    check("study",
        { [&](const QString& path) { study.savePlot(path); },
            [&] {
                study.setTheme(dark);
                study.resize(240, 120);
            },
            { "rule 0, a name that is long", "rule 9, a name that is long", "accuracy",
                "round" } });

    LeakTracks tracks;
    tracks.setModels({ "a", "b", "c" }, { "Lite1", "Lite0", "Lite2" }, { 0, 1, -1 });
    tracks.setLabels(252, std::nullopt);
    tracks.setRows(rowsOf(4));
    check("tracks",
        { [&](const QString& path) { saveFigure(tracks.figure(), path); },
            [&] {
                tracks.setTheme(dark);
                tracks.resize(300, 200);
                tracks.setCurrent(7);
            },
            { "rule 0", "rule 3", "back at 2", "sub-step" } });

    ScoreMatrixPlot matrix;
    ScoreSheet sheet;
    sheet.title = "Hits on the true class";
    sheet.matrix.rows = { "attack_one", "attack_two" };
    sheet.matrix.columns = { "x", "y" };
    sheet.matrix.cells = { 5, 1, 2, 8 };
    sheet.most = 10;
    sheet.rowScores = { 4, 9 };
    sheet.columnScores = { 3, 1 };
    matrix.setSheet(sheet);
    check("matrix",
        { [&](const QString& path) { matrix.saveMatrix(path); },
            [&] {
                matrix.setTheme(dark);
                matrix.resize(100, 80);
            },
            { "attack_one", "Hits on the true class" } });
}

void tst_Figures::tracksGrowWithTheirRows()
{
    LeakTracks tracks;
    tracks.setModels({ "a", "b", "c" }, { "Lite1", "Lite0", "Lite2" }, { 0, 1, -1 });
    tracks.setLabels(252, std::nullopt);
    tracks.setRows(rowsOf(30));
    const QImage picture = figureImage(tracks.figure());
    QVERIFY2(picture.height() > 30 * 50 * 2, "every row has its room");
}

QTEST_MAIN(tst_Figures)
#include "tst_Figures.moc"
