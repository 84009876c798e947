// Whole traces in `exact` numerics against an independent implementation, at 1 and at 2 threads,
// and the first float32 sub-step in `reference`. See tests/golden/embedded_pair.

#include "core/engine/Engine.h"
#include "core/image/Codec.h"

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

/// Share of pixels whose three values are all equal.
double equalPixels(const Image& a, const Image& b)
{
    std::size_t equal = 0;
    for (std::size_t i = 0; i < a.rgb.size(); i += 3)
        equal +=
            a.rgb[i] == b.rgb[i] && a.rgb[i + 1] == b.rgb[i + 1] && a.rgb[i + 2] == b.rgb[i + 2];
    return double(equal) / (double(a.rgb.size()) / 3);
}

/// Under a sanitizer float64 is some ten times slower: one photo then stands for all.
bool slow()
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#else
    return false;
#endif
}

} // namespace

class tst_GoldenTraces : public QObject
{
    Q_OBJECT

private:
    Engine m_engine;
    nlohmann::json m_golden;

    void addPhotos(bool withThreads)
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<int>("threads");
        const int count = slow() ? 1 : static_cast<int>(m_golden.size());
        for (int i = 0; i < count; ++i) {
            for (const int threads : { 1, 2 }) {
                if (threads == 2 && !withThreads)
                    continue;
                QTest::addRow("%s, threads %d",
                    m_golden[std::size_t(i)]["image"].get<std::string>().c_str(), threads)
                    << i << threads;
            }
        }
    }

    AttackRequest exactRequest(Method method, int threads)
    {
        AttackRequest request = defaultRequest(method);
        request.compute.numerics = Numerics::Exact;
        request.compute.threads = threads;
        request.judges.clear();
        request.keepFloats = false;
        return request;
    }

private slots:
    void initTestCase()
    {
        m_golden = nlohmann::json::parse(std::ifstream(golden() / "embedded_pair.json"));
        QCOMPARE(m_golden.size(), std::size_t(10));
    }

    void crossIterative_data() { addPhotos(true); }
    void crossIterative()
    {
        QFETCH(int, index);
        QFETCH(int, threads);
        const auto& one = m_golden[std::size_t(index)];
        const std::string name = one["image"];
        const Image clean = readImage(golden() / (name + ".clean.png"));
        AttackRequest request = exactRequest(Method::CrossIterative, threads);
        request.rounds = 5;
        if (threads == 1)
            request.judges = { "efficientnet-lite1", "efficientnet-lite0", "efficientnet-lite2" };
        const auto trace = m_engine.attack(request, clean);
        QVERIFY(trace->complete());
        const auto& expected = one["cross_iterative_lite1_lite0_eps16_float64"];
        QCOMPARE(expected.size(), std::size_t(10));
        for (std::size_t i = 1; i <= 10; ++i) {
            const SubStep& step = *trace->subSteps[i];
            const auto& row = expected[i - 1];
            QCOMPARE(step.source, row["source"].get<std::string>());
            QCOMPARE(step.attackedLabel, row["label"].get<int>());
            QCOMPARE(step.linfExported, row["linf_exported"].get<int>());
            QVERIFY(std::abs(step.linfFloatPx - row["linf_float_px"].get<double>()) < 1e-3);
            for (const Prediction& judge : step.judges) {
                const auto& told = row["top1_and_true_probability"][judge.model];
                QVERIFY(std::abs(judge.probabilityOf(one["label"]) - told[1].get<double>()) < 1e-4);
                QCOMPARE(judge.top1(), told[0].get<int>());
            }
        }
        for (const int subStep : { 6, 10 }) {
            const double share = equalPixels(trace->subSteps[std::size_t(subStep)]->exported,
                readImage(golden() / (name + ".sub-step-" + std::to_string(subStep) + ".png")));
            if (share < 1.0)
                qInfo("sub-step %d: equal pixels %.6f", subStep, share);
            QVERIFY(share >= 0.9999);
        }
    }

    void crossIterativeTarget_data() { addPhotos(true); }
    void crossIterativeTarget()
    {
        QFETCH(int, index);
        QFETCH(int, threads);
        const std::string name = m_golden[std::size_t(index)]["image"];
        const Image clean = readImage(golden() / (name + ".clean.png"));
        AttackRequest request = exactRequest(Method::CrossIterativeTarget, threads);
        request.rounds = 3;
        request.target = 101;
        const auto trace = m_engine.attack(request, clean);
        const double share = equalPixels(
            trace->last().exported, readImage(golden() / (name + ".target-101.rounds-3.png")));
        if (share < 1.0)
            qInfo("equal pixels %.6f", share);
        QVERIFY(share >= 0.9999);
    }

    void firstSubStepInReference_data() { addPhotos(false); }
    void firstSubStepInReference()
    {
        QFETCH(int, index);
        const std::string name = m_golden[std::size_t(index)]["image"];
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.compute.numerics = Numerics::Reference;
        request.compute.threads = 1;
        request.rounds = 1;
        request.judges.clear();
        const auto trace = m_engine.attack(request, readImage(golden() / (name + ".clean.png")));
        const double share = equalPixels(
            trace->subSteps[1]->exported, readImage(golden() / (name + ".sub-step-1.png")));
        qInfo("equal pixels %.5f", share);
        QVERIFY(share >= 0.999);
    }
};

QTEST_GUILESS_MAIN(tst_GoldenTraces)
#include "tst_GoldenTraces.moc"
