#include "core/base/Error.h"
#include "ui/plot/Figure.h"
#include "ui/plot/StepTicker.h"
#include "ui/plot/TrajectoryPlot.h"

#include <QLabel>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <qcustomplot.h>

#include <algorithm>
#include <cstdlib>

#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::ui;
using crossiter::test::makeTrace;
using crossiter::test::prediction;

namespace {

/// Where the rings stand: (sub-step, probability).
QVector<QPointF> ringsOf(const TrajectoryPlot& plot)
{
    QVector<QPointF> rings;
    const auto* chart = plot.findChild<QCustomPlot*>();
    for (int index = 0; index < chart->graphCount(); ++index) {
        const QCPGraph* graph = chart->graph(index);
        if (graph->scatterStyle().shape() == QCPScatterStyle::ssCircle)
            for (const QCPGraphData& point : *graph->data())
                rings.append({ point.key, point.value });
    }
    return rings;
}

} // namespace

class TestPlot : public QObject
{
    Q_OBJECT

private slots:
    void clickGoesToTheNearestSubStep();
    void dragAndKeysStayInsideWhatIsComputed();
    void noteTellsWhyTheTrueLabelIsBack();
    void ringsStandWhereTheTrueLabelReturns();
    void notesWithoutATrueLabel();
    void traceHasItsSay();
    void cursorMovesTheLine();
    void chipsSwitchSeries();
    void savesPngAndPdf();
    void figureIsNoScreenshot();
    void figureShowsItsWholeLegend();
    void ticksHaveTheDigitsTheyNeed();
    void axesHaveTheDigitsTheyNeed();
    void savingToNowhereNamesThePath();

private:
    /// The plot's canvas: what takes the mouse.
    static QWidget* canvas(TrajectoryPlot& plot, QPoint at) { return plot.childAt(at); }
    static void prepare(TrajectoryPlot& plot, int done)
    {
        plot.setTheme(makeTheme(ThemeKind::Light));
        plot.resize(900, 220);
        plot.setTrace(makeTrace(3, done));
        plot.setTrueLabel(252);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QVERIFY(!plot.grabImage().isNull());
    }
};

void TestPlot::clickGoesToTheNearestSubStep()
{
    TrajectoryPlot plot;
    prepare(plot, 6);
    QSignalSpy clicked(&plot, &TrajectoryPlot::subStepClicked);
    const QPoint at = plot.positionOf(4).toPoint() + QPoint(5, 0);
    QWidget* target = canvas(plot, at);
    QVERIFY(target != nullptr);
    QTest::mouseClick(target, Qt::LeftButton, {}, target->mapFrom(&plot, at));
    QCOMPARE(clicked.count(), 1);
    QCOMPARE(clicked.last().constFirst().toInt(), 4);
    QCOMPARE(plot.current(), 4);
}

void TestPlot::dragAndKeysStayInsideWhatIsComputed()
{
    TrajectoryPlot plot;
    prepare(plot, 3); // of 6 planned
    QSignalSpy clicked(&plot, &TrajectoryPlot::subStepClicked);
    const QPoint from = plot.positionOf(1).toPoint();
    QWidget* target = canvas(plot, from);
    QTest::mousePress(target, Qt::LeftButton, {}, target->mapFrom(&plot, from));
    QCOMPARE(plot.current(), 1);
    const QPointF to = target->mapFrom(&plot, plot.positionOf(6).toPoint());
    QMouseEvent move(QEvent::MouseMove, to, target->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
        Qt::NoModifier);
    QApplication::sendEvent(target, &move);
    QCOMPARE(plot.current(), 3);
    QTest::keyClick(&plot, Qt::Key_Right);
    QCOMPARE(plot.current(), 3);
    QTest::keyClick(&plot, Qt::Key_Home);
    QCOMPARE(plot.current(), 0);
    QTest::keyClick(&plot, Qt::Key_End);
    QCOMPARE(plot.current(), 3);
    QCOMPARE(clicked.count(), 4);
}

void TestPlot::noteTellsWhyTheTrueLabelIsBack()
{
    TrajectoryPlot plot;
    plot.setModelNames({ QStringLiteral("b") }, { QStringLiteral("Lite0") });
    plot.setTrueLabel(252);
    plot.setTrace(makeTrace(3, 1));
    QVERIFY(plot.notes().isEmpty()); // not back yet
    plot.setTrace(makeTrace(3, 4));
    QCOMPARE(plot.notes().size(), 1);
    QCOMPARE(plot.notes().constFirst(),
        QString::fromUtf8("the true label is back: sub-step 2 attacked “African wild dog”, so "
                          "“Dalmatian” returned on Lite0"));
    QCOMPARE(plot.accessibleDescription(), plot.notes().constFirst());
}

void TestPlot::ringsStandWhereTheTrueLabelReturns()
{
    TrajectoryPlot plot;
    prepare(plot, 1);
    QVERIFY(ringsOf(plot).isEmpty()); // b has just lost it; a does and never has it again
    const auto trace = makeTrace(3, 6);
    auto lost = std::make_shared<SubStep>(*trace->subSteps.at(4)); // b loses it a second time
    lost->judges.at(1) = prediction("b", 252, 0.01F);
    trace->subSteps.at(4) = lost;
    plot.setTrace(trace);
    QCOMPARE(ringsOf(plot), (QVector<QPointF> { { 2.0, 0.5 }, { 5.0, 0.5 } }));

    // And as they are seen: above and below the point that the line goes through.
    const QImage image = plot.grabImage();
    const auto* chart = plot.findChild<QCustomPlot*>();
    const double y =
        chart->pos().y() + chart->axisRect(0)->axis(QCPAxis::atLeft)->coordToPixel(0.5);
    const QColor wanted = makeTheme(ThemeKind::Light).wrongLabel;
    const auto ringAt = [&](int subStep, double dy) {
        const QPointF at = QPointF(plot.positionOf(subStep).x(), y + dy) * image.devicePixelRatio();
        for (int x = -1; x <= 1; ++x) {
            for (int row = -1; row <= 1; ++row) {
                const QColor seen = image.pixelColor(at.toPoint() + QPoint(x, row));
                if (std::abs(seen.red() - wanted.red()) + std::abs(seen.green() - wanted.green())
                        + std::abs(seen.blue() - wanted.blue())
                    < 60)
                    return true;
            }
        }
        return false;
    };
    for (int subStep = 1; subStep <= 6; ++subStep) {
        const bool returned = subStep == 2 || subStep == 5;
        QCOMPARE(ringAt(subStep, -6.0), returned);
        QCOMPARE(ringAt(subStep, 6.0), returned);
    }
    plot.setTrueLabel(std::nullopt); // nothing can be said to return
    QVERIFY(ringsOf(plot).isEmpty());
}

void TestPlot::notesWithoutATrueLabel()
{
    TrajectoryPlot plot;
    plot.setTrace(makeTrace(3, 4));
    QCOMPARE(plot.notes(), QStringList { QStringLiteral("The true label is not known.") });
    plot.setTrace(nullptr);
    QVERIFY(plot.notes().isEmpty());
    QVERIFY(!plot.grabImage().isNull());
}

void TestPlot::traceHasItsSay()
{
    const QString said = QStringLiteral("no auxiliary head in <b>: its term is left out");
    TrajectoryPlot plot;
    plot.setTrueLabel(252);
    const auto trace = makeTrace(3, 1);
    plot.setTrace(trace);
    QVERIFY(plot.notes().isEmpty());
    const auto told = std::make_shared<AttackTrace>(*trace);
    told->notes = { said.toStdString(), "and another fact" };
    told->cancelled = true;
    plot.setTrace(told);
    QCOMPARE(plot.notes().size(), 3);
    QVERIFY2(plot.notes().at(0).startsWith(QStringLiteral("Cancelled")),
        qPrintable(plot.notes().constFirst()));
    QCOMPARE(plot.notes().at(1), said);
    QCOMPARE(plot.notes().at(2), QStringLiteral("and another fact"));
    QVERIFY(plot.accessibleDescription().contains(said));
    const QList<QLabel*> labels = plot.findChildren<QLabel*>();
    const auto shows = [&labels](const QString& html) {
        return std::any_of(labels.begin(), labels.end(),
            [&html](const QLabel* label) { return label->text().contains(html); });
    };
    QVERIFY2(shows(said.toHtmlEscaped()), "beside the plot, as plain text");
    QVERIFY(!shows(said));
}

void TestPlot::cursorMovesTheLine()
{
    TrajectoryPlot plot;
    prepare(plot, 6);
    QSignalSpy clicked(&plot, &TrajectoryPlot::subStepClicked);
    const QImage before = plot.grabImage();
    plot.setCurrent(3);
    const QImage after = plot.grabImage();
    QCOMPARE(clicked.count(), 0); // by program
    const QColor accent = makeTheme(ThemeKind::Light).accent;
    const auto hasAccent = [&](const QImage& image, int subStep) {
        const QPointF at = plot.positionOf(subStep) * image.devicePixelRatio();
        for (int y = 10; y < image.height() - 60; ++y) {
            for (int dx = -1; dx <= 1; ++dx) {
                const QColor seen = image.pixelColor(static_cast<int>(at.x()) + dx, y);
                if (std::abs(seen.red() - accent.red()) < 40 && seen.blue() - seen.red() > 120)
                    return true;
            }
        }
        return false;
    };
    QVERIFY(!hasAccent(before, 3));
    QVERIFY(hasAccent(after, 3));
    QVERIFY(!hasAccent(after, 0));
}

void TestPlot::chipsSwitchSeries()
{
    TrajectoryPlot plot;
    prepare(plot, 6);
    QSignalSpy changed(&plot, &TrajectoryPlot::seriesChanged);
    const QImage before = plot.grabImage();
    for (QToolButton* chip : plot.findChildren<QToolButton*>())
        if (chip->text() == QStringLiteral("attacked"))
            QTest::mouseClick(chip, Qt::LeftButton);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.constFirst(), (QList<QVariant> { true, false, true })); // all shown at first
    QVERIFY(plot.grabImage() != before);
}

void TestPlot::savesPngAndPdf()
{
    TrajectoryPlot plot;
    prepare(plot, 6);
    QTemporaryDir folder;
    const QString png = folder.filePath(QStringLiteral("plot.png"));
    plot.savePlot(png);
    const QImage picture(png);
    QCOMPARE(picture.size(), QSize(1600, 900));
    QCOMPARE(qRound(picture.dotsPerMeterX() * 0.0254), 192);
    plot.savePlot(png, { 400, 300, 96 });
    QVERIFY2(QImage(png).width() == 400 && QImage(png).height() >= 300, "it may grow");
    QVERIFY_THROWS_EXCEPTION(Error, plot.savePlot(png, { 1, 1, 1 }));
    const QString pdf = folder.filePath(QStringLiteral("plot.pdf"));
    plot.savePlot(pdf);
    QFile file(pdf);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QVERIFY(bytes.startsWith("%PDF-"));
    QVERIFY(bytes.size() > 5000);
}

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

void TestPlot::figureIsNoScreenshot()
{
    QTemporaryDir folder;
    TrajectoryPlot plot;
    prepare(plot, 6);
    QByteArray pngs[2];
    QByteArray svgs[2];
    for (int i = 0; i < 2; ++i) {
        const QString path = folder.filePath(QStringLiteral("figure.%1").arg(i));
        plot.savePlot(path + QStringLiteral(".png"));
        plot.savePlot(path + QStringLiteral(".svg"));
        plot.savePlot(path + QStringLiteral(".pdf"));
        pngs[i] = bytesOf(path + QStringLiteral(".png"));
        svgs[i] = bytesOf(path + QStringLiteral(".svg"));
        // Where the window is, how large and how dark, is nothing to a figure.
        plot.setTheme(makeTheme(ThemeKind::Dark));
        plot.resize(320, 130);
        plot.setCurrent(3);
        plot.setFocus();
    }
    QVERIFY(!pngs[0].isEmpty() && pngs[0] == pngs[1]);
    QVERIFY(!svgs[0].isEmpty() && svgs[0] == svgs[1]);
    QVERIFY2(!svgs[0].contains("<image"), "vectors, no picture of the screen");
    QVERIFY2(svgs[0].contains("Dalmatian") && svgs[0].contains("probability"), "text is text");
    plot.setSeries(true, false, false);
    plot.savePlot(folder.filePath(QStringLiteral("fewer.png")));
    QVERIFY2(bytesOf(folder.filePath(QStringLiteral("fewer.png"))) != pngs[0], "what is shown");
}

void TestPlot::figureShowsItsWholeLegend()
{
    Figure figure;
    figure.theme = figureTheme();
    figure.headingHtml = QStringLiteral("Heading");
    QSize body;
    figure.body = [&](QCPPainter&, const QSize& size) { body = size; };
    const QImage plain = figureImage(figure);
    QCOMPARE(plain.size(), QSize(1600, 900));
    QVERIFY2(body.width() > 760, "no legend, no room for it");
    const auto inked = [](const QImage& image, int fromRow) {
        const QRgb paper = image.pixel(0, 0);
        for (int y = fromRow; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                if (image.pixel(x, y) != paper)
                    return true;
        }
        return false;
    };
    for (const int lines : { 3, 20, 30, 80 }) {
        figure.legend.clear();
        for (int i = 0; i < lines; ++i) {
            figure.legend.append({ LegendEntry::Sample::Line, QPen(Qt::red, 2.0),
                QStringLiteral("line %1 of a legend that needs more than one row of it").arg(i) });
        }
        const QImage image = figureImage(figure);
        QCOMPARE(image.width(), 1600);
        QVERIFY(image.height() >= 900);
        QVERIFY2(!inked(image, image.height() - 16), "nothing is cut at the lower edge");
        QTemporaryDir folder;
        const QString svg = folder.filePath(QStringLiteral("a.svg"));
        saveFigure(figure, svg);
        const QByteArray text = bytesOf(svg);
        QCOMPARE(text.count(">line "), lines);
        QVERIFY(body.width() > 300);
    }
    QVERIFY(figureImage(figure).height() > 900); // 80 lines: it grows
}

void TestPlot::ticksHaveTheDigitsTheyNeed()
{
    QCOMPARE(tickText(0.25, 0.25), QStringLiteral("0.25"));
    QCOMPARE(tickText(0.5, 0.25), QStringLiteral("0.50"));
    QCOMPARE(tickText(0.1, 0.05), QStringLiteral("0.10"));
    QCOMPARE(tickText(0.30000000000000004, 0.1), QStringLiteral("0.3"));
    QCOMPARE(tickText(-1e-17, 0.05), QStringLiteral("0.00"));
    QCOMPARE(tickText(150.0, 50.0), QStringLiteral("150"));
    QCOMPARE(tickText(0.0025, 0.0025), QStringLiteral("0.0025"));
    for (const StepTicker::Numbers numbers :
        { StepTicker::Numbers::Real, StepTicker::Numbers::Whole }) {
        for (int count = 2; count <= 12; ++count) {
            const auto ticker = StepTicker::create(count, numbers);
            for (double top = 1e-6; top < 2e6; top *= 1.31) {
                QVector<double> ticks;
                QVector<QString> labels;
                ticker->generate(QCPRange(-top / 7.0, top),
                    QLocale(QLocale::German, QLocale::Germany), QLatin1Char('f'), 1, ticks, nullptr,
                    &labels);
                QCOMPARE(labels.size(), ticks.size());
                QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
                for (int i = 0; i < ticks.size(); ++i) {
                    QVERIFY2(std::abs(labels[i].toDouble() - ticks[i]) <= top * 1e-9,
                        qPrintable(labels[i]));
                    QVERIFY(numbers == StepTicker::Numbers::Real
                        || !labels[i].contains(QLatin1Char('.')));
                }
            }
        }
    }
}

void TestPlot::axesHaveTheDigitsTheyNeed()
{
    TrajectoryPlot plot;
    prepare(plot, 6);
    auto* chart = plot.findChild<QCustomPlot*>();
    int checked = 0;
    for (QCPAxisRect* rect : chart->axisRects()) {
        for (QCPAxis* axis : rect->axes()) {
            if (!axis->tickLabels() || !axis->visible())
                continue;
            for (const double top : { 0.2, 0.3, 0.5, 0.82, 1.02, 7.0, 40.0 }) {
                axis->setRange(0.0, top);
                chart->replot(QCustomPlot::rpImmediateRefresh);
                const QVector<double> ticks = axis->tickVector();
                const QVector<QString> labels = axis->tickVectorLabels();
                for (int i = 0; i < ticks.size(); ++i) {
                    QVERIFY2(std::abs(labels.at(i).toDouble() - ticks[i]) < 1e-9,
                        qPrintable(labels.at(i)));
                    ++checked;
                }
            }
        }
    }
    QVERIFY(checked > 20);
}

void TestPlot::savingToNowhereNamesThePath()
{
    TrajectoryPlot plot;
    prepare(plot, 2);
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("absent/plot.png"));
    try {
        plot.savePlot(path);
        QFAIL("no error");
    } catch (const Error& error) {
        QVERIFY(QString::fromUtf8(error.what()).contains(path));
    }
    const QString unknown = folder.filePath(QStringLiteral("plot.nonsense"));
    QVERIFY_THROWS_EXCEPTION(Error, plot.savePlot(unknown));
    QVERIFY(!QFile::exists(unknown));
}

QTEST_MAIN(TestPlot)
#include "tst_Plot.moc"
