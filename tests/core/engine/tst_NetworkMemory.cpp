// How much memory networks take: while one is loaded, and under a budget.

#include "core/checkpoint/Safetensors.h"
#include "core/engine/NetworkCache.h"
#include "core/store/ModelJobs.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <malloc.h>

#include "tests/core/base/Measured.h"
#include "tests/support/SyntheticWeights.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace fs = std::filesystem;

class tst_NetworkMemory : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;

private Q_SLOTS:
    /// Mapped, not copied: the file's pages and the folded weights, layer by layer.
    void largeNetworkLoadsInLittleMemory()
    {
        StoredModel model;
        model.manifest.id = "large";
        model.manifest.architecture = "inception-resnet-v2";
        model.manifest.preprocessing = defaultPreprocessing("inception-resnet-v2");
        model.manifest.classes = 0;
        model.weights = m_folder.path().toStdString() + "/large.safetensors";
        {
            const auto net = makeNet("inception-resnet-v2", 1000);
            const torch::NoGradGuard guard;
            for (torch::Tensor& tensor : net->parameters())
                tensor.fill_(0.5);
            for (torch::Tensor& tensor : net->buffers())
                tensor.fill_(1);
            writeSafetensors(model.weights, test::stateOf(*net));
        }
        const auto size = static_cast<double>(fs::file_size(model.weights));
        for (const Numerics numerics : { Numerics::Fast, Numerics::Reference }) {
            std::shared_ptr<const Classifier> network;
            malloc_trim(0); // what was freed before must not hide what is taken now
            const test::Measured load =
                test::measured([&] { network = Classifier::load(model, numerics, torch::kCPU); });
            QVERIFY2(!load.error, qPrintable(load.text()));
            const double share = static_cast<double>(load.megabytes) * 1024 * 1024 / size;
            qInfo("peak memory of loading, over the file's size: %.2f", share);
            QVERIFY2(share <= 2.2, qPrintable(QString::number(share)));
        }
    }

    void memoryBudgetMakesRoomBeforeItLoads()
    {
        StorePaths paths;
        paths.readOnly = { test::storeDir() };
        paths.manifests = test::sourceDir() / "models";
        NetworkCache cache(paths, 45ULL << 20U); // two of the small ones
        const auto get = [&](const char* id) { return cache.get(id, Numerics::Fast, torch::kCPU); };
        const std::weak_ptr<const Classifier> first = get("efficientnet-lite0");
        const std::weak_ptr<const Classifier> second = get("efficientnet-lite1");
        QVERIFY(!first.expired() && !second.expired());
        (void)get("efficientnet-lite0"); // now the second is the least used
        (void)get("efficientnet-lite2");
        QVERIFY(second.expired());
        QVERIFY(cache.bytes() <= (45ULL << 20U));
        const auto held = get("efficientnet-lite2");
        (void)get("efficientnet-lite1");
        QVERIFY(get("efficientnet-lite2") == held); // what is in use stays
    }
};

QTEST_GUILESS_MAIN(tst_NetworkMemory)
#include "tst_NetworkMemory.moc"
