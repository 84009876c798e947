// Words and numbers that the window shows, one function each.
#include "ui/session/ShownText.h"

#include <QTest>

using namespace crossiter::ui;

class tst_ShownText : public QObject
{
    Q_OBJECT

private slots:
    void timeLeftIsRoundedUp();
    void numbersHaveFixedDecimals();
};

void tst_ShownText::timeLeftIsRoundedUp()
{
    QCOMPARE(timeLeftText(-1.0), QString());
    QCOMPARE(timeLeftText(0.0), QString("0 s left"));
    QCOMPARE(timeLeftText(12.1), QString("13 s left"));
    QCOMPARE(timeLeftText(89.0), QString("89 s left"));
    QCOMPARE(timeLeftText(89.2), QString("2 min left"));
    QCOMPARE(timeLeftText(3600.0), QString("60 min left"));
    QCOMPARE(timeLeftText(12'000.0), QString("3 h 20 min left"));
}

void tst_ShownText::numbersHaveFixedDecimals()
{
    QCOMPARE(probabilityText(0.5), QString("0.500"));
    QCOMPARE(probabilityText(1e-9), QString("0.000"));
    QCOMPARE(percentText(1.0), QString("100.0 %"));
    QCOMPARE(percentText(0.5068), QString("50.7 %"));
}

QTEST_MAIN(tst_ShownText)
#include "tst_ShownText.moc"
