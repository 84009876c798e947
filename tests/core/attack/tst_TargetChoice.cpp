#include "core/attack/TargetChoice.h"

#include <QtTest/QtTest>

#include <set>

using namespace crossiter;

class tst_TargetChoice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void targetsByRank()
    {
        Prediction one { "a", std::vector<float>(1001, 0.0F) };
        Prediction two = one;
        one.probabilities[10] = 0.5F;
        one.probabilities[20] = 0.3F;
        two.probabilities[20] = 0.4F;
        two.probabilities[30] = 0.6F; // mean: 20 (0.35), 30 (0.3), 10 (0.25)
        two.probabilities[0] = 1.0F; // the background takes no part
        const std::vector<Prediction> clean { one, two };
        QCOMPARE(chooseTarget(TargetRank::Second, clean, std::nullopt, 1, 1), 30);
        QCOMPARE(chooseTarget(TargetRank::Second, clean, 30, 1, 1), 10);
        QCOMPARE(chooseTarget(TargetRank::Least, clean, std::nullopt, 1, 1), 1000);
        QCOMPARE(chooseTarget(TargetRank::Least, clean, 1000, 1, 1), 999);
        std::set<int> drawn;
        for (std::uint64_t image = 0; image < 500; ++image) {
            const int label = chooseTarget(TargetRank::Random, clean, 30, 7, image);
            QVERIFY(label >= 1 && label <= 1000 && label != 20 && label != 30);
            QCOMPARE(chooseTarget(TargetRank::Random, clean, 30, 7, image), label);
            drawn.insert(label);
        }
        QVERIFY(drawn.size() > 350);
        QVERIFY(findTargetRank("least") == TargetRank::Least);
        QVERIFY(!findTargetRank("goldfish"));
    }
};

QTEST_GUILESS_MAIN(tst_TargetChoice)
#include "tst_TargetChoice.moc"
