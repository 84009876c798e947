// MI-FGSM and its successors on small made-up networks, where each part of the composition can be
// computed beside it. Agreement with torchattacks on a real network: tst_MomentumGoldens.

#include "core/attack/AttackLoop.h"
#include "core/attack/LabelChoice.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/base/Sha256.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <cmath>
#include <set>

#include "tests/core/attack/FakeSource.h"
#include "tests/core/attack/MadeUpAttack.h"

using namespace crossiter;
using test::fake;
using test::Fake;
using test::FakeSource;
using test::noisePicture;
using test::requestOf;
using test::topLabel;
using test::withAll;

namespace {

double farthest(const torch::Tensor& a, const torch::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

} // namespace

class tst_GradientRule : public QObject
{
    Q_OBJECT

private:
    const torch::Tensor m_x = toTensor(noisePicture(), torch::kDouble);

private Q_SLOTS:
    void aPlainRequestIsOnePass()
    {
        const Fake a = fake("a", 1000, 1);
        const AttackRequest request = requestOf(Method::CrossIterative, 1);
        const auto plain = differentiate(*a, m_x, -1, false);
        a->calls = 0;
        const auto found = composedGradient({ a }, m_x, m_x, -1, false, request, {});
        QCOMPARE(a->calls, 1);
        QVERIFY(torch::equal(found.gradient, plain.gradient));
        QCOMPARE(found.loss, plain.loss);
        QCOMPARE(found.label, plain.label);
        QCOMPARE(found.variance, -1.0);
        // Draws of what is not random are not taken twice.
        AttackRequest draws = request;
        draws.throughDraws = 50;
        a->calls = 0;
        QVERIFY(torch::equal(
            composedGradient({ a }, m_x, m_x, -1, false, draws, {}).gradient, plain.gradient));
        QCOMPARE(a->calls, 1);
    }

    void scalesAreTheMeanOfTheChainRule()
    {
        const Fake a = fake("a", 1000, 1);
        AttackRequest request = requestOf(Method::MiFgsm, 1);
        request.scales = 4;
        const auto found = composedGradient({ a }, m_x, m_x, 9, false, request, {});
        torch::Tensor expected = torch::zeros_like(m_x);
        double loss = 0.0;
        for (int i = 0; i < 4; ++i) {
            const auto one = differentiate(*a, m_x / std::exp2(i), 9, false);
            expected = expected + one.gradient / std::exp2(i) / 4;
            loss += one.loss / 4;
        }
        QVERIFY(farthest(found.gradient, expected) < 1e-12 * expected.abs().max().item<double>());
        QVERIFY(std::abs(found.loss - loss) < 1e-12);
    }

    void labelOfACopyIsThatOfTheImage()
    {
        const Fake a = fake("a", 1000, 1);
        AttackRequest request = requestOf(Method::MiFgsm, 1);
        request.scales = 3;
        const torch::Tensor ahead = -m_x; // says something else
        const int own = topLabel(*a, a->logits(m_x).logits);
        QVERIFY(topLabel(*a, a->logits(ahead).logits) != own);
        QCOMPARE(composedGradient({ a }, ahead, m_x, -1, false, request, {}).label, own);
    }

    void drawsAreAveragedAndSpread()
    {
        const Fake a = fake("a", 1000, 1, 0.5);
        AttackRequest request = requestOf(Method::CrossIterative, 1);
        request.throughDraws = 6;
        const DrawKeys keys { 3, 17, 4 };
        const auto found = composedGradient({ a }, m_x, m_x, 9, false, request, keys);
        std::vector<std::uint64_t> expectedDraws;
        std::vector<torch::Tensor> gradients;
        for (std::uint64_t draw = 0; draw < 6; ++draw) {
            expectedDraws.push_back(mixSeed({ 3, 17, 4, draw }));
            const torch::Tensor leaf = m_x.clone().set_requires_grad(true);
            const torch::Tensor loss = torch::cross_entropy_loss(
                a->logitsOfDraw(leaf, expectedDraws.back()).logits, torch::tensor({ 8L }));
            gradients.push_back(torch::autograd::grad({ loss }, { leaf })[0]);
        }
        QVERIFY(
            std::vector<std::uint64_t>(a->draws.begin(), a->draws.begin() + 6) == expectedDraws);
        QCOMPARE(std::set<std::uint64_t>(expectedDraws.begin(), expectedDraws.end()).size(), 6UL);
        const torch::Tensor all = torch::stack(gradients);
        const torch::Tensor mean = all.mean(0);
        QVERIFY(farthest(found.gradient, mean) < 1e-12 * mean.abs().max().item<double>());
        const auto variance =
            (all.var(0, /*unbiased=*/true).mean() / mean.square().mean()).item<double>();
        QVERIFY(variance > 1e-3);
        QVERIFY(std::abs(found.variance - variance) < 1e-9 * variance);
        // One draw is still a draw of its own number, and has no spread.
        request.throughDraws = 1;
        a->draws.clear();
        QCOMPARE(composedGradient({ a }, m_x, m_x, 9, false, request, keys).variance, -1.0);
        QVERIFY(a->draws == std::vector<std::uint64_t> { expectedDraws.front() });
    }

    void copiesOfADrawHaveDrawsOfTheirOwn()
    {
        const Fake a = fake("a", 1000, 1, 0.5);
        AttackRequest request = requestOf(Method::MiFgsm, 1);
        request.throughDraws = 3;
        request.scales = 4;
        (void)composedGradient({ a }, m_x, m_x, 9, false, request, { 3, 17, 4 });
        QCOMPARE(a->draws.size(), std::size_t(12));
        QCOMPARE(std::set<std::uint64_t>(a->draws.begin(), a->draws.end()).size(), 12UL);
    }

    void meanLogitsAreByCompetitionLabel()
    {
        const Fake a = fake("a", 1000, 1);
        const Fake b = fake("b", 1001, 2);
        const LabelSpan span = labelSpan({ a, b });
        QCOMPARE(span.first, 1);
        QCOMPARE(span.count, 1000);
        QCOMPARE(labelSpan({ b }).first, 0);
        AttackRequest request = requestOf(Method::MiFgsm, 1);
        const auto found = composedGradient({ a, b }, m_x, m_x, 9, false, request, {});
        const torch::Tensor leaf = m_x.clone().set_requires_grad(true);
        const torch::Tensor mean =
            (a->logits(leaf).logits + b->logits(leaf).logits.slice(1, 1)) * 0.5;
        const torch::Tensor loss = torch::cross_entropy_loss(mean, torch::tensor({ 8L }));
        QVERIFY(std::abs(found.loss - loss.item<double>()) < 1e-12);
        QVERIFY(farthest(found.gradient, torch::autograd::grad({ loss }, { leaf })[0]) < 1e-12);
    }

    void aMeanLogitsTraceHasOneSubStepARound()
    {
        const Fake a = fake("a", 1000, 1);
        const Fake b = fake("b", 1001, 2);
        AttackRequest request = requestOf(Method::MiFgsm, 3);
        const auto trace = runAttack(request, noisePicture(), { { a, b }, {} });
        QVERIFY(trace->complete());
        QCOMPARE(trace->subSteps.size(), std::size_t(4));
        const int joint = jointTop1({ a->predict(noisePicture()), b->predict(noisePicture()) });
        for (int i = 1; i <= 3; ++i) {
            const SubStep& step = *trace->subSteps[std::size_t(i)];
            QCOMPARE(step.round, i);
            QCOMPARE(step.sourceIndex, -1);
            QCOMPARE(step.source, std::string("mean of logits"));
            QCOMPARE(step.attackedLabel, joint);
        }
        // Own labels are the ensemble's: of the mean logits, not of one network.
        for (const LabelRule rule : { LabelRule::OwnClean, LabelRule::LeastLikely }) {
            request.labelRule = rule;
            const torch::Tensor mean =
                (a->logits(m_x).logits + b->logits(m_x).logits.slice(1, 1))[0] * 0.5;
            const std::vector<int> labels = fixedLabels(request, { a, b }, m_x);
            const torch::Tensor wanted =
                rule == LabelRule::OwnClean ? mean.argmax() : mean.argmin();
            QCOMPARE(labels.size(), std::size_t(1));
            QCOMPARE(labels.front(), int(wanted.item<std::int64_t>()) + 1);
        }
        // The mean of one network is that network.
        request.sources = { "b" };
        const auto one = runAttack(request, noisePicture(), { { b }, {} });
        QCOMPARE(one->last().sourceIndex, 0);
        QCOMPARE(one->last().source, std::string("b"));
        // A label that only one of them has is refused.
        request.sources = { "a", "b" };
        request.labelRule = LabelRule::True;
        request.trueLabel = 0;
        QVERIFY_THROWS_EXCEPTION(Error, (void)runAttack(request, noisePicture(), { { a, b }, {} }));
    }

    void theKernelIsTheGaussianOfThePaper()
    {
        torch::Tensor impulse = torch::zeros({ 1, 3, 41, 41 }, torch::kDouble);
        impulse[0][1][20][20] = 1.0;
        const torch::Tensor found = smoothed(impulse, 15);
        QVERIFY(std::abs(found.sum().item<double>() - 1.0) < 1e-12);
        QCOMPARE(found[0][0].abs().max().item<double>(), 0.0); // planes do not mix
        const auto density = [](int i) {
            const double z = -3.0 + 6.0 * i / 14.0;
            return std::exp(-z * z / 2.0) / std::sqrt(2.0 * M_PI);
        };
        double sum = 0.0;
        for (int i = 0; i < 15; ++i)
            sum += density(i);
        for (const auto& [y, x] : { std::pair(7, 7), std::pair(0, 3), std::pair(14, 10) }) {
            const double wanted = density(y) * density(x) / (sum * sum);
            QVERIFY(std::abs(found[0][1][13 + y][13 + x].item<double>() - wanted) < 1e-15);
        }
        QVERIFY(smoothed(impulse, 0).is_same(impulse));
        QCOMPARE(smoothed(impulse, 3).sizes(), impulse.sizes());
    }

    void momentumFollowsItsFormula()
    {
        const torch::Tensor g = torch::randn({ 1, 3, 5, 5 }, torch::kDouble);
        const torch::Tensor before = torch::randn({ 1, 3, 5, 5 }, torch::kDouble);
        const torch::Tensor wanted = 0.9 * before + g / g.abs().mean();
        QVERIFY(farthest(accumulated(before, g, 0.9), wanted) < 1e-12);
        QVERIFY(farthest(accumulated({}, g, 0.9), g / g.abs().mean()) < 1e-12);
        // No direction found: the old one goes on, and nothing becomes NaN.
        QVERIFY(torch::equal(accumulated(before, torch::zeros_like(g), 1.0), before));
        const torch::Tensor bad = torch::full_like(g, std::nan(""));
        QVERIFY(torch::equal(accumulated(before, bad, 1.0), before));
    }

    void diversityDrawsAreInRange()
    {
        std::set<int> sides;
        int untouched = 0;
        for (std::uint64_t seed = 0; seed < 2000; ++seed) {
            QCOMPARE(drawDiversity(0.0, seed).side, 0);
            const DiversityDraw draw = drawDiversity(1.0, seed);
            QVERIFY(draw.side >= 299 && draw.side < 330);
            QVERIFY(draw.top >= 0 && draw.top < 330 - draw.side);
            QVERIFY(draw.left >= 0 && draw.left < 330 - draw.side);
            sides.insert(draw.side);
            untouched += drawDiversity(0.5, seed).side == 0 ? 1 : 0;
        }
        QCOMPARE(sides.size(), std::size_t(31));
        QVERIFY(untouched > 900 && untouched < 1100);
    }

    void diversityMovesThePictureOnAGreyCanvas()
    {
        const torch::Tensor ones = torch::ones_like(m_x);
        const torch::Tensor moved = diversified(ones, { 299, 10, 20 });
        QCOMPARE(moved.sizes(), ones.sizes());
        // Back from 330 to 299: the border of the canvas is zero, the middle is the picture.
        QCOMPARE(moved[0][0][0].abs().max().item<double>(), 0.0);
        QCOMPARE(moved[0][0][150][150].item<double>(), 1.0);
        const double scale = 299.0 / 330.0;
        QCOMPARE(moved[0][0][150][int(20 * scale) - 2].item<double>(), 0.0);
        QCOMPARE(moved[0][0][150][int(20 * scale) + 2].item<double>(), 1.0);
        QVERIFY(diversified(ones, {}).is_same(ones));
        const torch::Tensor leaf = m_x.clone().set_requires_grad(true);
        const auto slope =
            torch::autograd::grad({ diversified(leaf, { 320, 3, 4 }).sum() }, { leaf });
        QVERIFY(slope[0].abs().min().item<double>() > 0.0);
    }

    void nesterovLooksAhead()
    {
        const Fake a = fake("a", 1000, 1);
        AttackRequest request = requestOf(Method::MiFgsm, 2);
        request.sources = { "a" };
        request.ensemble = Ensemble::Alternate;
        request.labelRule = LabelRule::True;
        request.momentum = 0.8;
        request.stepPx = 2.0;
        request.nesterov = true;
        a->remembers = true;
        const auto trace = runAttack(request, noisePicture(), { { a }, {} });
        a->remembers = false;
        QCOMPARE(a->asked.size(), std::size_t(2));
        QVERIFY(torch::equal(a->asked[0], m_x)); // nothing is accumulated yet
        const torch::Tensor g = differentiate(*a, m_x, 5, false).gradient;
        std::vector<double> floats = trace->subSteps[1]->floats->f64;
        const torch::Tensor first =
            torch::from_blob(floats.data(), { 1, 3, kImageSide, kImageSide }, torch::kDouble);
        const torch::Tensor ahead = first + (4.0 / 255.0) * 0.8 * (g / g.abs().mean());
        QVERIFY(farthest(a->asked[1], ahead) < 1e-12);
    }

    void extendingEqualsOneRun()
    {
        const AttackNetworks parts { { fake("a", 1000, 1), fake("b", 1001, 2, 0.3) }, {} };
        for (AttackRequest request : { withAll(2), requestOf(Method::MiFgsm, 2) }) {
            request.keepFloats = false;
            const auto first = runAttack(request, noisePicture(), parts);
            request.rounds = 4;
            const auto longer = runAttack(request, noisePicture(), parts, first);
            const auto whole = runAttack(request, noisePicture(), parts);
            QCOMPARE(longer->subSteps[1].get(), first->subSteps[1].get());
            for (std::size_t i = 0; i < whole->subSteps.size(); ++i) {
                QCOMPARE(longer->subSteps[i]->exported, whole->subSteps[i]->exported);
                QCOMPARE(longer->subSteps[i]->loss, whole->subSteps[i]->loss);
            }
            // Cut back, the accumulated gradient of that place is not known: growing computes anew
            // and still gives the same.
            request.keepFloats = true;
            const auto kept = runAttack(request, noisePicture(), parts);
            request.rounds = 1;
            const auto cut = runAttack(request, noisePicture(), parts, kept);
            QCOMPARE(cut->subSteps[1].get(), kept->subSteps[1].get());
            request.rounds = 3;
            const auto grown = runAttack(request, noisePicture(), parts, cut);
            for (std::size_t i = 0; i < grown->subSteps.size(); ++i)
                QCOMPARE(grown->subSteps[i]->exported, whole->subSteps[i]->exported);
        }
    }

    void aStopInsideASubStepKeepsTheMomentumBefore()
    {
        const Fake a = fake("a", 1000, 1);
        const AttackNetworks parts { { a, fake("b", 1001, 2) }, { a } };
        AttackRequest request = withAll(3);
        request.judges = { "a" };
        std::stop_source stop;
        int reports = 0;
        const auto trace = runAttack(
            request, noisePicture(), parts, nullptr, {},
            [&](const Progress&) {
                if (++reports == 4)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(trace->cancelled);
        QCOMPARE(trace->subSteps.size(), std::size_t(4));
        const auto resumed = runAttack(request, noisePicture(), parts, trace);
        QCOMPARE(
            resumed->last().exported, runAttack(request, noisePicture(), parts)->last().exported);
    }

    void everyOptionDoesSomethingOnEveryMethod()
    {
        const AttackNetworks parts { { fake("a", 1000, 1), fake("b", 1001, 2) }, {} };
        for (const Method method : { Method::CrossIterative, Method::IterTarget, Method::MiFgsm }) {
            AttackRequest plain = requestOf(method, 2);
            plain.target = 77;
            plain.momentum = 0.5;
            const Image without = runAttack(plain, noisePicture(), parts)->last().exported;
            for (int option = 0; option < 6; ++option) {
                AttackRequest request = plain;
                if (option == 0)
                    request.momentum = 0.0;
                else if (option == 1)
                    request.diversity = 1.0;
                else if (option == 2)
                    request.translation = 15;
                else if (option == 3)
                    request.nesterov = true;
                else if (option == 4)
                    request.scales = 3;
                else
                    request.ensemble = plain.ensemble == Ensemble::Alternate ? Ensemble::MeanLogits
                                                                             : Ensemble::Alternate;
                const auto trace = runAttack(request, noisePicture(), parts);
                QVERIFY2(trace->last().exported != without,
                    (toString(method) + ", option " + std::to_string(option)).c_str());
                QVERIFY(trace->last().linfExported <= 16);
                // The same seed gives the same picture again.
                QCOMPARE(runAttack(request, noisePicture(), parts)->last().exported,
                    trace->last().exported);
            }
        }
    }

    void towardsATargetTheLossFalls()
    {
        const Fake a = fake("a", 1000, 1);
        const Fake b = fake("b", 1001, 2);
        AttackRequest request = requestOf(Method::IterTarget, 6);
        request.target = 77;
        request.momentum = 1.0;
        request.ensemble = Ensemble::MeanLogits;
        request.judges = { "a", "b" };
        for (const bool nesterov : { false, true }) {
            request.nesterov = nesterov;
            const auto trace = runAttack(request, noisePicture(), { { a, b }, { a, b } });
            QVERIFY(trace->last().descends);
            for (std::size_t judge = 0; judge < 2; ++judge) {
                const double before = trace->subSteps[0]->judges[judge].probabilityOf(77);
                const double after = trace->last().judges[judge].probabilityOf(77);
                QVERIFY2(after > before,
                    (std::to_string(before) + " -> " + std::to_string(after)).c_str());
            }
        }
    }

    void cleanLabelsOfARandomSourceAreThoseOfItsMean()
    {
        const Fake a = fake("a", 1000, 1, 3.0);
        AttackRequest request = requestOf(Method::Bim, 1);
        request.sources = { "a" };
        request.throughDraws = 8;
        const DrawKeys keys { 1, 2, 0 };
        torch::Tensor sum = torch::zeros({ 1, 1000 }, torch::kDouble);
        std::set<int> single;
        for (std::uint64_t draw = 0; draw < 8; ++draw) {
            const torch::Tensor logits = a->logitsOfDraw(m_x, mixSeed({ 1, 2, 0, draw })).logits;
            single.insert(topLabel(*a, logits));
            sum += torch::softmax(logits, 1);
        }
        QVERIFY(single.size() > 1); // draws disagree, or the test shows nothing
        QCOMPARE(fixedLabels(request, { a }, m_x, keys).front(), topLabel(*a, sum));
    }
};

QTEST_GUILESS_MAIN(tst_GradientRule)
#include "tst_GradientRule.moc"
