// Moving the scrubber inside a real trace, and the resize size of the Defense tab: from the move to
// the repainted window; what a sweep leaves of the window.
#include "ui/session/DefenseSession.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/defense/DefenseControls.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Centre.h"

#include <QElapsedTimer>
#include <QSlider>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <vector>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_SliderLatency : public QObject
{
    Q_OBJECT

private slots:
    void fiveHundredMoves();
    void sizeMoves();
    void sizeDrags();
    void sweepLeavesTheWindowFree();
};

namespace {

double percentile95(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() * 95 / 100];
}

/// Turns the event loop until `done`, asleep between two events as the program is: a loop that only
/// asks for events would take a core from what it measures.
template <typename Done>
void turnUntil(Done done, int milliseconds)
{
    QElapsedTimer clock;
    clock.start();
    QTimer alarm; // wakes the loop at the end at the latest
    alarm.start(milliseconds);
    while (!done() && clock.elapsed() < milliseconds)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

/// A window with a short trace and the Defense tab in front, without a sweep by itself.
void prepare(MainWindow& window)
{
    window.resize(1600, 980);
    window.show();
    ExplorerState state = window.workspace().explorer().state();
    state.attack.rounds = 1;
    state.attack.judges.clear();
    window.workspace().explorer().change(state, Setting::Session);
    window.workspace().defense().setAutomaticSweep(false);
    window.showTab(QStringLiteral("defense"));
    window.start(dalmatian());
    QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 120'000 * kSlower));
    QVERIFY(window.workspace().defense().sourcesCurrent());
}

} // namespace

void tst_SliderLatency::fiveHundredMoves()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.resize(1600, 980);
    window.show();
    window.start(dalmatian());
    QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 120'000 * kSlower));
    QCOMPARE(window.workspace().explorer().trace()->subSteps.size(), 11U);
    const auto trace = window.workspace().explorer().trace();

    Scrubber* scrubber = window.centre().scrubber();
    int frame = -1;
    connect(window.centre().panes(), &ImagePanes::frameShown, this,
        [&frame](int subStep) { frame = subStep; });
    std::vector<double> ms;
    QElapsedTimer clock;
    for (int move = 0; move < 500; ++move) {
        const int wanted = (move * 7 + 3) % 11; // leaps, not only neighbours; never the same twice
        const QPoint at = scrubber->tickRect(wanted).center().toPoint();
        frame = -1;
        clock.start();
        QTest::mousePress(scrubber, Qt::LeftButton, Qt::NoModifier, at);
        QTest::mouseRelease(scrubber, Qt::LeftButton, Qt::NoModifier, at);
        turnUntil([&] { return frame == wanted; }, 5000);
        QCOMPARE(frame, wanted);
        ms.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QCOMPARE(window.workspace().explorer().currentSubStep(), wanted);
    }
    QCOMPARE(window.workspace().explorer().trace().get(), trace.get()); // nothing was computed
    QVERIFY(!window.workspace().explorer().running());
    std::sort(ms.begin(), ms.end());
    qInfo("slider to repaint over 500 moves: median %.2f ms, p95 %.2f ms, worst %.2f ms", ms[250],
        ms[475], ms.back());
    QVERIFY2(ms[475] < 160.0 * kSlower, "tenfold of 16 ms");
}

void tst_SliderLatency::sizeMoves()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    prepare(window);
    DefenseSession& defense = window.workspace().defense();
    QSlider* slider = window.findChild<DefensePanel*>()->controls()->sizeSlider()->slider();
    ImagePane* pane = window.centre().panes()->pane(ImagePanes::DefendedPane);
    QVERIFY(pane->isVisible());
    std::shared_ptr<const DefendedView> painted;
    connect(pane, &ImagePane::painted, this, [&] { painted = defense.view(); });
    std::vector<double> pictureMs;
    std::vector<double> predictionMs;
    QElapsedTimer clock;
    for (int move = 0; move < 60; ++move) {
        const auto before = defense.view();
        const int wanted = 20 + (move * 53) % 270;
        clock.start();
        slider->setValue(wanted); // what a hand does to it: the same signals
        QCOMPARE(defense.size(), wanted);
        turnUntil([&] { return defense.view() != before && painted == defense.view(); }, 5000);
        QVERIFY(painted == defense.view() && painted != before);
        pictureMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        turnUntil([&] { return defense.sourcesCurrent(); }, 20'000 * kSlower);
        QVERIFY(defense.sourcesCurrent());
        predictionMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 20'000 * kSlower));
    }
    qInfo("size slider, single moves: defended picture on screen p95 %.2f ms, both predictions p95 "
          "%.1f ms",
        percentile95(pictureMs), percentile95(predictionMs));
    QVERIFY2(percentile95(pictureMs) < 160.0 * kSlower, "tenfold of 16 ms");
    QVERIFY2(percentile95(predictionMs) < 1500.0 * kSlower, "tenfold of 150 ms");
}

void tst_SliderLatency::sizeDrags()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    prepare(window);
    DefenseSession& defense = window.workspace().defense();
    QSlider* slider = window.findChild<DefensePanel*>()->controls()->sizeSlider()->slider();
    std::vector<double> lastMs;
    int shown = 0;
    connect(&defense, &DefenseSession::predictionsChanged, this, [&shown] { ++shown; });
    QElapsedTimer clock;
    for (int drag = 0; drag < 20; ++drag) {
        const int start = 40 + (drag * 37) % 200;
        slider->setSliderDown(true);
        shown = 0;
        for (int move = 0; move < 40; ++move) { // 60 moves a second
            slider->setValue(start + move);
            clock.start();
            turnUntil([] { return false; }, 16);
        }
        clock.start();
        slider->setValue(start + 41);
        turnUntil([&] { return defense.sourcesCurrent(); }, 20'000 * kSlower);
        QVERIFY(defense.sourcesCurrent());
        lastMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        slider->setSliderDown(false);
        QVERIFY2(shown > 40, "each move says that its predictions are older, and some arrive");
        QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 20'000 * kSlower));
    }
    qInfo("size slider, drags of 40 moves: both predictions p95 %.1f ms after the last move",
        percentile95(lastMs));
    QVERIFY2(percentile95(lastMs) < 1500.0 * kSlower, "tenfold of 150 ms");
}

void tst_SliderLatency::sweepLeavesTheWindowFree()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    prepare(window);
    DefenseSession& defense = window.workspace().defense();
    defense.setSweepSizes({ 32, 299, 1 });
    defense.startSweep();
    QVERIFY(defense.sweeping());
    // Between two turns of the event loop lies at most one event.
    double longestMs = 0.0;
    QElapsedTimer clock;
    QElapsedTimer turn;
    clock.start();
    while (clock.elapsed() < 4000) {
        turn.start();
        QCoreApplication::processEvents(QEventLoop::AllEvents, 0);
        longestMs = std::max(longestMs, static_cast<double>(turn.nsecsElapsed()) / 1e6);
        QThread::usleep(500);
    }
    QVERIFY(defense.sweeping());
    QVERIFY(defense.cellsDone() > 10);
    PredictRequest one;
    one.models = { "efficientnet-lite1" };
    one.compute.threads = 1; // as a sweep's cells are computed
    const auto engine = window.workspace().explorer().engine();
    clock.start();
    defense.cancel();
    turnUntil([&] { return !defense.sweeping(); }, 20'000 * kSlower);
    const double cancelMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    QVERIFY(!defense.sweeping());
    static_cast<void>(engine->predict(one, { window.workspace().explorer().photo().clean }));
    clock.start();
    static_cast<void>(engine->predict(one, { window.workspace().explorer().photo().clean }));
    const double forwardMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    qInfo("during a sweep: longest turn of the event loop %.1f ms; cancelled in %.1f ms, one "
          "forward pass takes %.1f ms",
        longestMs, cancelMs, forwardMs);
    QVERIFY2(longestMs < 500.0 * kSlower, "tenfold of 50 ms");
    QVERIFY2(cancelMs < 10.0 * forwardMs + 50.0, "tenfold of one forward pass");
}

QTEST_MAIN(tst_SliderLatency)
#include "tst_SliderLatency.moc"
