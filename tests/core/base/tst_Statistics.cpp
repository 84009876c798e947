// Wilson's interval and McNemar's exact test against values known from elsewhere.

#include "core/base/Error.h"
#include "core/base/Statistics.h"

#include <QtTest/QtTest>

#include <cmath>

using namespace crossiter;

class tst_Statistics : public QObject
{
    Q_OBJECT

private slots:
    void wilsonKnownValues_data()
    {
        QTest::addColumn<int>("hits");
        QTest::addColumn<int>("total");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        // R 4: prop.test(hits, total, correct = FALSE)$conf.int, and Newcombe 1998 (Statistics in
        // Medicine 17, 857), table I, method 3.
        QTest::newRow("81 of 263") << 81 << 263 << 0.2553 << 0.3662;
        QTest::newRow("15 of 148") << 15 << 148 << 0.0624 << 0.1605;
        QTest::newRow("0 of 20") << 0 << 20 << 0.0 << 0.1611;
        QTest::newRow("1 of 29") << 1 << 29 << 0.0061 << 0.1718;
    }

    void wilsonKnownValues()
    {
        QFETCH(int, hits);
        QFETCH(int, total);
        QFETCH(double, low);
        QFETCH(double, high);
        const Proportion found =
            wilson(static_cast<std::size_t>(hits), static_cast<std::size_t>(total));
        QCOMPARE(found.share, static_cast<double>(hits) / total);
        QVERIFY2(std::abs(found.low - low) <= 5.1e-5, qPrintable(QString::number(found.low)));
        QVERIFY2(std::abs(found.high - high) <= 5.1e-5, qPrintable(QString::number(found.high)));
    }

    void wilsonSolvesItsEquation()
    {
        // Both ends p satisfy |share - p| = z sqrt(p (1 - p) / n): the interval's definition.
        const double z = 1.959963984540054;
        for (const std::size_t hits : { 1U, 7U, 33U, 99U }) {
            const Proportion found = wilson(hits, 100);
            for (const double p : { found.low, found.high }) {
                const double difference =
                    std::abs(found.share - p) - z * std::sqrt(p * (1.0 - p) / 100.0);
                QVERIFY2(std::abs(difference) <= 1e-12, qPrintable(QString::number(difference)));
            }
        }
    }

    void wilsonAtTheEnds()
    {
        QCOMPARE(wilson(0, 5).low, 0.0);
        QVERIFY(wilson(0, 5).high < 1.0);
        QCOMPARE(wilson(5, 5).high, 1.0);
        QVERIFY(wilson(5, 5).low > 0.0);
        const Proportion nothing = wilson(0, 0);
        QCOMPARE(nothing.low, 0.0);
        QCOMPARE(nothing.high, 1.0);
        QVERIFY_EXCEPTION_THROWN((void)wilson(2, 1), Error);
    }

    void mcNemarKnownValues()
    {
        // Binomial tails by hand: 2 * 0.5^5; 2 * (1 + 9) / 2^9; 2 * (1 + 10 + 45) / 2^10.
        QCOMPARE(mcNemarExact(0, 5), 0.0625);
        QVERIFY(std::abs(mcNemarExact(1, 8) - 20.0 / 512.0) <= 1e-14);
        QVERIFY(std::abs(mcNemarExact(8, 2) - 112.0 / 1024.0) <= 1e-14);
        QCOMPARE(mcNemarExact(8, 2), mcNemarExact(2, 8));
    }

    void mcNemarAtTheEnds()
    {
        QCOMPARE(mcNemarExact(0, 0), 1.0);
        QCOMPARE(mcNemarExact(4, 4), 1.0);
        QVERIFY(mcNemarExact(3, 4) <= 1.0);
        // Where 0.5^n is no double any more.
        const double far = mcNemarExact(900, 1100);
        QVERIFY2(far > 6e-6 && far < 9e-6, qPrintable(QString::number(far)));
    }
};

QTEST_APPLESS_MAIN(tst_Statistics)
#include "tst_Statistics.moc"
