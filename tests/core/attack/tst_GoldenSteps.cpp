// Single forced sub-steps against an independent implementation (tests/golden/embedded_pair): the
// sign of the gradient at a given float image, in each numerics; and clean predictions.

#include "core/attack/AttackLoop.h"
#include "core/attack/AttackTrace.h"
#include "core/classify/Classifier.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace {

std::filesystem::path golden()
{
    return test::goldenDir() / "embedded_pair";
}

std::vector<char> bytesOf(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>() };
}

std::shared_ptr<const Classifier> network(const std::string& id, Numerics numerics)
{
    return Classifier::load(ModelStore(defaultStorePaths()).find(id), numerics, torch::kCPU);
}

} // namespace

class tst_GoldenSteps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void signOfEachForcedSubStep_data()
    {
        QTest::addColumn<int>("subStep");
        QTest::addColumn<int>("numerics");
        QTest::addColumn<double>("leastShare");
        for (int subStep = 1; subStep <= 4; ++subStep) {
            QTest::addRow("%d reference", subStep)
                << subStep << static_cast<int>(Numerics::Reference) << 0.999;
            QTest::addRow("%d fast", subStep)
                << subStep << static_cast<int>(Numerics::Fast) << 0.99;
        }
    }

    void signOfEachForcedSubStep()
    {
        QFETCH(int, subStep);
        QFETCH(int, numerics);
        QFETCH(double, leastShare);
        at::set_num_threads(1);
        const std::string stem = "imagenet_16_251." + std::to_string(subStep);
        const auto input = bytesOf(golden() / "forced" / (stem + ".input.f32"));
        const auto signs = bytesOf(golden() / "forced" / (stem + ".sign.i8"));
        const std::size_t count = 3UL * kImageSide * kImageSide;
        QCOMPARE(input.size(), count * 4);
        QCOMPARE(signs.size(), count);
        torch::Tensor x = torch::empty({ 1, 3, kImageSide, kImageSide });
        std::memcpy(x.data_ptr(), input.data(), input.size());

        const auto source = network(
            defaultSources().at(std::size_t((subStep - 1) % 2)), static_cast<Numerics>(numerics));
        const torch::Tensor sign =
            differentiate(*source, x, -1, false).gradient.sign().to(torch::kInt8).contiguous();
        const auto* ours = sign.const_data_ptr<std::int8_t>();
        std::size_t equal = 0;
        for (std::size_t i = 0; i < count; ++i)
            equal += ours[i] == static_cast<std::int8_t>(signs[i]) ? 1 : 0;
        const double share = double(equal) / double(count);
        qInfo("equal signs: %.5f", share);
        QVERIFY(share >= leastShare);
    }

    void predictions_data()
    {
        QTest::addColumn<int>("numerics");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("reference") << static_cast<int>(Numerics::Reference) << 1e-4;
        QTest::newRow("fast") << static_cast<int>(Numerics::Fast) << 1e-3;
        QTest::newRow("exact") << static_cast<int>(Numerics::Exact) << 1e-4;
    }

    void predictions()
    {
        QFETCH(int, numerics);
        QFETCH(double, tolerance);
        const auto all = nlohmann::json::parse(std::ifstream(golden() / "embedded_pair.json"));
        QCOMPARE(all.size(), std::size_t(10));
        double worst = 0.0;
        for (const char* id :
            { "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2" }) {
            const auto model = network(id, static_cast<Numerics>(numerics));
            for (const auto& one : all) {
                const Image clean =
                    readImage(golden() / (one["image"].get<std::string>() + ".clean.png"));
                const Prediction prediction = model->predict(clean);
                const auto top = prediction.top(5);
                const auto& expected = one["predict"][id];
                for (std::size_t i = 0; i < 5; ++i) {
                    const int label = expected[i][0];
                    const double found = prediction.probabilityOf(label);
                    worst = std::max(worst, std::abs(found - expected[i][1].get<double>()));
                    QCOMPARE(top[i].label, label);
                }
            }
        }
        qInfo("largest difference of a probability: %.2g", worst);
        QVERIFY(worst <= tolerance);
    }

    void top1OnTheEmbeddedPhotos()
    {
        const std::map<std::string, int> expected = { { "efficientnet-lite0", 18 },
            { "efficientnet-lite1", 19 }, { "efficientnet-lite2", 18 } };
        for (const auto& [id, count] : expected) {
            const auto model = network(id, Numerics::Fast);
            int right = 0;
            int photos = 0;
            for (const auto& entry : std::filesystem::directory_iterator(test::photosDir())) {
                const std::string stem = entry.path().stem().string();
                const int label = std::stoi(stem.substr(stem.rfind('_') + 1)) + 1;
                right += model->predict(toImageSpace(readImage(entry.path()))).top1() == label;
                ++photos;
            }
            QCOMPARE(photos, 20);
            QCOMPARE(right, count);
        }
    }
};

QTEST_GUILESS_MAIN(tst_GoldenSteps)
#include "tst_GoldenSteps.moc"
