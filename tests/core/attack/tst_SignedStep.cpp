// The step's arithmetic: the shared body against LibTorch's operations and against hand figures.

#include "core/ops/SignedStep.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <limits>

using namespace crossiter;

namespace {

/// The rule of docs/rules.md in LibTorch's operations: an independent spelling.
torch::Tensor byOperations(
    const torch::Tensor& x, const torch::Tensor& g, const torch::Tensor& clean, const SignedStep& p)
{
    torch::Tensor y = x + (g.sign() * p.step).clamp(-p.epsilon, p.epsilon);
    if (p.ball)
        y = torch::minimum(torch::maximum(y, clean - p.epsilon), clean + p.epsilon);
    return y.clamp(-1, 1);
}

} // namespace

class tst_SignedStep : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsTheRuleToTheLastBit_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<bool>("ball");
        QTest::addColumn<double>("step");
        for (const auto type : { torch::kFloat, torch::kDouble }) {
            for (const bool ball : { false, true }) {
                for (const double step : { 0.05, -2.0 / 255.0, 0.5 }) {
                    QTest::addRow("%s %s %g", c10::toString(type), ball ? "ball" : "none", step)
                        << static_cast<int>(type) << ball << step;
                }
            }
        }
    }

    void equalsTheRuleToTheLastBit()
    {
        QFETCH(int, type);
        QFETCH(bool, ball);
        QFETCH(double, step);
        torch::manual_seed(3);
        const auto options = torch::dtype(static_cast<torch::ScalarType>(type));
        const torch::Tensor clean = torch::rand({ 1, 3, 40, 50 }, options) * 2 - 1;
        const torch::Tensor x =
            (clean + torch::randn({ 1, 3, 40, 50 }, options) * 0.1).clamp(-1, 1);
        torch::Tensor g = torch::randn({ 1, 3, 40, 50 }, options);
        g.index_put_({ 0, 0, 0 }, 0.0); // a row that may not move
        SignedStep p;
        p.step = step;
        p.epsilon = 16 * (2.0 / 255.0);
        p.ball = ball;
        QVERIFY(torch::equal(signedStep(x, g, clean, p), byOperations(x, g, clean, p)));
        // A gradient in another memory layout gives the same values.
        QVERIFY(
            torch::equal(signedStep(x, g.contiguous(torch::MemoryFormat::ChannelsLast), clean, p),
                byOperations(x, g, clean, p)));
    }

    void epsilonZeroMovesNothing()
    {
        const torch::Tensor x = torch::rand({ 1, 3, 5, 5 });
        SignedStep p;
        p.epsilon = 0.0;
        QVERIFY(torch::equal(signedStep(x, torch::randn({ 1, 3, 5, 5 }), x, p), x));
    }

    void nanDoesNotMove()
    {
        const torch::Tensor x = torch::zeros({ 1, 3, 2, 2 });
        const torch::Tensor g =
            torch::full({ 1, 3, 2, 2 }, std::numeric_limits<float>::quiet_NaN());
        SignedStep p;
        p.epsilon = 1.0;
        QVERIFY(torch::equal(signedStep(x, g, x, p), x));
    }
};

QTEST_GUILESS_MAIN(tst_SignedStep)
#include "tst_SignedStep.moc"
