// Scale and shift of a network's input: their text, and what they do to logits and gradient.

#include "core/classify/Classifier.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <array>
#include <cmath>

using namespace crossiter;

namespace {

constexpr int kSide = 32; // that of the pictures, too: nothing is resized
constexpr int kClasses = 4;
constexpr int kPixels = kSide * kSide;

/// logit[k] = sum over channel and pixel of weight[k][channel] * input^2 / pixels: the square makes
/// the gradient depend on the shift.
class SquareNet : public Net
{
public:
    SquareNet()
        : m_weight(register_parameter("weight", torch::zeros({ kClasses, 3 })))
    {
        const torch::NoGradGuard guard;
        for (int k = 0; k < kClasses; ++k)
            for (int c = 0; c < 3; ++c)
                m_weight[k][c] = weight(k, c);
    }
    /// Exact in float32.
    static double weight(int k, int c) { return 0.5 * k - 0.75 * c + 0.375; }

    void foldBatchNorm() override { }
    [[nodiscard]] std::int64_t multiplyAdds(int /*side*/) const override { return 1; }
    [[nodiscard]] int pooledFeatures() const override { return 0; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& /*options*/) override
    {
        return { input.square().mean({ 2, 3 }).matmul(m_weight.t()), {}, {} };
    }

private:
    torch::Tensor m_weight;
};

std::shared_ptr<const Classifier> classifier(
    const PreprocessingSpec& input, Numerics numerics = Numerics::Exact)
{
    ModelManifest manifest;
    manifest.id = "square";
    manifest.preprocessing = input;
    manifest.classes = kClasses;
    auto net = std::make_shared<SquareNet>();
    net->to(torch::kCPU, scalarTypeOf(numerics));
    net->freeze();
    return Classifier::of(manifest, net, numerics, torch::kCPU);
}

torch::Tensor picture(torch::ScalarType type = torch::kDouble)
{
    return torch::arange(3 * kPixels, torch::kDouble)
        .mul(0.37)
        .sin()
        .view({ 1, 3, kSide, kSide })
        .to(type);
}

} // namespace

class tst_Preprocessing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textComesBack_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("scale"); // empty: refused
        QTest::addColumn<QString>("shift");
        const auto row = [](const char* text, const char* scale, const char* shift) {
            QTest::newRow(text) << text << scale << shift;
        };
        row("0.5", "0.5", "0.5");
        row("-1e-3", "-0.001", "-0.001");
        row("1,2,3", "1,2,3", "1,2,3");
        row(" 1 , -2.5 ,3 ", "1,-2.5,3", "1,-2.5,3");
        row("0.1,0.1,0.1", "0.1", "0.1");
        row("1000,-1000,1", "1000,-1000,1", "1000,-1000,1");
        row("0", "", "0");
        row("1,0,1", "", "1,0,1");
        for (const char* bad : { "", " ", ",", "1,2", "1,2,", ",1,2", "1,2,3,4", "1 2 3", "1;2;3",
                 "text", "1,x,3", "0.5x", "nan", "1,nan,1", "inf", "1000.5", "1,1,-1001" })
            row(bad, "", "");
    }

    void textComesBack()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, scale);
        QFETCH(const QString, shift);
        const auto said = [](const std::optional<ChannelValues>& values) {
            return values ? QString::fromStdString(textOf(*values)) : QString();
        };
        QCOMPARE(said(parseScale(text.toStdString())), scale);
        QCOMPARE(said(parseShift(text.toStdString())), shift);
    }

    void textKeepsEveryBit()
    {
        const PreprocessingSpec input = imagenetPreprocessing(224);
        QVERIFY(parseScale(textOf(input.scale)) == input.scale);
        QVERIFY(parseShift(textOf(input.shift)) == input.shift);
    }

    /// (p - mean) / deviation of a pixel p is scale * x + shift of x = 2 p - 1.
    void meanAndDeviation()
    {
        const PreprocessingSpec input = imagenetPreprocessing(224);
        const std::array<double, 3> mean { 0.485, 0.456, 0.406 };
        const std::array<double, 3> deviation { 0.229, 0.224, 0.225 };
        QCOMPARE(input.inputSide, 224);
        for (std::size_t c = 0; c < 3; ++c) {
            for (const double p : { 0.0, 0.3, 1.0 }) {
                const double found =
                    input.scale.values()[c] * (2.0 * p - 1.0) + input.shift.values()[c];
                QVERIFY(std::abs(found - (p - mean[c]) / deviation[c]) < 1e-14);
            }
        }
    }

    void logitsAndGradientByHand_data()
    {
        QTest::addColumn<QString>("scale");
        QTest::addColumn<QString>("shift");
        QTest::newRow("both of three") << "2.2,-1.5,0.7"
                                       << "0.1,0.4,-0.6";
        QTest::newRow("scale of three") << "2.2,-1.5,0.7"
                                        << "0.25";
        QTest::newRow("shift of three") << "0.75"
                                        << "0.1,0.4,-0.6";
        QTest::newRow("one number") << "0.75"
                                    << "-0.25";
    }

    void logitsAndGradientByHand()
    {
        QFETCH(const QString, scale);
        QFETCH(const QString, shift);
        const PreprocessingSpec input { kSide, parseScale(scale.toStdString()).value(),
            parseShift(shift.toStdString()).value() };
        const auto network = classifier(input);
        torch::Tensor x = picture();
        const auto* pixels = x.const_data_ptr<double>();
        x.requires_grad_();
        const torch::Tensor logits = network->logits(x).logits;
        for (int k = 0; k < kClasses; ++k) {
            const torch::Tensor gradient =
                torch::autograd::grad({ logits[0][k] }, { x }, {}, /*retain_graph=*/true)[0]
                    .contiguous();
            const auto* slope = gradient.const_data_ptr<double>();
            double wanted = 0.0;
            for (int c = 0; c < 3; ++c) {
                const double factor = input.scale.values()[static_cast<std::size_t>(c)];
                const double added = input.shift.values()[static_cast<std::size_t>(c)];
                const double weight = SquareNet::weight(k, c) / kPixels;
                for (int i = c * kPixels; i < (c + 1) * kPixels; ++i) {
                    const double value = factor * pixels[i] + added;
                    wanted += weight * value * value;
                    // Chain rule: d logit / d input, times d input / d x.
                    QVERIFY(std::abs(slope[i] - 2.0 * weight * value * factor) < 1e-14);
                }
            }
            QVERIFY(std::abs(wanted) > 1e-3);
            QVERIFY(std::abs(logits[0][k].item<double>() - wanted) < 1e-12);
        }
    }

    /// In float32, and resized: a picture of one colour stays one whatever its size.
    void fastNumericsOfAnotherSize()
    {
        const PreprocessingSpec input { kSide, { 2.0, -1.5, 0.5 }, { 0.25, 0.5, -0.5 } };
        torch::Tensor x = torch::empty({ 2, 3, 50, 50 });
        const std::array<float, 3> colour { 0.5F, -0.25F, 1.0F };
        for (int c = 0; c < 3; ++c)
            x.select(1, c).fill_(colour[static_cast<std::size_t>(c)]);
        const torch::Tensor logits = classifier(input, Numerics::Fast)->logits(x).logits;
        QVERIFY(logits.scalar_type() == torch::kFloat);
        const std::array<double, 3> squares { 1.25 * 1.25, 0.875 * 0.875, 0.0 };
        for (int k = 0; k < kClasses; ++k) {
            const double wanted = SquareNet::weight(k, 0) * squares[0]
                + SquareNet::weight(k, 1) * squares[1] + SquareNet::weight(k, 2) * squares[2];
            for (int n = 0; n < 2; ++n)
                QVERIFY(std::abs(logits[n][k].item<double>() - wanted) < 1e-5);
        }
    }

    /// Three equal numbers are computed as the one number always was: to the last bit.
    void equalNumbersAreTheOldWay()
    {
        for (const Numerics numerics : { Numerics::Fast, Numerics::Exact }) {
            const torch::Tensor x = picture(scalarTypeOf(numerics));
            SquareNet net;
            net.to(torch::kCPU, scalarTypeOf(numerics));
            const torch::Tensor wanted =
                net.forward(x * 0.99609375 + 0.1).logits; // what goldens were made with
            const torch::Tensor three = classifier(
                { kSide, { 0.99609375, 0.99609375, 0.99609375 }, { 0.1, 0.1, 0.1 } }, numerics)
                                            ->logits(x)
                                            .logits;
            QVERIFY(torch::equal(three, wanted));
        }
    }
};

QTEST_GUILESS_MAIN(tst_Preprocessing)
#include "tst_Preprocessing.moc"
