// Moving the scrubber inside a real trace: from the move to the repainted window.
#include "ui/views/Scrubber.h"

#include <QElapsedTimer>
#include <QTest>

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
};

void tst_SliderLatency::fiveHundredMoves()
{
    MainWindow window(realEngine(), windowOptions());
    window.resize(1600, 980);
    window.show();
    window.start(dalmatian());
    QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 120'000));
    QCOMPARE(window.session().trace()->subSteps.size(), 11U);
    const auto trace = window.session().trace();

    Scrubber* scrubber = window.scrubber();
    int frame = -1;
    connect(
        window.panes(), &ImagePanes::frameShown, this, [&frame](int subStep) { frame = subStep; });
    std::vector<double> ms;
    QElapsedTimer clock;
    for (int move = 0; move < 500; ++move) {
        const int wanted = (move * 7 + 3) % 11; // leaps, not only neighbours; never the same twice
        const QPoint at = scrubber->tickRect(wanted).center().toPoint();
        frame = -1;
        clock.start();
        QTest::mousePress(scrubber, Qt::LeftButton, Qt::NoModifier, at);
        QTest::mouseRelease(scrubber, Qt::LeftButton, Qt::NoModifier, at);
        while (frame != wanted && clock.elapsed() < 5000) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 100);
        }
        QCOMPARE(frame, wanted);
        ms.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QCOMPARE(window.session().currentSubStep(), wanted);
    }
    QCOMPARE(window.session().trace().get(), trace.get()); // nothing was computed
    QVERIFY(!window.session().running());
    std::sort(ms.begin(), ms.end());
    qInfo("slider to repaint over 500 moves: median %.2f ms, p95 %.2f ms, worst %.2f ms", ms[250],
        ms[475], ms.back());
    QVERIFY2(ms[475] < 160.0, "tenfold of 16 ms");
}

QTEST_MAIN(tst_SliderLatency)
#include "tst_SliderLatency.moc"
