// The TF1 grid against its rule in float64, its gradient against finite differences.

#include "core/base/Error.h"
#include "core/ops/Tf1Resize.h"
#include "core/ops/cuda/Kernels.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <cmath>
#include <random>

using namespace crossiter;

namespace {

/// The rule of competition.md, in float64, for one plane; written apart from the code under test.
torch::Tensor byRule(const torch::Tensor& plane, int height, int width)
{
    const auto in = plane.accessor<double, 2>();
    const auto inHeight = static_cast<int>(plane.size(0));
    const auto inWidth = static_cast<int>(plane.size(1));
    torch::Tensor out = torch::zeros({ height, width }, torch::kDouble);
    auto to = out.accessor<double, 2>();
    for (int i = 0; i < height; ++i) {
        const double y = static_cast<double>(i) * inHeight / height;
        const int y0 = static_cast<int>(std::floor(y));
        const int y1 = std::min(y0 + 1, inHeight - 1);
        for (int j = 0; j < width; ++j) {
            const double x = static_cast<double>(j) * inWidth / width;
            const int x0 = static_cast<int>(std::floor(x));
            const int x1 = std::min(x0 + 1, inWidth - 1);
            const double v = y - y0;
            const double h = x - x0;
            to[i][j] = (1 - v) * ((1 - h) * in[y0][x0] + h * in[y0][x1])
                + v * ((1 - h) * in[y1][x0] + h * in[y1][x1]);
        }
    }
    return out;
}

double largest(const torch::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

} // namespace

class tst_Tf1Resize : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsItsRule();
    void gradientIsTheTransposedMap();
    void gradientByFiniteDifferences();
    void sameSizeIsTheSame();
    void shrinkingSkipsInputs();
    void operationsEqualTheBody();
    void oddMemoryIsRead();
    void refusesSides();
};

void tst_Tf1Resize::equalsItsRule()
{
    std::mt19937 random(5);
    std::uniform_int_distribution<int> side(1, 299);
    for (int pair = 0; pair < 200; ++pair) {
        const int inputs = side(random);
        const int outputs = side(random);
        const int wide = side(random);
        const torch::Tensor x = torch::rand({ 1, 2, inputs, wide }, torch::kDouble) * 2 - 1;
        const torch::Tensor expected =
            torch::stack({ byRule(x[0][0], outputs, inputs), byRule(x[0][1], outputs, inputs) });
        const Tf1Resize resize(inputs, wide, outputs, inputs);
        const double inDouble = largest(resize(x)[0] - expected);
        const double inFloat =
            largest(resize(x.to(torch::kFloat))[0].to(torch::kDouble) - expected);
        QVERIFY2(inDouble <= 1e-12, qPrintable(QString::number(inDouble)));
        QVERIFY2(inFloat <= 1e-6, qPrintable(QString::number(inFloat)));
    }
}

void tst_Tf1Resize::gradientIsTheTransposedMap()
{
    // <R x, g> = <x, R' g> for any x and g, both ways of scaling.
    for (const auto& [from, to] : { std::pair(299, 200), std::pair(200, 299), std::pair(299, 32),
             std::pair(7, 299), std::pair(1, 13), std::pair(13, 1) }) {
        const Tf1Resize resize(from, from, to, to);
        const torch::Tensor x =
            torch::rand({ 2, 3, from, from }, torch::kDouble).requires_grad_(true);
        const torch::Tensor g = torch::rand({ 2, 3, to, to }, torch::kDouble);
        const torch::Tensor y = resize(x);
        const torch::Tensor back = torch::autograd::grad({ y }, { x }, { g })[0];
        const auto left = (y.detach() * g).sum().item<double>();
        const auto right = (x.detach() * back).sum().item<double>();
        QVERIFY2(std::abs(left - right) <= 1e-9 * std::abs(left),
            qPrintable(QString("%1 -> %2: %3 and %4").arg(from).arg(to).arg(left).arg(right)));
    }
}

void tst_Tf1Resize::gradientByFiniteDifferences()
{
    const Tf1Resize shrink(11, 9, 5, 7);
    const Tf1Resize grow(5, 7, 11, 9);
    torch::Tensor x = torch::rand({ 1, 1, 11, 9 }, torch::kDouble).requires_grad_(true);
    const auto value = [&](const torch::Tensor& at) { return grow(shrink(at)).pow(2).sum(); };
    const torch::Tensor gradient = torch::autograd::grad({ value(x) }, { x })[0];
    constexpr double kStep = 1e-6;
    for (int i = 0; i < 11; ++i) {
        for (int j = 0; j < 9; ++j) {
            torch::Tensor up = x.detach().clone();
            torch::Tensor down = x.detach().clone();
            up[0][0][i][j] += kStep;
            down[0][0][i][j] -= kStep;
            const double slope = (value(up) - value(down)).item<double>() / (2 * kStep);
            QVERIFY(std::abs(slope - gradient[0][0][i][j].item<double>()) <= 1e-6);
        }
    }
}

void tst_Tf1Resize::sameSizeIsTheSame()
{
    const torch::Tensor x = torch::rand({ 1, 3, 299, 299 });
    QVERIFY(torch::equal(Tf1Resize(299, 299, 299, 299)(x), x));
}

void tst_Tf1Resize::shrinkingSkipsInputs()
{
    // 9 -> 3 reads inputs 0, 3 and 6 only: the others' gradient is zero.
    torch::Tensor x = torch::rand({ 1, 1, 1, 9 }, torch::kDouble).requires_grad_(true);
    const torch::Tensor gradient =
        torch::autograd::grad({ Tf1Resize(1, 9, 1, 3)(x).sum() }, { x })[0];
    const torch::Tensor expected = torch::zeros({ 1, 1, 1, 9 }, torch::kDouble);
    for (const int used : { 0, 3, 6 })
        expected[0][0][0][used] = 1.0;
    QVERIFY(torch::equal(gradient, expected));
}

void tst_Tf1Resize::operationsEqualTheBody()
{
    // What a device without our kernels would run, here on the CPU's tensors.
    if (cuda::kernelsBuilt())
        QSKIP("this build has kernels instead");
    for (const auto& [from, to] : { std::pair(299, 200), std::pair(32, 299) }) {
        const ResizeAxis axis = ResizeAxis::make(from, to);
        const torch::Tensor x =
            torch::rand({ 2, 3, from, from }, torch::kDouble).requires_grad_(true);
        const torch::Tensor y = Tf1Resize(from, from, to, to)(x);
        torch::Tensor byOperations = torch::empty_like(y);
        cuda::tf1ResizeForward(x.detach(), { axis, axis }, byOperations);
        QVERIFY(largest(y.detach() - byOperations) <= 1e-14);
        const torch::Tensor g = torch::rand_like(y);
        torch::Tensor back = torch::empty_like(x.detach());
        cuda::tf1ResizeBackward(g, { axis, axis }, back);
        QVERIFY(largest(torch::autograd::grad({ y }, { x }, { g })[0] - back) <= 1e-11);
    }
}

void tst_Tf1Resize::oddMemoryIsRead()
{
    const torch::Tensor x = torch::rand({ 2, 3, 40, 30 });
    const Tf1Resize resize(40, 30, 17, 51);
    const torch::Tensor expected = resize(x);
    QVERIFY(torch::equal(resize(x.contiguous(torch::MemoryFormat::ChannelsLast)), expected));
    QVERIFY(torch::equal(
        resize(torch::cat({ x, x }, 3).index({ "...", torch::indexing::Slice(0, 30) })), expected));
}

void tst_Tf1Resize::refusesSides()
{
    for (const int side : { 0, -1, 4097 })
        QVERIFY_EXCEPTION_THROWN(Tf1Resize(299, 299, side, 200), Error);
}

QTEST_APPLESS_MAIN(tst_Tf1Resize)
#include "tst_Tf1Resize.moc"
