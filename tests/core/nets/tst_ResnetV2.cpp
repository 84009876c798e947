// ResNet v2 on synthetic weights against a PyTorch network written after the paper and TF-Slim's
// graph (tests/golden/nets_reference.py); docs/tensorflow.md has the comparison with TF-Slim.

#include "core/base/Error.h"
#include "core/nets/Net.h"

#include "tests/core/nets/NetGolden.h"

using namespace crossiter;
using namespace crossiter::test;

class tst_ResnetV2 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheReference_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("numerics");
        for (const char* numerics : { "exact", "folded", "reference", "fast" })
            QTest::addRow("50 %s", numerics) << "resnet-v2-50" << QString(numerics);
        // 299 pixels make an even side in front of the pool, 233 an odd one.
        QTest::newRow("50, 233 exact") << "resnet-v2-50.233"
                                       << "exact";
        for (const char* name : { "resnet-v2-101", "resnet-v2-152" })
            for (const char* numerics : { "exact", "fast" })
                QTest::addRow("%s %s", name, numerics) << QString(name) << QString(numerics);
    }
    void agreesWithTheReference()
    {
        QFETCH(QString, name);
        QFETCH(QString, numerics);
        const bool folded = numerics == "fast";
        // In float32 a value that rounding moves over a ReLU's edge turns the gradient.
        compareWithGolden(name, numerics, { 1e-4, folded ? 1e-3 : 1e-4, 1e-2 });
    }

    void sizes()
    {
        for (const char* name : { "resnet-v2-50", "resnet-v2-101", "resnet-v2-152" })
            compareSizes(name);
    }

    void usesTheBatchsStatistics()
    {
        compareBatch("resnet-v2-50.batch", "block4.unit_3.conv2.bn.running_mean");
    }

    void wasTrainedWithoutDropout()
    {
        const auto net = makeNet("resnet-v2-50", 1001);
        QCOMPARE(net->keepProbability(), 0.0);
        QCOMPARE(net->pooledFeatures(), 2048); // a keep probability of one's own can be given
        QVERIFY(auxPrefix("resnet-v2-50").empty());
        QCOMPARE(classifierKey("resnet-v2-152"), std::string("logits.weight"));
    }

    void refusesBatchStatisticsWhenFolded()
    {
        const auto net = makeNet("resnet-v2-50", 1000);
        fillAsTheGenerator(*net);
        net->freeze();
        net->foldBatchNorm();
        ForwardOptions options;
        options.batchStatistics = true;
        QVERIFY_EXCEPTION_THROWN((void)net->forward(syntheticPicture(64), options), Error);
    }
};

QTEST_APPLESS_MAIN(tst_ResnetV2)
#include "tst_ResnetV2.moc"
