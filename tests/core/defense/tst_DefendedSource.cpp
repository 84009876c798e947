// A classifier behind a defense, on networks small enough to compute by hand.

#include "core/attack/AttackLoop.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/defense/DefendedSource.h"
#include "core/defense/DefenseRequest.h"
#include "core/nets/Layers.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <cmath>

using namespace crossiter;

namespace {

constexpr int kFeatures = 6;

/// Convolution 3 -> 6, batch norm, ReLU, mean, dense 6 -> 1000.
class TinyNet : public Net
{
public:
    TinyNet()
        : m_conv(
            *this, "conv", "bn", { 3, kFeatures, { 3, 3 }, 2, Padding::Valid, Activation::Relu })
        , m_fc(register_module("fc", std::make_shared<DenseLayer>(kFeatures, 1000)))
    {
        torch::manual_seed(7);
        const torch::NoGradGuard guard;
        for (torch::Tensor& parameter : parameters())
            parameter.uniform_(-1, 1);
        m_conv.norm->running_mean.uniform_(-0.5, 0.5);
        m_conv.norm->running_var.uniform_(0.5, 1.5);
    }
    void foldBatchNorm() override { m_conv.fold(); }
    [[nodiscard]] std::int64_t multiplyAdds(int /*side*/) const override { return 1; }
    [[nodiscard]] int pooledFeatures() const override { return kFeatures; }
    [[nodiscard]] NetHead head() const override { return { m_fc->weight, m_fc->bias }; }
    [[nodiscard]] double keepProbability() const override { return 0.8; }

    [[nodiscard]] const ConvNorm& conv() const { return m_conv; }
    [[nodiscard]] const DenseLayer& fc() const { return *m_fc; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override
    {
        return classified(m_conv.run(input, options), {}, *m_fc, options);
    }

private:
    ConvNorm m_conv;
    std::shared_ptr<DenseLayer> m_fc;
};

ModelManifest manifest()
{
    ModelManifest made;
    made.id = "tiny";
    made.preprocessing = { kImageSide, 1.0, 0.0 };
    return made;
}

std::shared_ptr<TinyNet> tinyNet(torch::ScalarType type)
{
    auto net = std::make_shared<TinyNet>();
    net->to(torch::kCPU, type);
    net->freeze();
    return net;
}

std::shared_ptr<const Classifier> classifierOf(
    const std::shared_ptr<Net>& net, Numerics numerics = Numerics::Exact)
{
    return Classifier::of(manifest(), net, numerics, torch::kCPU);
}

torch::Tensor picture(int seed, torch::ScalarType type = torch::kDouble)
{
    RandomStream stream(static_cast<std::uint64_t>(seed));
    torch::Tensor x = torch::empty({ 1, 3, kImageSide, kImageSide }, torch::kDouble);
    auto* values = x.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < x.numel(); ++i)
        values[i] = std::sin(static_cast<double>(i) * 1e-3 * seed) * 0.7 + stream.uniform() * 0.3;
    return x.to(type);
}

double largest(const torch::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

class Fixture
{
public:
    explicit Fixture(const char* text, Numerics numerics = Numerics::Exact)
        : request(parseDefense(text))
        , net(tinyNet(scalarTypeOf(numerics)))
        , source(classifierOf(net, numerics), request,
              std::make_shared<const DefenseStages>(request, bank))
    {
    }

    [[nodiscard]] Drawn drawn(const torch::Tensor& x, std::uint64_t key = 1, int subStep = 0) const
    {
        DrawnPicture one;
        one.x = x;
        one.key = key;
        one.subStep = subStep;
        return source.draws({ one })->front();
    }

    DefenseRequest request;
    ResizeBank bank;
    std::shared_ptr<TinyNet> net;
    DefendedSource source;
};

} // namespace

class tst_DefendedSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void batchStatisticsByHand()
    {
        const Fixture defended("batch-statistics");
        const torch::Tensor x = picture(1);
        // Sixteen pictures, fifteen of them mid-grey, step by step.
        const torch::Tensor batch =
            torch::cat({ x, torch::zeros({ 15, 3, kImageSide, kImageSide }, torch::kDouble) });
        const ConvNorm& layers = defended.net->conv();
        const torch::Tensor y = torch::conv2d(batch, layers.conv->weight, {}, 2);
        torch::Tensor normed = torch::empty_like(y);
        for (int c = 0; c < kFeatures; ++c) {
            const torch::Tensor channel = y.select(1, c);
            const auto mean = channel.mean().item<double>();
            const auto variance = (channel - mean).square().mean().item<double>(); // biased
            normed.select(1, c).copy_((channel - mean) / std::sqrt(variance + 0.001)
                    * layers.norm->weight[c].item<double>()
                + layers.norm->bias[c].item<double>());
        }
        const torch::Tensor features = torch::relu(normed)[0].mean({ 1, 2 });
        const torch::Tensor logits =
            torch::mv(defended.net->fc().weight, features) + defended.net->fc().bias;
        QVERIFY(largest(defended.source.logits(x).logits[0] - logits) <= 1e-12);
        // Running averages stay as they are, and are not what was used.
        const Fixture plain("none");
        QVERIFY(torch::equal(layers.norm->running_mean, plain.net->conv().norm->running_mean));
        QVERIFY(largest(plain.source.logits(x).logits[0] - logits) > 1e-3);
    }

    void batchesHoldTheirPictures()
    {
        const Fixture defended("batch-statistics");
        std::vector<DrawnPicture> three(3);
        std::vector<torch::Tensor> rows;
        for (int i = 0; i < 3; ++i) {
            three[static_cast<std::size_t>(i)].x = picture(i + 1);
            rows.push_back(three[static_cast<std::size_t>(i)].x);
        }
        rows.push_back(torch::zeros({ 13, 3, kImageSide, kImageSide }, torch::kDouble));
        ForwardOptions options;
        options.batchStatistics = true;
        const torch::Tensor expected =
            torch::softmax(defended.net->forward(torch::cat(rows), options).logits, 1);
        const auto found = defended.source.draws(three);
        for (std::int64_t i = 0; i < 3; ++i) {
            const Drawn& drawn = (*found)[static_cast<std::size_t>(i)];
            for (std::int64_t c = 0; c < 1000; ++c)
                QVERIFY(std::abs(drawn.mean[static_cast<std::size_t>(c) + 1]
                            - expected[i][c].item<double>())
                    <= 1e-7);
        }
        // Alone it is another batch.
        QVERIFY(defended.drawn(three[0].x).mean != (*found)[0].mean);
        // A full batch has no filling.
        const std::vector<DrawnPicture> full(16, three[0]);
        const auto equal = defended.source.draws(full);
        QVERIFY((*equal)[0].mean == (*equal)[15].mean);
    }

    void greyGoesThroughTheStagesToo()
    {
        // JPEG knows no mid-grey: 127.5 becomes 128.
        const Fixture defended("jpeg=50;batch-statistics");
        const torch::Tensor x = picture(2);
        const DefenseStages stages(parseDefense("jpeg=50"), const_cast<ResizeBank&>(defended.bank));
        ForwardOptions options;
        options.batchStatistics = true;
        std::vector<torch::Tensor> rows { stages(x, 0) };
        rows.push_back(stages(torch::zeros({ 15, 3, kImageSide, kImageSide }, torch::kDouble), 0));
        const torch::Tensor expected = defended.net->forward(torch::cat(rows), options).logits[0];
        const double difference = largest(defended.source.logits(x).logits[0] - expected);
        QVERIFY2(difference <= 1e-9, qPrintable(QString::number(difference)));
        QVERIFY(rows[1].abs().max().item<double>() > 1e-3);
    }

    void foldedNetworksRefuseBatchStatistics()
    {
        auto net = tinyNet(torch::kFloat);
        net->foldBatchNorm();
        ResizeBank bank;
        const DefenseRequest request = parseDefense("batch-statistics");
        const DefendedSource source(classifierOf(net, Numerics::Fast), request,
            std::make_shared<const DefenseStages>(request, bank));
        QVERIFY_EXCEPTION_THROWN((void)source.logits(picture(1, torch::kFloat)), Error);
    }

    void drawsAreAFunctionOfTheirKey()
    {
        const Fixture one("dropout;samples=20");
        const Fixture two("dropout;samples=20");
        const torch::Tensor x = picture(1);
        const Drawn first = one.drawn(x);
        QVERIFY(first.mean == two.drawn(x).mean);
        QCOMPARE(first.top1, two.drawn(x).top1);
        QCOMPARE(first.top1.size(), std::size_t(20));
        QVERIFY(first.mean != one.drawn(x, 2).mean);
        QVERIFY(first.mean != one.drawn(x, 1, 1).mean);
        QVERIFY(first.mean != Fixture("dropout;samples=20;seed=2").drawn(x).mean);
        QVERIFY(first.mean != Fixture("resize=299;dropout;samples=21").drawn(x).mean);
        // The first draws of more are the same draws.
        const Drawn more = Fixture("dropout;samples=40").drawn(x);
        QVERIFY(std::equal(first.top1.begin(), first.top1.end(), more.top1.begin()));
    }

    void drawsInParts()
    {
        // More than are drawn at once: still as many as asked for, and the mean of all.
        const Drawn many = Fixture("dropout;samples=600").drawn(picture(1));
        QCOMPARE(many.top1.size(), std::size_t(600));
        double sum = 0.0;
        for (const float probability : many.mean)
            sum += probability;
        QVERIFY(std::abs(sum - 1.0) <= 1e-5);
    }

    void theMeanConverges()
    {
        const torch::Tensor x = picture(1);
        // With few features all masks can be counted out: the exact mean over 2^6 of them.
        const Fixture defended("dropout=0.7;samples=10000");
        const torch::Tensor features = defended.net->forward(x).features;
        std::vector<double> exact(1000, 0.0);
        for (int bits = 0; bits < (1 << kFeatures); ++bits) {
            torch::Tensor mask = torch::zeros({ 1, kFeatures }, torch::kDouble);
            double probability = 1.0;
            for (int i = 0; i < kFeatures; ++i) {
                const bool kept = (bits >> i & 1) != 0;
                mask[0][i] = kept ? 1 / 0.7 : 0.0;
                probability *= kept ? 0.7 : 0.3;
            }
            const torch::Tensor row =
                torch::softmax(defended.net->fc().forward(features * mask), 1)[0];
            for (int c = 0; c < 1000; ++c)
                exact[static_cast<std::size_t>(c)] += probability * row[c].item<double>();
        }
        const Drawn drawn = defended.drawn(x);
        double distance = 0.0;
        for (std::size_t c = 0; c < 1000; ++c)
            distance += std::abs(drawn.mean[c + 1] - exact[c]);
        // Total variation of ten thousand draws over 64 outcomes: about 0.5 sqrt(64 / 10000).
        QVERIFY2(distance / 2 <= 0.04, qPrintable(QString::number(distance / 2)));
        const Drawn few = Fixture("dropout=0.7;samples=10").drawn(x);
        double fewDistance = 0.0;
        for (std::size_t c = 0; c < 1000; ++c)
            fewDistance += std::abs(few.mean[c + 1] - exact[c]);
        QVERIFY(fewDistance > distance);
    }

    void withoutChanceThereIsOneDraw()
    {
        const Fixture defended("resize=200;samples=50");
        QVERIFY(!defended.source.random());
        const torch::Tensor x = picture(1);
        const Drawn drawn = defended.drawn(x);
        QCOMPARE(drawn.top1.size(), std::size_t(1));
        const torch::Tensor plain = torch::softmax(defended.source.logits(x).logits[0], 0);
        for (int c = 0; c < 1000; ++c)
            QCOMPARE(drawn.mean[static_cast<std::size_t>(c) + 1], plain[c].item<float>());
    }

    void randomStagesDrawPictures()
    {
        const Fixture defended("random-pad;samples=5");
        const torch::Tensor x = picture(1);
        QVERIFY(largest(defended.source.logitsOfDraw(x, 1).logits
                    - defended.source.logitsOfDraw(x, 2).logits)
            > 1e-6);
        QVERIFY(torch::equal(
            defended.source.logitsOfDraw(x, 1).logits, defended.source.logitsOfDraw(x, 1).logits));
        QCOMPARE(defended.drawn(x).top1.size(), std::size_t(5));
        QVERIFY(defended.drawn(x).mean == defended.drawn(x).mean);
    }

    void aBatchOfPicturesIsEachAlone()
    {
        const Fixture defended("resize=120;dropout;batch-statistics");
        const torch::Tensor both = torch::cat({ picture(1), picture(2) });
        const torch::Tensor found = defended.source.logitsOfDraw(both, 9).logits;
        for (std::int64_t i = 0; i < 2; ++i)
            QVERIFY(torch::equal(
                found[i], defended.source.logitsOfDraw(both.narrow(0, i, 1), 9).logits[0]));
    }

    void gradientByFiniteDifferences_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text :
            { "resize=200", "resize=250,31;resize-between", "dropout", "batch-statistics",
                "resize=200;dropout;batch-statistics", "median=3", "random-pad" })
            QTest::newRow(text) << text;
    }

    void gradientByFiniteDifferences()
    {
        QFETCH(QString, text);
        const Fixture defended(text.toStdString().c_str());
        // In the attack's own terms: the loss of a label, behind the defense.
        const torch::Tensor x = picture(3);
        const auto loss = [&](const torch::Tensor& at) {
            return torch::cross_entropy_loss(
                defended.source.logitsOfDraw(at, 5).logits, torch::full({ 1 }, 77, torch::kLong))
                .item<double>();
        };
        torch::Tensor leaf = x.clone().requires_grad_(true);
        const torch::Tensor value = torch::cross_entropy_loss(
            defended.source.logitsOfDraw(leaf, 5).logits, torch::full({ 1 }, 77, torch::kLong));
        const torch::Tensor gradient = torch::autograd::grad({ value }, { leaf })[0];
        QVERIFY(largest(gradient) > 0.0);
        constexpr double kStep = 1e-7; // few ReLUs and medians change sides within it
        // Along directions: single pixels move the mean over the picture by too little.
        for (int seed = 1; seed <= 4; ++seed) {
            torch::manual_seed(seed);
            const torch::Tensor direction = torch::randn_like(x);
            const torch::NoGradGuard guard;
            const double slope =
                (loss(x + kStep * direction) - loss(x - kStep * direction)) / (2 * kStep);
            const auto expected = (gradient * direction).sum().item<double>();
            const auto scale = gradient.norm().item<double>();
            QVERIFY2(std::abs(slope - expected) <= 2e-4 * scale,
                qPrintable(QString("%1 and %2").arg(slope).arg(expected)));
        }
    }

    void attacksGoThrough()
    {
        const Fixture defended("resize=64;dropout");
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.sources = { "tiny" };
        request.judges = { "tiny" };
        request.rounds = 2;
        request.throughDraws = 3;
        request.compute.numerics = Numerics::Exact;
        const auto source =
            std::make_shared<const DefendedSource>(classifierOf(defended.net), defended.request,
                std::make_shared<const DefenseStages>(
                    defended.request, const_cast<ResizeBank&>(defended.bank)));
        const auto judge = classifierOf(defended.net);
        Image clean(kImageSide, kImageSide);
        for (std::size_t i = 0; i < clean.rgb.size(); ++i)
            clean.rgb[i] = static_cast<std::uint8_t>(i * 7 % 251);
        const auto trace = runAttack(request, clean, { { source }, { judge } });
        QCOMPARE(trace->subSteps.size(), std::size_t(3));
        QVERIFY(trace->subSteps[1]->gradientVariance > 0.0);
        const auto again = runAttack(request, clean, { { source }, { judge } });
        QVERIFY(trace->last().exported == again->last().exported);
        QVERIFY(trace->last().exported != clean);
    }

    void stopsBeforeAPass()
    {
        const Fixture defended("dropout;samples=100");
        std::stop_source stop;
        stop.request_stop();
        DrawnPicture one;
        one.x = picture(1);
        QVERIFY(!defended.source.draws({ one }, stop.get_token()));
    }
};

QTEST_APPLESS_MAIN(tst_DefendedSource)
#include "tst_DefendedSource.moc"
