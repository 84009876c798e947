#include "ui/session/QtImage.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/PhotoModel.h"
#include "ui/viewmodels/PredictionModel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "tests/ui/FromQImage.h"
#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::ui;
using crossiter::test::fromQImage;
using crossiter::test::makeTrace;

namespace {

const QVector<int> kPlan { 0, 1, 0, 1, 0, 1 };

/// Notes which sub-step each painting of the scrubber showed.
class PaintWatcher : public QObject
{
public:
    explicit PaintWatcher(Scrubber& scrubber)
        : m_scrubber(scrubber)
    {
        scrubber.installEventFilter(this);
    }
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint
            && (painted.isEmpty() || painted.last() != m_scrubber.current()))
            painted.append(m_scrubber.current());
        return QObject::eventFilter(watched, event);
    }
    QVector<int> painted;

private:
    Scrubber& m_scrubber;
};

} // namespace

class TestViews : public QObject
{
    Q_OBJECT

private slots:
    void themesAreReadableAndTheirSheetsComplete();
    void imagesSurviveTheWayToQtAndBack();

    void scrubberKeysMoveBySubStepAndRound();
    void scrubberChoosesOnlyWhatIsComputed();
    void scrubberColoursTicksBySource();
    void scrubberFollowsADrag();
    void scrubberTakesThousandsOfSubSteps();
    void scrubberFallsBackWhenTheTraceGetsShorter();
    void playShowsEveryFrame();
    void playWaitsForFramesAndForResults();

    void predictionModelPassesTheTester();
    void predictionMarksFollowTheLabels();
    void predictionsPanelHasACardForEachModel();
    void photoModelPassesTheTester();
    void photoStripChoosesByMouseAndKeys();
};

void TestViews::themesAreReadableAndTheirSheetsComplete()
{
    for (const ThemeKind kind : { ThemeKind::Light, ThemeKind::Dark }) {
        const Theme theme = makeTheme(kind);
        QCOMPARE(theme.dark, kind == ThemeKind::Dark);
        QCOMPARE(theme.sources.size(), 8);
        for (const QColor& color : { theme.text, theme.muted, theme.trueLabel, theme.wrongLabel,
                 theme.target, theme.error, theme.judge })
            QVERIFY2(contrastRatio(color, theme.window) >= 4.5, qPrintable(color.name()));
        for (const QColor& color : theme.sources)
            QVERIFY2(contrastRatio(color, theme.window) >= 2.6, qPrintable(color.name()));
        QVERIFY(contrastRatio(theme.onAccent, theme.accent) >= 4.5);
        const QString sheet = styleSheet(theme);
        QVERIFY(!sheet.contains(QRegularExpression(QStringLiteral("\\{[a-zA-Z]+\\}"))));
        applyTheme(*qApp, theme);
        QCOMPARE(QApplication::palette().color(QPalette::Window), theme.window);
    }
    // Whatever is applied by now: System still means what the desktop said at first.
    const bool desktop = makeTheme(ThemeKind::System).dark;
    applyTheme(*qApp, makeTheme(ThemeKind::Dark));
    QCOMPARE(makeTheme(ThemeKind::System).dark, desktop);
    applyTheme(*qApp, makeTheme(ThemeKind::Light));
    QCOMPARE(makeTheme(ThemeKind::System).dark, desktop);
}

void TestViews::imagesSurviveTheWayToQtAndBack()
{
    const Image image = test::patternImage();
    const QImage qt = toQImage(image);
    QCOMPARE(qt.size(), QSize(299, 299));
    QCOMPARE(qRed(qt.pixel(143, 87)), static_cast<int>(image.rgb.at(image.offset(143, 87))));
    QVERIFY(fromQImage(qt) == image);
    QVERIFY(toQImage(Image()).isNull());
}

void TestViews::scrubberKeysMoveBySubStepAndRound()
{
    Scrubber scrubber;
    scrubber.setPlan(6, kPlan);
    scrubber.setTrace(makeTrace(3, 6));
    QSignalSpy moved(&scrubber, &Scrubber::currentChanged);
    QTest::keyClick(&scrubber, Qt::Key_Right);
    QCOMPARE(scrubber.current(), 1);
    QCOMPARE(scrubber.roundText(), QStringLiteral("round 1 of 3"));
    QTest::keyClick(&scrubber, Qt::Key_PageUp);
    QCOMPARE(scrubber.current(), 3);
    QCOMPARE(scrubber.roundText(), QStringLiteral("round 2 of 3"));
    auto elsewhere = std::make_shared<AttackTrace>(*makeTrace(3, 6));
    elsewhere->madeElsewhere = "steps";
    scrubber.setTrace(elsewhere);
    QVERIFY(scrubber.roundText().startsWith(QStringLiteral("step ")));
    scrubber.setTrace(makeTrace(3, 6));
    QTest::keyClick(&scrubber, Qt::Key_End);
    QCOMPARE(scrubber.current(), 6);
    QTest::keyClick(&scrubber, Qt::Key_PageDown);
    QCOMPARE(scrubber.current(), 4);
    QTest::keyClick(&scrubber, Qt::Key_Left);
    QCOMPARE(scrubber.current(), 3);
    QVERIFY(scrubber.accessibleDescription().contains(QStringLiteral("Sub-step 3 of 6")));
    QTest::keyClick(&scrubber, Qt::Key_Home);
    QCOMPARE(scrubber.current(), 0);
    QCOMPARE(scrubber.roundText(), QStringLiteral("clean image"));
    QTest::keyClick(&scrubber, Qt::Key_Left);
    QCOMPARE(scrubber.current(), 0);
    QCOMPARE(moved.count(), 6);
}

void TestViews::scrubberChoosesOnlyWhatIsComputed()
{
    Scrubber scrubber;
    scrubber.resize(700, 40);
    scrubber.setPlan(6, kPlan);
    scrubber.show();
    QTest::mouseClick(&scrubber, Qt::LeftButton, {}, scrubber.tickRect(1).center().toPoint());
    QCOMPARE(scrubber.current(), 0); // no trace: nothing is computed
    scrubber.setTrace(makeTrace(3, 3));
    QCOMPARE(scrubber.lastComputed(), 3);
    QTest::mouseClick(&scrubber, Qt::LeftButton, {}, scrubber.tickRect(2).center().toPoint());
    QCOMPARE(scrubber.current(), 2);
    QTest::mouseClick(&scrubber, Qt::LeftButton, {}, scrubber.tickRect(5).center().toPoint());
    QCOMPARE(scrubber.current(), 2);
    QTest::keyClick(&scrubber, Qt::Key_End);
    QCOMPARE(scrubber.current(), 3);
    scrubber.setCurrent(6);
    QCOMPARE(scrubber.current(), 3);
}

void TestViews::scrubberColoursTicksBySource()
{
    for (const ThemeKind kind : { ThemeKind::Light, ThemeKind::Dark }) {
        const Theme theme = makeTheme(kind);
        Scrubber scrubber;
        scrubber.setTheme(theme);
        scrubber.resize(700, 40);
        scrubber.setPlan(6, { 0, 1, 2, 1, 0, 2 });
        scrubber.setTrace(makeTrace(3, 4));
        scrubber.setTrueLabel(252);
        scrubber.show();
        const QImage image = scrubber.grab().toImage();
        const auto colour = [&](int tick, bool top) {
            const QRectF rect = scrubber.tickRect(tick);
            const QPointF at(rect.center().x(), top ? rect.top() + 1.0 : rect.bottom() - 2.0);
            return image.pixelColor((at * image.devicePixelRatio()).toPoint()).rgb();
        };
        QCOMPARE(colour(0, false), theme.muted.rgb()); // the clean image is of no source
        QCOMPARE(colour(1, false), theme.sourceColor(0).rgb());
        QCOMPARE(colour(2, false), theme.sourceColor(1).rgb());
        QCOMPARE(colour(3, false), theme.sourceColor(2).rgb());
        QCOMPARE(colour(4, false), theme.sourceColor(1).rgb());
        QVERIFY(colour(5, false) != theme.sourceColor(0).rgb()); // faint: not computed yet
        // The other edge says whether the true label was attacked.
        QCOMPARE(colour(1, true), theme.trueLabel.rgb());
        QCOMPARE(colour(2, true), theme.wrongLabel.rgb());
    }
}

void TestViews::scrubberFollowsADrag()
{
    Scrubber scrubber;
    scrubber.resize(700, 40);
    scrubber.setPlan(6, kPlan);
    scrubber.setTrace(makeTrace(3, 4));
    scrubber.show();
    QSignalSpy moved(&scrubber, &Scrubber::currentChanged);
    QTest::mousePress(&scrubber, Qt::LeftButton, {}, scrubber.tickRect(0).center().toPoint());
    for (const int tick : { 1, 2, 3 }) {
        const QPointF at = scrubber.tickRect(tick).center();
        QMouseEvent move(QEvent::MouseMove, at, scrubber.mapToGlobal(at), Qt::NoButton,
            Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&scrubber, &move);
        QCOMPARE(scrubber.current(), tick);
    }
    const QPointF beyond = scrubber.tickRect(6).center();
    QMouseEvent move(QEvent::MouseMove, beyond, scrubber.mapToGlobal(beyond), Qt::NoButton,
        Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&scrubber, &move);
    QCOMPARE(scrubber.current(), 4); // stays at the end of what is computed
    QCOMPARE(moved.count(), 4);
}

void TestViews::scrubberTakesThousandsOfSubSteps()
{
    Scrubber scrubber;
    scrubber.resize(600, 40);
    scrubber.show();
    for (const int count : { 0, 1, 40, 300, 2000 }) {
        QVector<int> plan(count);
        for (int index = 0; index < count; ++index)
            plan[index] = index % 2;
        scrubber.setPlan(count, plan);
        scrubber.setTrace(makeTrace(count, std::min(count, 3)));
        QVERIFY(!scrubber.grab().isNull());
        if (count > 0) {
            QVERIFY(scrubber.tickRect(count).right() <= scrubber.width());
            QVERIFY(scrubber.tickRect(0).left() >= 0.0);
        }
    }
}

void TestViews::scrubberFallsBackWhenTheTraceGetsShorter()
{
    Scrubber scrubber;
    scrubber.setPlan(6, kPlan);
    scrubber.setTrace(makeTrace(3, 6));
    scrubber.setCurrent(6);
    QSignalSpy moved(&scrubber, &Scrubber::currentChanged);
    scrubber.setPlan(4, kPlan.mid(0, 4));
    QCOMPARE(scrubber.current(), 4);
    scrubber.setTrace(nullptr);
    QCOMPARE(scrubber.current(), 0);
    QCOMPARE(moved.count(), 2);
}

void TestViews::playShowsEveryFrame()
{
    Scrubber scrubber;
    scrubber.resize(700, 40);
    scrubber.setPlan(6, kPlan);
    scrubber.setTrace(makeTrace(3, 6));
    scrubber.setFramesPerSecond(99);
    QCOMPARE(scrubber.framesPerSecond(), 10);
    scrubber.show();
    QVERIFY(QTest::qWaitForWindowExposed(&scrubber));
    PaintWatcher watcher(scrubber);
    QSignalSpy moved(&scrubber, &Scrubber::currentChanged);
    QTest::keyClick(&scrubber, Qt::Key_Space);
    QVERIFY(scrubber.isPlaying());
    QTRY_VERIFY_WITH_TIMEOUT(!scrubber.isPlaying(), 10000);
    QCOMPARE(scrubber.current(), 6);
    QCOMPARE(moved.count(), 6);
    for (int index = 0; index < 6; ++index)
        QCOMPARE(moved.at(index).constFirst().toInt(), index + 1);
    QCoreApplication::processEvents();
    QVector<int> wanted { 0, 1, 2, 3, 4, 5, 6 };
    if (watcher.painted.constFirst() != 0)
        wanted.removeFirst(); // the clean image was painted before the watcher came
    QCOMPARE(watcher.painted, wanted);
}

void TestViews::playWaitsForFramesAndForResults()
{
    Scrubber scrubber;
    scrubber.resize(700, 40);
    scrubber.setPlan(6, kPlan);
    scrubber.setTrace(makeTrace(3, 2));
    scrubber.setWaitsForFrames(true);
    scrubber.setFramesPerSecond(10);
    scrubber.show();
    QVERIFY(QTest::qWaitForWindowExposed(&scrubber));
    scrubber.play();
    QTRY_COMPARE(scrubber.current(), 1);
    QTest::qWait(350);
    QCOMPARE(scrubber.current(), 1); // nobody has shown sub-step 1 yet
    scrubber.frameShown(0);
    QTest::qWait(150);
    QCOMPARE(scrubber.current(), 1); // that was an older one
    scrubber.frameShown(1);
    QTRY_COMPARE(scrubber.current(), 2);
    scrubber.frameShown(2);
    QTest::qWait(250);
    QVERIFY(scrubber.isPlaying()); // results are still to come
    scrubber.setTrace(makeTrace(3, 3));
    QTRY_COMPARE(scrubber.current(), 3);
    auto cancelled = makeTrace(3, 3);
    cancelled->cancelled = true;
    scrubber.setTrace(cancelled);
    scrubber.frameShown(3);
    QTRY_VERIFY(!scrubber.isPlaying());
}

void TestViews::predictionModelPassesTheTester()
{
    PredictionModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    const Prediction clean = test::prediction("a", 252, 0.6F);
    const Prediction now = test::prediction("a", 252, 0.05F);
    model.setClean(&clean);
    QCOMPARE(model.rowCount(), 5);
    model.setCurrent(&now, 3);
    QCOMPARE(model.headerData(1, Qt::Horizontal).toString(), QStringLiteral("sub-step 3"));
    model.setTrueLabel(252, false);
    model.setTarget(904);
    model.setAttacked(903);
    QCOMPARE(model.index(0, 0).data(PredictionModel::LabelRole).toInt(), 252);
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("Dalmatian"));
    QVERIFY(qFuzzyCompare(model.index(0, 0).data(PredictionModel::ProbabilityRole).toDouble(),
        static_cast<double>(0.6F)));
    model.setClean(nullptr);
    QVERIFY(!model.index(0, 0).data().isValid());
    QCOMPARE(model.rowCount(), 5);
    model.setCurrent(nullptr, 0);
    QCOMPARE(model.rowCount(), 0);
}

void TestViews::predictionMarksFollowTheLabels()
{
    using Mark = PredictionModel::Mark;
    PredictionModel model;
    const Prediction both = test::prediction("a", 252, 0.6F); // 252, 904, 903, 902, 901
    model.setClean(&both);
    model.setCurrent(&both, 2);
    model.setTrueLabel(252, false);
    model.setTarget(904);
    model.setAttacked(903);
    const auto mark = [&](int row, int column) {
        return static_cast<Mark>(model.index(row, column).data(PredictionModel::MarkRole).toInt());
    };
    QCOMPARE(mark(0, 0), Mark::True);
    QCOMPARE(mark(1, 0), Mark::Target);
    QCOMPARE(mark(2, 0), Mark::None); // the clean image was not attacked
    QCOMPARE(mark(2, 1), Mark::Attacked);
    model.setAttacked(252);
    QCOMPARE(mark(0, 1), Mark::True); // attacked and true: green, not amber
    model.setTrueLabel(252, true);
    QCOMPARE(mark(0, 1), Mark::AssumedTrue);
    QVERIFY(model.index(0, 1)
                .data(Qt::AccessibleTextRole)
                .toString()
                .contains(QStringLiteral("assumed")));
    model.setTrueLabel(std::nullopt, false);
    QCOMPARE(mark(0, 1), Mark::Attacked);
}

void TestViews::predictionsPanelHasACardForEachModel()
{
    PredictionsPanel panel;
    panel.setTheme(makeTheme(ThemeKind::Light));
    QCOMPARE(panel.cardCount(), 0);
    const QStringList ids { QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c") };
    panel.setTrueLabel(252, false);
    panel.setJudges(ids, ids, { Qt::red, Qt::green, Qt::gray },
        { QStringLiteral("source 1"), QStringLiteral("source 2"), QStringLiteral("judge") });
    QCOMPARE(panel.cardCount(), 3);
    // In any order, and c not known yet.
    panel.setPredictions({ test::prediction("b", 300, 0.5F), test::prediction("a", 252, 0.6F) },
        { test::prediction("a", 276, 0.4F) }, 1);
    QCOMPARE(panel.model(0)->index(0, 0).data(PredictionModel::LabelRole).toInt(), 252);
    QCOMPARE(panel.model(0)->index(0, 1).data(PredictionModel::LabelRole).toInt(), 276);
    QCOMPARE(panel.model(1)->index(0, 0).data(PredictionModel::LabelRole).toInt(), 300);
    QCOMPARE(panel.model(2)->rowCount(), 0);
    panel.setAttacked(276, 0);
    QCOMPARE(static_cast<PredictionModel::Mark>(
                 panel.model(0)->index(0, 1).data(PredictionModel::MarkRole).toInt()),
        PredictionModel::Mark::Attacked);
    panel.resize(300, 500);
    QVERIFY(!panel.grab().isNull());
    QVERIFY(panel.model(3) == nullptr);
    panel.setJudges({}, {}, {}, {});
    QCOMPARE(panel.cardCount(), 0);
}

void TestViews::photoModelPassesTheTester()
{
    PhotoModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setPhotos({ { QStringLiteral("/p/1.jpg"), QStringLiteral("one") },
        { QStringLiteral("/p/2.jpg"), QStringLiteral("two") } });
    QCOMPARE(model.rowCount(), 2);
    QVERIFY(!model.index(1).data(Qt::DecorationRole).isValid());
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QImage thumbnail(8, 8, QImage::Format_RGB32);
    thumbnail.fill(Qt::red);
    model.setThumbnail(1, thumbnail);
    model.setThumbnail(7, thumbnail);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(model.index(1).data(Qt::DecorationRole).value<QImage>(), thumbnail);
    QCOMPARE(model.rowOf(QStringLiteral("/p/2.jpg")), 1);
    QCOMPARE(model.rowOf(QStringLiteral("/p/3.jpg")), -1);
    model.setPhotos({});
    QCOMPARE(model.rowCount(), 0);
}

void TestViews::photoStripChoosesByMouseAndKeys()
{
    PhotoStrip strip;
    strip.resize(500, 120);
    strip.setPhotos({ { QStringLiteral("/p/1.jpg"), QStringLiteral("one") },
        { QStringLiteral("/p/2.jpg"), QStringLiteral("two") },
        { QStringLiteral("/p/3.jpg"), QStringLiteral("three") } });
    strip.show();
    QVERIFY(QTest::qWaitForWindowExposed(&strip));
    QSignalSpy chosen(&strip, &PhotoStrip::photoChosen);
    strip.setCurrentPath(QStringLiteral("/p/1.jpg"));
    QCOMPARE(chosen.count(), 0);
    const QRect second = strip.visualRect(strip.photoModel()->index(1));
    QTest::mouseClick(strip.viewport(), Qt::LeftButton, {}, second.center());
    QCOMPARE(chosen.count(), 1);
    QCOMPARE(chosen.last().constFirst().toString(), QStringLiteral("/p/2.jpg"));
    QTest::keyClick(&strip, Qt::Key_Right);
    QCOMPARE(chosen.count(), 1); // moves only
    QTest::keyClick(&strip, Qt::Key_Return);
    QCOMPARE(chosen.last().constFirst().toString(), QStringLiteral("/p/3.jpg"));
    QTest::keyClick(&strip, Qt::Key_Home);
    QTest::keyClick(&strip, Qt::Key_Space);
    QCOMPARE(chosen.last().constFirst().toString(), QStringLiteral("/p/1.jpg"));
}

QTEST_MAIN(TestViews)
#include "tst_Views.moc"
