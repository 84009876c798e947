// Inception v4 against timm on synthetic weights (tests/golden/nets_reference.py).

#include "core/nets/Net.h"

#include "tests/core/nets/NetGolden.h"

using namespace crossiter;
using namespace crossiter::test;

class tst_InceptionV4 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTimm_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("numerics");
        for (const char* numerics : { "exact", "folded", "reference", "fast" })
            QTest::addRow("299 %s", numerics) << "inception-v4" << QString(numerics);
        QTest::newRow("235 exact") << "inception-v4.235"
                                   << "exact";
    }
    void agreesWithTimm()
    {
        QFETCH(QString, name);
        QFETCH(QString, numerics);
        const bool folded = numerics == "fast";
        // In float32 a value that rounding moves over a ReLU's edge turns the gradient.
        compareWithGolden(name, numerics, { 1e-4, folded ? 1e-3 : 1e-4, 1e-2 });
    }

    void sizes() { compareSizes("inception-v4"); }

    void usesTheBatchsStatistics()
    {
        compareBatch("inception-v4.batch", "features.21.branch0.bn.running_mean");
    }
};

QTEST_APPLESS_MAIN(tst_InceptionV4)
#include "tst_InceptionV4.moc"
