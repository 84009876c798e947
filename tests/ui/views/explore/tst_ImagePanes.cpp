#include "core/image/ImageDiff.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/ImagePanes.h"

#include <QComboBox>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>
#include <QWheelEvent>
#include <QtTest>

#include "tests/ui/FromQImage.h"
#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::ui;
using crossiter::test::fromQImage;
using crossiter::test::makeTrace;

namespace {

void sendWheel(QWidget& widget, QPointF at, int delta)
{
    QWheelEvent event(at, widget.mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton,
        Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&widget, &event);
}

} // namespace

class TestImagePanes : public QObject
{
    Q_OBJECT

private slots:
    void panesShowWhatCoreRenders();
    void panesShowTheGainAndModeOfTheUser();
    void panesZoomTogetherAroundTheCursor();
    void panesPanTogetherAndFitOnDoubleClick();
    void probeNamesTheIntegersOfAllPanes();
    void probeMovesByKeys();
    void compareModesShowTheRightPanes();
    void swipeShowsTheOriginalLeftOfTheEdge();
    void floatImageIsAViewOfItsOwn();
    void panesTellWhenASubStepIsOnTheScreen();
    void panesKeepNoMoreThanTheyMay();
};

void TestImagePanes::panesShowWhatCoreRenders()
{
    const auto trace = makeTrace(2, 4);
    ImagePanes panes;
    QVERIFY(panes.paneImage(ImagePanes::OriginalPane).isNull());
    panes.setClean(trace->clean);
    panes.setTrace(trace);
    for (const int subStep : { 1, 3 }) {
        const auto& step = trace->subSteps.at(static_cast<std::size_t>(subStep));
        panes.setSubStep(step);
        QVERIFY(fromQImage(panes.paneImage(ImagePanes::OriginalPane)) == trace->clean);
        QVERIFY(fromQImage(panes.paneImage(ImagePanes::AdversarialPane)) == step->exported);
        for (const auto mode : { PerturbationMode::Signed, PerturbationMode::Magnitude,
                 PerturbationMode::EpsilonNormalised }) {
            for (const int gain : { 1, 7, 255 }) {
                panes.setPerturbation(mode, gain);
                QVERIFY(fromQImage(panes.paneImage(ImagePanes::PerturbationPane))
                    == renderPerturbation(
                        trace->clean, step->exported, mode, gain, trace->request.epsilon255));
                QCOMPARE(panes.pane(ImagePanes::PerturbationPane)->picture(),
                    panes.paneImage(ImagePanes::PerturbationPane));
            }
        }
    }
    panes.setSubStep(nullptr);
    QVERIFY(panes.paneImage(ImagePanes::AdversarialPane).isNull());
}

void TestImagePanes::panesShowTheGainAndModeOfTheUser()
{
    ImagePanes panes;
    auto* slider = panes.findChild<QSlider*>();
    auto* box = panes.findChild<QComboBox*>();
    QVERIFY(slider != nullptr && box != nullptr);
    int changes = 0;
    connect(&panes, &ImagePanes::perturbationChanged, &panes, [&] { ++changes; });
    panes.setPerturbation(PerturbationMode::Signed, 1000);
    QCOMPARE(panes.gain(), 255);
    QCOMPARE(slider->value(), 255);
    QCOMPARE(changes, 0); // by program, not by the user
    QTest::keyClick(slider, Qt::Key_Home);
    QCOMPARE(panes.gain(), 1);
    QTest::keyClick(slider, Qt::Key_Right);
    QCOMPARE(panes.gain(), 2);
    QCOMPARE(changes, 2);
    QTest::keyClick(box, Qt::Key_End);
    QCOMPARE(panes.perturbationMode(), PerturbationMode::EpsilonNormalised);
    QVERIFY(!slider->isEnabled());
    QCOMPARE(changes, 3);
}

void TestImagePanes::panesZoomTogetherAroundTheCursor()
{
    const auto trace = makeTrace(2, 2);
    ImagePanes panes;
    panes.resize(1000, 420);
    panes.setClean(trace->clean);
    panes.setTrace(trace);
    panes.setSubStep(trace->subSteps.back());
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    ImagePane* original = panes.pane(ImagePanes::OriginalPane);
    ImagePane* adversarial = panes.pane(ImagePanes::AdversarialPane);
    const QPointF at = original->toWidget(QPointF(100.0, 120.0));
    for (int turn = 0; turn < 8; ++turn)
        sendWheel(*original, at, 120);
    QVERIFY(panes.viewTransform().scale > 2.0);
    const QPointF under = original->toImage(at);
    QVERIFY(std::abs(under.x() - 100.0) < 0.01 && std::abs(under.y() - 120.0) < 0.01);
    const QPointF other = adversarial->toImage(at);
    QVERIFY(std::abs(other.x() - 100.0) < 0.6 && std::abs(other.y() - 120.0) < 0.6);
    panes.zoomOneToOne();
    QCOMPARE(panes.viewTransform().scale, 1.0 / panes.devicePixelRatioF());
    for (int turn = 0; turn < 100; ++turn)
        panes.zoomIn();
    QVERIFY(panes.viewTransform().scale <= kMaximumScale);
    for (int turn = 0; turn < 100; ++turn)
        panes.zoomOut();
    QVERIFY(panes.viewTransform().fits());
}

void TestImagePanes::panesPanTogetherAndFitOnDoubleClick()
{
    const auto trace = makeTrace(2, 2);
    ImagePanes panes;
    panes.resize(1000, 420);
    panes.setClean(trace->clean);
    panes.setSubStep(trace->subSteps.back());
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    for (int turn = 0; turn < 10; ++turn)
        panes.zoomIn();
    ImagePane* original = panes.pane(ImagePanes::OriginalPane);
    ImagePane* adversarial = panes.pane(ImagePanes::AdversarialPane);
    const QPointF from(150.0, 150.0);
    const QPointF grabbed = original->toImage(from);
    QTest::mousePress(original, Qt::LeftButton, {}, from.toPoint());
    const QPointF to(180.0, 130.0);
    QMouseEvent move(QEvent::MouseMove, to, original->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
        Qt::NoModifier);
    QApplication::sendEvent(original, &move);
    QTest::mouseRelease(original, Qt::LeftButton, {}, to.toPoint());
    QVERIFY((original->toImage(to) - grabbed).manhattanLength() < 0.01);
    QVERIFY((adversarial->toImage(to) - original->toImage(to)).manhattanLength() < 0.5);
    QTest::mouseDClick(adversarial, Qt::LeftButton, {}, to.toPoint());
    QVERIFY(panes.viewTransform().fits());
}

void TestImagePanes::probeNamesTheIntegersOfAllPanes()
{
    auto trace = makeTrace(2, 1);
    auto step = std::make_shared<SubStep>(*trace->subSteps.at(1));
    const std::size_t at = trace->clean.offset(143, 87);
    const std::uint8_t before[3] = { 201, 188, 176 };
    const std::uint8_t after[3] = { 217, 172, 176 };
    for (std::size_t channel = 0; channel < 3; ++channel) {
        trace->clean.rgb.at(at + channel) = before[channel];
        step->exported.rgb.at(at + channel) = after[channel];
    }
    ImagePanes panes;
    panes.resize(1000, 420);
    panes.setClean(trace->clean);
    panes.setTrace(trace);
    panes.setSubStep(step);
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    QSignalSpy probed(&panes, &ImagePanes::probed);
    ImagePane* pane = panes.pane(ImagePanes::PerturbationPane);
    const QPointF over = pane->toWidget(QPointF(143.5, 87.5));
    QMouseEvent move(QEvent::MouseMove, over, pane->mapToGlobal(over), Qt::NoButton, Qt::NoButton,
        Qt::NoModifier);
    QApplication::sendEvent(pane, &move);
    QVERIFY(!probed.isEmpty());
    QCOMPARE(probed.last().constFirst().toString(),
        QString::fromUtf8(
            "x 143 y 87 · original 201 188 176 · adversarial 217 172 176 · δ +16 −16 0"));
    for (int index = 0; index < ImagePanes::FloatPane; ++index)
        QVERIFY(panes.pane(index)->crosshair() == QPoint(143, 87));
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(pane, &leave);
    QCOMPARE(probed.last().constFirst().toString(), QString());
    QVERIFY(!panes.pane(ImagePanes::OriginalPane)->crosshair().has_value());
    QCOMPARE(panes.probeText(QPoint(299, 0)), QString());
}

void TestImagePanes::probeMovesByKeys()
{
    const auto trace = makeTrace(2, 1);
    ImagePanes panes;
    panes.setClean(trace->clean);
    QSignalSpy probed(&panes, &ImagePanes::probed);
    QTest::keyClick(&panes, Qt::Key_Right); // begins in the middle
    QVERIFY(probed.last().constFirst().toString().startsWith(QStringLiteral("x 149 y 149")));
    QTest::keyClick(&panes, Qt::Key_Right);
    QTest::keyClick(&panes, Qt::Key_Up, Qt::ShiftModifier);
    QVERIFY(probed.last().constFirst().toString().startsWith(QStringLiteral("x 150 y 139")));
    QTest::keyClick(&panes, Qt::Key_Escape);
    QCOMPARE(probed.last().constFirst().toString(), QString());
    QTest::keyClick(&panes, Qt::Key_Plus);
    QVERIFY(!panes.viewTransform().fits());
    QTest::keyClick(&panes, Qt::Key_0);
    QVERIFY(panes.viewTransform().fits());
}

void TestImagePanes::compareModesShowTheRightPanes()
{
    using Mode = ImagePanes::CompareMode;
    const auto trace = makeTrace(2, 1);
    ImagePanes panes;
    panes.resize(1000, 420);
    panes.setClean(trace->clean);
    panes.setSubStep(trace->subSteps.back());
    panes.show();
    const auto shown = [&] {
        QVector<int> result;
        for (int index = 0; index < ImagePanes::PaneCount; ++index)
            if (panes.pane(index)->isVisibleTo(&panes))
                result.append(index);
        return result;
    };
    QCOMPARE(shown(), (QVector<int> { 0, 1, 2 }));
    panes.setCompareMode(Mode::TwoUp);
    QCOMPARE(shown(), (QVector<int> { 0, 2 }));
    panes.setCompareMode(Mode::Difference);
    QCOMPARE(shown(), (QVector<int> { 1 }));
    panes.setCompareMode(Mode::Blink);
    QCOMPARE(shown(), (QVector<int> { 2 }));
    const QImage first = panes.pane(ImagePanes::AdversarialPane)->picture();
    QTRY_VERIFY_WITH_TIMEOUT(panes.pane(ImagePanes::AdversarialPane)->picture() != first, 5000);
    QCOMPARE(panes.pane(ImagePanes::AdversarialPane)->picture(),
        panes.paneImage(ImagePanes::OriginalPane));

    int announced = 0;
    connect(&panes, &ImagePanes::compareModeChanged, &panes, [&] { ++announced; });
    for (QToolButton* button : panes.findChildren<QToolButton*>())
        if (button->text() == QStringLiteral("2-up"))
            QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(announced, 1);
    QCOMPARE(panes.compareMode(), Mode::TwoUp);
}

void TestImagePanes::swipeShowsTheOriginalLeftOfTheEdge()
{
    const auto trace = makeTrace(2, 1);
    ImagePanes panes;
    panes.resize(600, 420);
    panes.setClean(trace->clean);
    panes.setSubStep(trace->subSteps.back());
    panes.setCompareMode(ImagePanes::CompareMode::Swipe);
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    ImagePane* pane = panes.pane(ImagePanes::AdversarialPane);
    const QPointF edge = pane->toWidget(QPointF(100.0, 150.0));
    QTest::mousePress(pane, Qt::LeftButton, {}, edge.toPoint());
    QTest::mouseRelease(pane, Qt::LeftButton, {}, edge.toPoint());
    QVERIFY(std::abs(pane->swipe() - 100.0 / 299.0) < 0.01);
    const QImage both = pane->composed();
    QCOMPARE(
        both.copy(0, 0, 95, 299), panes.paneImage(ImagePanes::OriginalPane).copy(0, 0, 95, 299));
    QCOMPARE(both.copy(105, 0, 190, 299),
        panes.paneImage(ImagePanes::AdversarialPane).copy(105, 0, 190, 299));
}

void TestImagePanes::floatImageIsAViewOfItsOwn()
{
    const auto trace = makeTrace(2, 1);
    auto step = std::make_shared<SubStep>(*trace->subSteps.at(1));
    auto floats = std::make_shared<FloatImage>();
    floats->f64.assign(static_cast<std::size_t>(299) * 299 * 3, -1.0);
    floats->f64.at(0) = 1.0; // red of the first pixel
    floats->f64.at(static_cast<std::size_t>(299) * 299 + 1) = 0.0; // green of the second
    step->floats = floats;
    ImagePanes panes;
    panes.setClean(trace->clean);
    panes.setSubStep(step);
    panes.setShowFloatImage(true);
    const QImage image = panes.paneImage(ImagePanes::FloatPane);
    QCOMPARE(image.pixel(0, 0), qRgb(255, 0, 0));
    QCOMPARE(image.pixel(1, 0), qRgb(0, 128, 0));
    QVERIFY(panes.pane(ImagePanes::FloatPane)->isVisibleTo(&panes));
    QVERIFY(panes.pane(ImagePanes::FloatPane)
                ->accessibleDescription()
                .contains(QStringLiteral("not what is saved")));
    panes.setSubStep(trace->subSteps.at(1)); // keeps no floats
    QVERIFY(panes.paneImage(ImagePanes::FloatPane).isNull());
}

void TestImagePanes::panesTellWhenASubStepIsOnTheScreen()
{
    const auto trace = makeTrace(2, 3);
    ImagePanes panes;
    panes.resize(800, 400);
    panes.setClean(trace->clean);
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    QSignalSpy shown(&panes, &ImagePanes::frameShown);
    for (int index = 1; index <= 3; ++index) {
        panes.setSubStep(trace->subSteps.at(static_cast<std::size_t>(index)));
        QCOMPARE(shown.count(), index - 1);
        QTRY_COMPARE(shown.count(), index);
        QCOMPARE(shown.last().constFirst().toInt(), index);
    }
}

void TestImagePanes::panesKeepNoMoreThanTheyMay()
{
    // 80 sub-steps, twice: more than are kept; each must still show its own picture.
    const auto trace = makeTrace(40, 80);
    ImagePanes panes;
    panes.setClean(trace->clean);
    for (int turn = 0; turn < 2; ++turn) {
        for (const auto& step : trace->subSteps) {
            panes.setSubStep(step);
            QVERIFY(fromQImage(panes.paneImage(ImagePanes::AdversarialPane)) == step->exported);
        }
    }
    std::weak_ptr<const SubStep> dropped = trace->subSteps.at(1);
    trace->subSteps.erase(trace->subSteps.begin() + 1);
    QVERIFY(dropped.expired()); // not held by the cache any more
}

QTEST_MAIN(TestImagePanes)
#include "tst_ImagePanes.moc"
