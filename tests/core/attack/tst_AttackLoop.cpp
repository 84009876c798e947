// The loop itself on small made-up sources, where every label and direction is known beforehand.

#include "core/attack/AttackLoop.h"
#include "core/attack/LabelChoice.h"
#include "core/base/Error.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <atomic>

#include "tests/core/attack/FakeSource.h"

using namespace crossiter;

namespace {

/// A linear classifier on the mean of each third of the image: cheap, with a known gradient.
class LinearSource : public DifferentiableSource
{
public:
    LinearSource(std::string id, int classes, std::uint64_t seed, bool auxiliary = false)
        : m_id(std::move(id))
        , m_classes(classes)
        , m_auxiliary(auxiliary)
    {
        torch::manual_seed(seed);
        m_weights = torch::randn({ classes, 3L * 13 * 13 }) * 3;
    }

    [[nodiscard]] NetOutput logits(const torch::Tensor& x) const override
    {
        ++calls;
        const torch::Tensor logits = torch::matmul(
            torch::avg_pool2d(x, { 23, 23 }).flatten(1), m_weights.to(x.scalar_type()).t());
        return { logits, m_auxiliary ? logits * 0.5 : torch::Tensor() };
    }
    [[nodiscard]] const std::string& id() const override { return m_id; }
    [[nodiscard]] int classes() const override { return m_classes; }
    [[nodiscard]] int labelOffset() const override { return m_classes == 1001 ? 0 : 1; }
    [[nodiscard]] torch::ScalarType scalarType() const override { return torch::kFloat; }
    [[nodiscard]] torch::Device device() const override { return { torch::kCPU }; }

    mutable std::atomic<int> calls = 0;

private:
    std::string m_id;
    int m_classes;
    bool m_auxiliary;
    torch::Tensor m_weights;
};

Image picture(unsigned seed = 1)
{
    Image image(kImageSide, kImageSide);
    for (auto& value : image.rgb) {
        seed = seed * 1664525U + 1013904223U;
        value = static_cast<std::uint8_t>(seed >> 24U);
    }
    return image;
}

struct Setting
{
    std::shared_ptr<LinearSource> a = std::make_shared<LinearSource>("a", 1000, 1);
    std::shared_ptr<LinearSource> b = std::make_shared<LinearSource>("b", 1001, 2);
    AttackNetworks parts { { a, b }, { a, b } };

    [[nodiscard]] static AttackRequest request(Method method = Method::CrossIterative)
    {
        AttackRequest r = defaultRequest(method);
        r.sources = { "a", "b" };
        r.judges = { "a", "b" };
        r.target = 77;
        r.trueLabel = 5;
        return r;
    }
};

} // namespace

class tst_AttackLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void stepsTheSourcesInTurn()
    {
        const Setting s;
        const auto trace = runAttack(Setting::request(), picture(), s.parts);
        QVERIFY(trace->complete());
        QCOMPARE(trace->subSteps.size(), std::size_t(7));
        for (int i = 1; i <= 6; ++i) {
            const SubStep& step = *trace->subSteps[std::size_t(i)];
            QCOMPARE(step.index, i);
            QCOMPARE(step.source, std::string(i % 2 == 1 ? "a" : "b"));
            QCOMPARE(step.round, (i + 1) / 2);
            QVERIFY(!step.descends);
            QVERIFY(
                step.gradientL2 > 0 && step.gradientLinf > 0 && step.gradientL1 >= step.gradientL2);
        }
    }

    void ownRefreshedAttacksWhatTheSourceSaysNow()
    {
        const Setting s;
        const auto trace = runAttack(Setting::request(), picture(), s.parts);
        for (int i = 1; i <= 6; ++i) {
            const FloatImage& before = *trace->subSteps[std::size_t(i - 1)]->floats;
            const torch::Tensor x = torch::from_blob(const_cast<float*>(before.f32.data()),
                { 1, 3, kImageSide, kImageSide }, torch::kFloat);
            const auto& source = *s.parts.sources[std::size_t((i - 1) % 2)];
            QCOMPARE(trace->subSteps[std::size_t(i)]->attackedLabel,
                test::topLabel(source, source.logits(x).logits));
        }
    }

    void fixedRulesKeepTheirLabel()
    {
        const Setting s;
        const torch::Tensor clean = toTensor(picture(), torch::kFloat);
        for (const LabelRule rule : { LabelRule::OwnClean, LabelRule::True, LabelRule::JointClean,
                 LabelRule::LeastLikely }) {
            AttackRequest request = Setting::request();
            request.labelRule = rule;
            const std::vector<int> labels = fixedLabels(request, s.parts.sources, clean);
            const auto trace = runAttack(request, picture(), s.parts);
            for (int i = 1; i <= 6; ++i) {
                QCOMPARE(trace->subSteps[std::size_t(i)]->attackedLabel,
                    labels[std::size_t((i - 1) % 2)]);
                QCOMPARE(trace->subSteps[std::size_t(i)]->descends, rule == LabelRule::LeastLikely);
            }
        }
        AttackRequest request = Setting::request();
        request.labelRule = LabelRule::OwnClean;
        const auto own = fixedLabels(request, s.parts.sources, clean);
        QCOMPARE(own[0], s.a->predict(picture()).top1());
        QCOMPARE(own[1], s.b->predict(picture()).top1());
        request.labelRule = LabelRule::LeastLikely;
        const auto least = fixedLabels(request, s.parts.sources, clean);
        QVERIFY(least[1] >= 1); // the background never
        for (int label = 1; label < 1001; ++label) {
            QVERIFY(s.a->predict(picture()).probabilityOf(least[0])
                <= s.a->predict(picture()).probabilityOf(label) + 1e-12);
            if (label > 20)
                break; // a sample is enough: argmin is LibTorch's
        }
    }

    void targetedStepsGainTheTarget()
    {
        const Setting s;
        AttackRequest request = Setting::request(Method::CrossIterativeTarget);
        const auto trace = runAttack(request, picture(), s.parts);
        QCOMPARE(trace->subSteps.size(), std::size_t(41));
        QVERIFY(trace->last().descends);
        QVERIFY(trace->last().loss < trace->subSteps[1]->loss);
        QVERIFY(trace->last().judges[0].probabilityOf(77)
            > trace->subSteps[0]->judges[0].probabilityOf(77));
        // Without an auxiliary head the trace says that the term is left out.
        const std::vector<std::string> said {
            "no auxiliary head in a: the targeted loss leaves its 0.4 term out",
            "no auxiliary head in b: the targeted loss leaves its 0.4 term out"
        };
        QCOMPARE(trace->notes, said); // once a source, not once a sub-step
        AttackNetworks withHead { { std::make_shared<LinearSource>("a", 1000, 1, true) }, {} };
        request.sources = { "a" };
        request.judges.clear();
        request.rounds = 1;
        QVERIFY(runAttack(request, picture(), withHead)->notes.empty());
    }

    void targetedLossFollowsTheRule()
    {
        const LinearSource source("a", 1000, 1, true);
        const torch::Tensor x = toTensor(picture(), torch::kFloat);
        const auto found = differentiate(source, x, 77, true);
        const torch::Tensor logits = source.logits(x).logits;
        const auto smoothed = [](const torch::Tensor& values) {
            const torch::Tensor logs = torch::log_softmax(values, 1)[0];
            return -(0.9 * logs[76] + 0.1 * logs.mean()).item<double>();
        };
        QVERIFY(std::abs(found.loss - smoothed(logits) - 0.4 * smoothed(logits * 0.5)) < 1e-4);
    }

    void extensionTakesOverAndEqualsOneRun()
    {
        const Setting s;
        AttackRequest request = Setting::request();
        const auto first = runAttack(request, picture(), s.parts);
        request.rounds = 5;
        const int before = s.a->calls;
        std::vector<int> streamed;
        const auto longer = runAttack(request, picture(), s.parts, first,
            [&](const auto& step) { streamed.push_back(step->index); });
        // Two further rounds: on `a` one gradient each, and 4 sub-steps judged.
        QCOMPARE(s.a->calls - before, 2 + 4);
        for (std::size_t i = 0; i <= 6; ++i)
            QCOMPARE(longer->subSteps[i].get(), first->subSteps[i].get());
        QCOMPARE(streamed.size(), std::size_t(11));
        const auto whole = runAttack(request, picture(), s.parts);
        for (std::size_t i = 0; i <= 10; ++i) {
            QCOMPARE(longer->subSteps[i]->exported, whole->subSteps[i]->exported);
            QVERIFY(longer->subSteps[i]->floats->f32 == whole->subSteps[i]->floats->f32);
        }
        // Fewer rounds: cut off, nothing computed; and then grown again.
        request.rounds = 1;
        const int calls = s.a->calls;
        const auto cut = runAttack(request, picture(), s.parts, longer);
        QCOMPARE(s.a->calls, calls);
        QCOMPARE(cut->subSteps.size(), std::size_t(3));
        request.rounds = 2;
        QCOMPARE(runAttack(request, picture(), s.parts, cut)->last().exported,
            whole->subSteps[4]->exported);
        // Another image or another request: nothing is taken over.
        QVERIFY(runAttack(request, picture(9), s.parts, longer)->subSteps[0].get()
            != longer->subSteps[0].get());
    }

    void extendsATraceWithoutSteps_data()
    {
        QTest::addColumn<int>("rule");
        QTest::addColumn<bool>("together");
        QTest::addColumn<double>("momentum");
        for (const LabelRule rule : { LabelRule::OwnRefreshed, LabelRule::OwnClean,
                 LabelRule::JointClean, LabelRule::LeastLikely, LabelRule::True }) {
            for (const bool together : { false, true }) {
                for (const double momentum : { 0.0, 1.0 })
                    QTest::addRow("%s %s %g", toString(rule).c_str(),
                        together ? "together" : "in turn", momentum)
                        << static_cast<int>(rule) << together << momentum;
            }
        }
    }

    void extendsATraceWithoutSteps()
    {
        QFETCH(const int, rule);
        QFETCH(const bool, together);
        QFETCH(const double, momentum);
        const Setting s;
        AttackRequest request = Setting::request();
        request.labelRule = static_cast<LabelRule>(rule);
        request.ensemble = together ? Ensemble::MeanLogits : Ensemble::Alternate;
        request.momentum = momentum;
        request.trueLabel = 3;
        request.rounds = 2;
        const auto whole = runAttack(request, picture(), s.parts);
        request.rounds = 0;
        const auto none = runAttack(request, picture(), s.parts);
        QCOMPARE(none->subSteps.size(), std::size_t(1));
        // Twice without a step, then grown.
        const auto again = runAttack(request, picture(), s.parts, none);
        request.rounds = 2;
        for (const auto& from : { none, again }) {
            const auto grown = runAttack(request, picture(), s.parts, from);
            QCOMPARE(grown->subSteps.size(), whole->subSteps.size());
            for (std::size_t i = 0; i < whole->subSteps.size(); ++i) {
                QCOMPARE(grown->subSteps[i]->exported, whole->subSteps[i]->exported);
                QCOMPARE(grown->subSteps[i]->attackedLabel, whole->subSteps[i]->attackedLabel);
            }
        }
        // Stopped before the first step, and gone on with.
        std::stop_source stop;
        const auto stopped = runAttack(
            request, picture(), s.parts, nullptr, [&](const auto&) { stop.request_stop(); }, {},
            stop.get_token());
        QCOMPARE(stopped->subSteps.size(), std::size_t(1));
        QCOMPARE(runAttack(request, picture(), s.parts, stopped)->last().exported,
            whole->last().exported);
    }

    void extendsWithoutKeptFloats()
    {
        const Setting s;
        AttackRequest request = Setting::request();
        request.keepFloats = false;
        const auto first = runAttack(request, picture(), s.parts);
        QVERIFY(!first->last().floats);
        request.rounds = 4;
        const auto longer = runAttack(request, picture(), s.parts, first);
        QCOMPARE(longer->subSteps[6].get(), first->subSteps[6].get());
        QCOMPARE(longer->last().exported, runAttack(request, picture(), s.parts)->last().exported);
    }

    void anEndlessAttackIsCancelled()
    {
        const Setting s;
        AttackRequest request = Setting::request();
        request.rounds = 1000;
        std::stop_source stop;
        const auto trace = runAttack(
            request, picture(), s.parts, nullptr,
            [&](const auto& step) {
                if (step->index == 5)
                    stop.request_stop();
            },
            {}, stop.get_token());
        QVERIFY(trace->cancelled);
        QVERIFY(!trace->complete());
        QCOMPARE(trace->subSteps.size(), std::size_t(6));
        for (const auto& step : trace->subSteps)
            QCOMPARE(step->judges.size(), std::size_t(2));
        // What is there is whole: it extends to the same result as an uninterrupted run.
        request.rounds = 4;
        const auto resumed = runAttack(request, picture(), s.parts, trace);
        QVERIFY(resumed->complete() && !resumed->cancelled);
        QCOMPARE(resumed->last().exported, runAttack(request, picture(), s.parts)->last().exported);
    }

    void cancelledInTheMiddleOfASubStepKeepsTheStepBefore()
    {
        const Setting s;
        AttackRequest request = Setting::request();
        request.rounds = 3;
        std::stop_source stop;
        int reports = 0;
        // Progress is reported before each sub-step: stop there, while the step's judges are due.
        const auto trace = runAttack(
            request, picture(), s.parts, nullptr, {},
            [&](const Progress&) {
                if (++reports == 3)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(trace->cancelled);
        QCOMPARE(trace->subSteps.size(), std::size_t(3));
        const auto resumed = runAttack(request, picture(), s.parts, trace);
        QCOMPARE(resumed->last().exported, runAttack(request, picture(), s.parts)->last().exported);
        stop = std::stop_source();
        stop.request_stop();
        QVERIFY(!runAttack(request, picture(), s.parts, nullptr, {}, {}, stop.get_token()));
    }

    void budgetHoldsForEveryMethod()
    {
        const Setting s;
        for (const Method method : allMethods()) {
            for (const int epsilon : { 0, 1, 4, 16, 255 }) {
                AttackRequest request = defaultRequest(method, epsilon);
                request.sources = { "a", "b" };
                request.judges.clear();
                request.target = 77;
                request.rounds = std::min(request.rounds, 3);
                AttackNetworks parts = s.parts;
                parts.judges.clear();
                const auto trace = runAttack(request, picture(), parts);
                for (const auto& step : trace->subSteps) {
                    QVERIFY(step->linfExported <= epsilon);
                    int most = 0;
                    for (std::size_t i = 0; i < step->exported.rgb.size(); ++i) {
                        most = std::max(
                            most, std::abs(int(step->exported.rgb[i]) - int(trace->clean.rgb[i])));
                    }
                    QCOMPARE(most, step->linfExported);
                }
                if (epsilon == 0 || method == Method::Noop)
                    QCOMPARE(trace->last().exported, trace->clean);
                if (request.projection == Projection::Ball)
                    QVERIFY(trace->last().linfFloatPx <= epsilon + 1e-4);
            }
        }
    }

    void seedDrifts6375AStepWithoutProjection()
    {
        const Setting s;
        AttackNetworks parts { { s.a }, {} };
        AttackRequest request = Setting::request();
        request.sources = { "a" };
        request.judges.clear();
        // One source whose label never flips back would drift by exactly one step a sub-step; at
        // least the first must.
        const auto trace = runAttack(request, picture(), parts);
        QVERIFY(std::abs(trace->subSteps[1]->linfFloatPx - 6.375) < 1e-4);
        QVERIFY(trace->subSteps[1]->linfExported <= 7);
    }

    void noiseDependsOnSeedAndImageOnly()
    {
        const AttackNetworks none;
        AttackRequest request = defaultRequest(Method::RandomNoise);
        request.judges.clear();
        const Image one = runAttack(request, picture(1), none)->last().exported;
        QCOMPARE(runAttack(request, picture(1), none)->last().exported, one);
        request.seed = 2;
        QVERIFY(runAttack(request, picture(1), none)->last().exported != one);
        // Signs are balanced and every value moves by epsilon, or by what [0, 255] leaves.
        const Image clean = picture(1);
        int up = 0;
        int down = 0;
        int wrong = 0;
        for (std::size_t i = 0; i < clean.rgb.size(); ++i) {
            const int delta = int(one.rgb[i]) - int(clean.rgb[i]);
            up += delta > 0 ? 1 : 0;
            down += delta < 0 ? 1 : 0;
            if (clean.rgb[i] >= 16 && clean.rgb[i] <= 239)
                wrong += std::abs(delta) != 16 ? 1 : 0;
        }
        QCOMPARE(wrong, 0);
        const double share = double(up) / (up + down);
        QVERIFY(share > 0.49 && share < 0.51);
    }

    void targetMustExistInTheNetwork()
    {
        const Setting s;
        AttackRequest request = Setting::request(Method::CrossIterativeTarget);
        request.target = 0; // background: class of `b` only
        try {
            (void)runAttack(request, picture(), s.parts);
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Usage);
            QCOMPARE(QString::fromStdString(error.place()), QStringLiteral("a"));
        }
    }

    void labelReturnsAreFound()
    {
        AttackTrace trace;
        trace.judges = { "j" };
        const auto add = [&](int top) {
            auto step = std::make_shared<SubStep>();
            step->index = static_cast<int>(trace.subSteps.size());
            Prediction p { "j", std::vector<float>(1001, 0.0F) };
            p.probabilities[std::size_t(top)] = 1.0F;
            step->judges.push_back(p);
            trace.subSteps.push_back(step);
        };
        for (const int top : { 5, 9, 5, 5, 8, 5 })
            add(top);
        const std::vector<int> expected = { 2, 5 };
        QVERIFY(labelReturns(trace, 0, 5) == expected);
        QVERIFY(labelReturns(trace, 0, 9).empty()); // held once, never lost and back
    }
};

QTEST_GUILESS_MAIN(tst_AttackLoop)
#include "tst_AttackLoop.moc"
