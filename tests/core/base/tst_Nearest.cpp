#include "core/base/Nearest.h"

#include <QtTest>

using namespace crossiter;

class TestNearest : public QObject
{
    Q_OBJECT

private slots:
    void finds_data();
    void finds();
    void sentences();
    void oneWordOfAName();
};

void TestNearest::finds_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("meant");
    QTest::newRow("letter changed") << "efficientnet-lite1x"
                                    << "efficientnet-lite1";
    QTest::newRow("letters swapped") << "inceptoin-v3"
                                     << "inception-v3";
    QTest::newRow("capitals") << "Inception-V3"
                              << "inception-v3";
    QTest::newRow("underscores") << "inception_v3"
                                 << "inception-v3";
    QTest::newRow("beginning") << "ince"
                               << "inception-v3";
    QTest::newRow("option") << "--epsilom"
                            << "--epsilon";
    QTest::newRow("another word") << "resnet50"
                                  << "";
    QTest::newRow("nothing") << ""
                             << "";
    QTest::newRow("a novel") << QString(100'000, 'a') << "";
}

void TestNearest::finds()
{
    QFETCH(QString, typed);
    QFETCH(QString, meant);
    const std::vector<std::string> known { "efficientnet-lite0", "efficientnet-lite1",
        "inception-v3", "--epsilon", "--rounds" };
    QCOMPARE(QString::fromStdString(nearestWord(typed.toStdString(), known).value_or("")), meant);
}

void TestNearest::sentences()
{
    QVERIFY(!nearestWord("word", {}));
    QCOMPARE(oneOf({}), std::string("none is known"));
    QCOMPARE(oneOf({ "bim", "fgsm" }), std::string("bim, fgsm"));
}

void TestNearest::oneWordOfAName()
{
    const std::vector<std::string> names { "second", "great white shark", "French bulldog",
        "bulldozer", "tench" };
    QCOMPARE(nearestName("bulldogg", names).value_or(""), std::string("French bulldog"));
    QCOMPARE(nearestName("Bulldog", names).value_or(""), std::string("French bulldog"));
    QCOMPARE(nearestName("frensh", names).value_or(""), std::string("French bulldog"));
    QCOMPARE(nearestName("secnd", names).value_or(""), std::string("second"));
    QCOMPARE(nearestName("tensh", names).value_or(""), std::string("tench"));
    QVERIFY(!nearestName("aardvark", names));
    QVERIFY(!nearestWord("shark", names));
}

QTEST_APPLESS_MAIN(TestNearest)
#include "tst_Nearest.moc"
