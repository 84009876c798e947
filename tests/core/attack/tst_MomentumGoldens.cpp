// MI-FGSM, DI, TI, NI and SI-NI against torchattacks on the same network and picture, both in
// float64 (tests/golden/torchattacks_reference.py says how the goldens were made).

#include "core/attack/AttackLoop.h"
#include "core/attack/AttackRequest.h"
#include "core/base/Random.h"
#include "core/classify/Classifier.h"
#include "core/image/Codec.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace {

constexpr double kLeastShare = 0.999;

std::shared_ptr<const DifferentiableSource> network(const std::string& id)
{
    return Classifier::load(ModelStore(defaultStorePaths()).find(id), Numerics::Exact, torch::kCPU);
}

double equalPixels(const Image& a, const Image& b)
{
    std::size_t equal = 0;
    for (std::size_t i = 0; i + 2 < a.rgb.size(); i += 3)
        equal += std::equal(&a.rgb[i], &a.rgb[i] + 3, &b.rgb[i]) ? 1 : 0;
    return static_cast<double>(equal) / (static_cast<double>(a.rgb.size()) / 3.0);
}

} // namespace

class tst_MomentumGoldens : public QObject
{
    Q_OBJECT

private:
    nlohmann::json m_told;
    Image m_clean;
    std::shared_ptr<const DifferentiableSource> m_lite0;
    std::shared_ptr<const DifferentiableSource> m_lite1;

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream in(test::goldenDir() / "torchattacks" / "torchattacks.json");
        m_told = nlohmann::json::parse(in);
        m_clean =
            readImage(test::goldenDir() / "embedded_pair" / m_told["photo"].get<std::string>());
        m_lite0 = network("efficientnet-lite0");
        m_lite1 = network("efficientnet-lite1");
    }

    void drawsAreTheOnesThatTheGoldensWereMadeWith()
    {
        const auto& draws = m_told["diversity_draws"];
        const DrawKeys keys { m_told["seed"].get<std::uint64_t>(), imageKey(m_clean), 0 };
        for (int subStep = 1; subStep <= m_told["rounds"].get<int>(); ++subStep) {
            DrawKeys ofStep = keys;
            ofStep.subStep = subStep;
            // "diversit" as a number: the stream's name in GradientRule.cpp
            const DiversityDraw draw =
                drawDiversity(0.5, mixSeed({ ofStep.seedOfDraw(0), 0x6469766572736974ULL }));
            const auto& wanted = draws[std::size_t(subStep - 1)];
            QCOMPARE(draw.side, wanted.is_null() ? 0 : wanted[0].get<int>());
            QCOMPARE(draw.top, wanted.is_null() ? 0 : wanted[1].get<int>());
            QCOMPARE(draw.left, wanted.is_null() ? 0 : wanted[2].get<int>());
        }
    }

    void agreesWithTorchattacks_data()
    {
        QTest::addColumn<bool>("pair");
        QTest::addColumn<double>("diversity");
        QTest::addColumn<int>("translation");
        QTest::addColumn<bool>("nesterov");
        QTest::addColumn<int>("scales");
        QTest::newRow("mi") << false << 0.0 << 0 << false << 1;
        QTest::newRow("mi.mean-logits") << true << 0.0 << 0 << false << 1;
        QTest::newRow("di") << false << 0.5 << 0 << false << 1;
        QTest::newRow("ti") << false << 0.0 << 15 << false << 1;
        QTest::newRow("ni") << false << 0.0 << 0 << true << 1;
        QTest::newRow("si-ni") << false << 0.0 << 0 << true << 5;
    }

    void agreesWithTorchattacks()
    {
        QFETCH(bool, pair);
        QFETCH(double, diversity);
        QFETCH(int, translation);
        QFETCH(bool, nesterov);
        QFETCH(int, scales);
        AttackRequest request = defaultRequest(Method::MiFgsm, m_told["epsilon"].get<int>());
        request.rounds = m_told["rounds"].get<int>();
        request.stepPx = defaultStepPx(Method::MiFgsm, request.epsilon255, request.rounds);
        request.labelRule = LabelRule::True;
        request.trueLabel = m_told["true_label"].get<int>();
        request.seed = m_told["seed"].get<std::uint64_t>();
        request.compute.numerics = Numerics::Exact;
        request.diversity = diversity;
        request.translation = translation;
        request.nesterov = nesterov;
        request.scales = scales;
        request.judges.clear();
        AttackNetworks parts;
        parts.sources = pair ? SourceList { m_lite1, m_lite0 } : SourceList { m_lite0 };
        request.sources.resize(parts.sources.size());
        const auto trace = runAttack(request, m_clean, parts);
        const std::string photo = m_told["photo"].get<std::string>();
        const std::string name = photo.substr(0, photo.find('.')) + "." + QTest::currentDataTag();
        const Image golden = readImage(test::goldenDir() / "torchattacks" / (name + ".png"));
        const double share = equalPixels(trace->last().exported, golden);
        QVERIFY2(share >= kLeastShare, std::to_string(share).c_str());
        // The golden is an attack of this strength, not a picture that anything would equal.
        QCOMPARE(trace->last().linfExported, request.epsilon255);
        QVERIFY(equalPixels(m_clean, golden) < 0.05);
    }
};

QTEST_GUILESS_MAIN(tst_MomentumGoldens)
#include "tst_MomentumGoldens.moc"
