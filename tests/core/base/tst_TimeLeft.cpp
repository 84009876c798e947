#include "core/base/TimeLeft.h"

#include <QTest>

#include <cmath>

using namespace crossiter;

class TestTimeLeft : public QObject
{
    Q_OBJECT

private slots:
    void estimatesAtThePaceSoFar();
    void saysNothingBeforeTheFirstPiece();
    void textIsRoundedUp_data();
    void textIsRoundedUp();
    void stopwatchBeginsAgain();
};

void TestTimeLeft::estimatesAtThePaceSoFar()
{
    QCOMPARE(secondsLeft(10.0, 5, 15), 30.0);
    QCOMPARE(secondsLeft(10.0, std::size_t { 5 }, std::size_t { 0 }), 0.0);
    QCOMPARE(secondsLeft(10.0, 5, -1), 0.0); // more done than was announced
}

void TestTimeLeft::saysNothingBeforeTheFirstPiece()
{
    QCOMPARE(secondsLeft(10.0, 0, 15), -1.0);
    QVERIFY(timeLeftText(-1.0).empty());
    QVERIFY(timeLeftText(std::nan("")).empty());
}

void TestTimeLeft::textIsRoundedUp_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    const auto row = [](double seconds, const char* text) {
        QTest::addRow("%g", seconds) << seconds << QString(text);
    };
    row(0.0, "0 s left");
    row(12.1, "13 s left");
    row(89.0, "89 s left");
    row(89.2, "2 min left");
    row(120.0, "2 min left");
    row(121.0, "3 min left");
    row(89 * 60.0, "89 min left");
    row(90 * 60.0, "1 h 30 min left");
    row(7201.0, "2 h 1 min left");
}

void TestTimeLeft::textIsRoundedUp()
{
    QFETCH(double, seconds);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(timeLeftText(seconds)), text);
}

void TestTimeLeft::stopwatchBeginsAgain()
{
    Stopwatch watch;
    QTest::qSleep(20);
    QVERIFY(watch.seconds() >= 0.015);
    const double before = watch.seconds();
    watch.restart();
    QVERIFY(watch.seconds() < before);
}

QTEST_APPLESS_MAIN(TestTimeLeft)
#include "tst_TimeLeft.moc"
