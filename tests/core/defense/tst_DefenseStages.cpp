// Each stage against its rule written anew, the goldens of the resize, gradients, draws.

#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/classify/DifferentiableSource.h"
#include "core/defense/DefenseStages.h"
#include "core/image/Codec.h"
#include "core/image/JpegEncoder.h"
#include "core/ops/DroppedHead.h"
#include "core/ops/PictureStages.h"
#include "core/ops/StraightThrough.h"

#include <torch/torch.h>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace {

Image cleanPicture()
{
    return readImage(test::goldenDir() / "embedded_pair/imagenet_16_251.clean.png");
}

torch::Tensor randomPicture(int side, torch::ScalarType type = torch::kDouble, int seed = 1)
{
    RandomStream stream(static_cast<std::uint64_t>(seed));
    torch::Tensor x = torch::empty({ 1, 3, side, side }, torch::kDouble);
    auto* values = x.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < x.numel(); ++i)
        values[i] = stream.uniform() * 2 - 1;
    return x.to(type);
}

double largest(const torch::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

DefenseStages stagesOf(const char* text, ResizeBank& bank)
{
    return { parseDefense(text), bank };
}

bool isUsage(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Usage;
    }
    return false;
}

} // namespace

class tst_DefenseStages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goldensOfTheResize_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("defense");
        QTest::newRow("200") << "resize-200"
                             << "resize=200";
        QTest::newRow("250, 200") << "resize-250-200"
                                  << "resize=250,200";
    }

    void goldensOfTheResize()
    {
        QFETCH(QString, name);
        QFETCH(QString, defense);
        ResizeBank bank;
        const DefenseStages stages(parseDefense(defense.toStdString()), bank);
        const torch::Tensor y = stages(toTensor(cleanPicture(), torch::kDouble), 0);
        const torch::Tensor narrow = stages(toTensor(cleanPicture(), torch::kFloat), 0);
        QVERIFY(largest(narrow.to(torch::kDouble) - y) <= 1e-6);

        const auto folder = test::goldenDir() / "defense";
        const Image expected = readImage(folder / (name.toStdString() + ".png"));
        const torch::Tensor grey = torch::round((y + 1) * 127.5).to(torch::kUInt8);
        int different = 0;
        for (int row = 0; row < kImageSide; ++row) {
            for (int column = 0; column < kImageSide; ++column) {
                for (int c = 0; c < 3; ++c) {
                    const int found = grey[0][c][row][column].item<std::uint8_t>();
                    const int wanted =
                        expected.rgb[expected.offset(column, row) + static_cast<std::size_t>(c)];
                    different += found != wanted ? 1 : 0;
                    QVERIFY(std::abs(found - wanted) <= 1);
                }
            }
            if (row == 40)
                row = kImageSide - 40; // the rows between are in the mean below
        }
        // A value on the middle between two levels may fall to either side.
        QVERIFY2(different <= 8, qPrintable(QString::number(different)));

        QFile file(QString::fromStdString((folder / "values.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject golden =
            QJsonDocument::fromJson(file.readAll()).object()[name].toObject();
        QVERIFY(std::abs(y.mean().item<double>() - golden["mean"].toDouble()) <= 1e-12);
        const QJsonArray values = golden["values"].toArray();
        QCOMPARE(values.size(), 9);
        for (const auto& entry : values) {
            const QJsonObject value = entry.toObject();
            const auto found =
                y[0][value["channel"].toInt()][value["row"].toInt()][value["column"].toInt()]
                    .item<double>();
            QVERIFY2(std::abs(found - value["value"].toDouble()) <= 1e-12,
                qPrintable(QString::number(found)));
        }
    }

    void resizeBetweenGoesBack()
    {
        ResizeBank bank;
        const torch::Tensor x = randomPicture(299);
        const torch::Tensor between = stagesOf("resize=250,200;resize-between", bank)(x, 0);
        const torch::Tensor twice = stagesOf("resize=250;resize=200", bank)(x, 0);
        QVERIFY(torch::equal(between, twice));
        QVERIFY(!torch::equal(between, stagesOf("resize=250,200", bank)(x, 0)));
        QVERIFY(torch::equal(stagesOf("resize=299", bank)(x, 0), x));
    }

    void tablesAreMadeOnce()
    {
        ResizeBank bank;
        QVERIFY(bank.square(299, 200) == bank.square(299, 200));
        QVERIFY(bank.square(299, 200) != bank.square(200, 299));
    }

    void resizeAndPadFollowsItsRule()
    {
        const torch::Tensor x = randomPicture(7);
        const PadPlace place { 10, 2, 1 };
        const torch::Tensor y = resizeAndPad(x, place, 13);
        QCOMPARE(y.sizes().vec(), (std::vector<std::int64_t> { 1, 3, 13, 13 }));
        for (int c = 0; c < 3; ++c) {
            for (int i = 0; i < 13; ++i) {
                for (int j = 0; j < 13; ++j) {
                    const int row = i - place.top;
                    const int column = j - place.left;
                    const bool inside = row >= 0 && row < 10 && column >= 0 && column < 10;
                    const double expected =
                        inside ? x[0][c][row * 7 / 10][column * 7 / 10].item<double>() : 0.0;
                    QCOMPARE(y[0][c][i][j].item<double>(), expected);
                }
            }
        }
        QVERIFY(isUsage([&] { (void)resizeAndPad(x, { 14, 0, 0 }, 13); }));
        QVERIFY(isUsage([&] { (void)resizeAndPad(x, { 10, 4, 0 }, 13); }));
        // Each input's gradient is the number of places it went to.
        torch::Tensor leaf = x.clone().requires_grad_(true);
        const torch::Tensor g =
            torch::autograd::grad({ resizeAndPad(leaf, place, 13).sum() }, { leaf })[0];
        QCOMPARE(g.sum().item<double>(), 300.0);
    }

    void randomPadIsAFunctionOfTheDraw()
    {
        ResizeBank bank;
        const DefenseStages stages = stagesOf("random-pad", bank);
        QVERIFY(stages.random());
        const torch::Tensor x = randomPicture(299, torch::kFloat) + 2; // never 0
        std::set<std::int64_t> sides;
        std::set<std::int64_t> tops;
        for (std::uint64_t draw = 0; draw < 300; ++draw) {
            const torch::Tensor y = stages(x, draw);
            QCOMPARE(y.size(2), std::int64_t(331));
            if (draw < 5)
                QVERIFY(torch::equal(y, stages(x, draw)));
            const torch::Tensor rows = (y[0][0] != 0).any(1).nonzero();
            sides.insert(rows.size(0));
            tops.insert(rows[0].item<std::int64_t>());
        }
        QCOMPARE(*sides.begin(), std::int64_t(310));
        QCOMPARE(*sides.rbegin(), std::int64_t(330));
        QCOMPARE(sides.size(), std::size_t(21));
        QCOMPARE(*tops.begin(), std::int64_t(0));
        QVERIFY(tops.size() > 10);
    }

    void bitDepthFollowsItsRule()
    {
        const torch::Tensor x = torch::tensor({ -1.0, -0.99, -0.4, 0.1, 0.2, 0.9, 1.0 });
        for (int bits = 1; bits <= 8; ++bits) {
            const double levels = std::pow(2, bits) - 1;
            const torch::Tensor y = reduceBits(x, bits);
            for (int i = 0; i < 7; ++i) {
                const double expected =
                    std::nearbyint((x[i].item<double>() + 1) / 2 * levels) / levels * 2 - 1;
                QVERIFY(std::abs(y[i].item<double>() - expected) <= 1e-6);
            }
        }
        // The levels of 8 bits are those of a picture: nothing changes but the last bit.
        const torch::Tensor picture = toTensor(cleanPicture(), torch::kDouble);
        QVERIFY(largest(reduceBits(picture, 8) - picture) <= 1e-12);
        QVERIFY(isUsage([&] { (void)reduceBits(x, 9); }));
    }

    void medianFollowsItsRule()
    {
        const torch::Tensor x = randomPicture(9);
        for (const int side : { 3, 5 }) {
            const torch::Tensor y = medianFilter(x, side);
            const int margin = side / 2;
            const auto mirrored = [](int i) { return i < 0 ? -1 - i : i > 8 ? 17 - i : i; };
            for (int c = 0; c < 3; ++c) {
                for (int i = 0; i < 9; ++i) {
                    for (int j = 0; j < 9; ++j) {
                        std::vector<double> window;
                        for (int a = -margin; a <= margin; ++a) {
                            for (int b = -margin; b <= margin; ++b)
                                window.push_back(
                                    x[0][c][mirrored(i + a)][mirrored(j + b)].item<double>());
                        }
                        std::sort(window.begin(), window.end());
                        QCOMPARE(y[0][c][i][j].item<double>(), window[window.size() / 2]);
                    }
                }
            }
        }
        torch::Tensor leaf = x.clone().requires_grad_(true);
        const torch::Tensor g = torch::autograd::grad({ medianFilter(leaf, 3).sum() }, { leaf })[0];
        QCOMPARE(g.sum().item<double>(), 3 * 81.0); // one chosen pixel a window
        QVERIFY(isUsage([&] { (void)medianFilter(x, 4); }));
        QVERIFY(isUsage([&] { (void)medianFilter(x, 17); }));
    }

    void jpegIsTheCodecs()
    {
        const Image clean = cleanPicture();
        const Image expected = decodeImage(encodeJpeg(clean, 60), "memory");
        QVERIFY(expected != clean);
        for (const auto type : { torch::kFloat, torch::kDouble }) {
            const torch::Tensor y = jpegRoundTrip(toTensor(clean, type), 60);
            QVERIFY(torch::equal(y, toTensor(expected, type)));
        }
        QVERIFY(encodeJpeg(clean, 20).size() < encodeJpeg(clean, 90).size());
        QVERIFY(isUsage([&] { (void)encodeJpeg(clean, 0); }));
        QVERIFY(isUsage([&] { (void)encodeJpeg(clean, 101); }));
        QVERIFY_EXCEPTION_THROWN((void)encodeJpeg(Image(), 50), Error);
    }

    void straightThroughGradients()
    {
        ResizeBank bank;
        const torch::Tensor weight = randomPicture(299, torch::kDouble, 2);
        for (const char* text : { "jpeg=50", "bits=3" }) {
            torch::Tensor leaf = randomPicture(299).requires_grad_(true);
            const torch::Tensor y = stagesOf(text, bank)(leaf, 0);
            QVERIFY2(!torch::equal(y.detach(), leaf.detach()), text);
            const torch::Tensor g = torch::autograd::grad({ (y * weight).sum() }, { leaf })[0];
            QVERIFY2(torch::equal(g, weight), text);
        }
        // Behind a resize the gradient is the resize's.
        torch::Tensor one = randomPicture(299).requires_grad_(true);
        torch::Tensor two = one.detach().clone().requires_grad_(true);
        const torch::Tensor through = torch::autograd::grad(
            { (stagesOf("resize=200;bits=3", bank)(one, 0) * weight).sum() }, { one })[0];
        const torch::Tensor plain = torch::autograd::grad(
            { (stagesOf("resize=200", bank)(two, 0) * weight).sum() }, { two })[0];
        QVERIFY(torch::equal(through, plain));
    }

    void dropoutDrawsAreReproducible()
    {
        const DropoutDraw draw(42, 1000, 0.8);
        const DropoutDraw again(42, 1000, 0.8);
        QCOMPARE(draw.dropped(), again.dropped());
        QVERIFY(draw.dropped() != DropoutDraw(43, 1000, 0.8).dropped());
        QVERIFY(DropoutDraw(1, 1000, 1.0).dropped().empty());
        std::size_t dropped = 0;
        for (std::uint64_t seed = 0; seed < 100; ++seed)
            dropped += DropoutDraw(seed, 1000, 0.8).dropped().size();
        // 100 000 draws of probability 0.2: five standard deviations are 632.
        QVERIFY2(std::abs(static_cast<double>(dropped) - 20'000.0) <= 632.0,
            qPrintable(QString::number(dropped)));
        const torch::Tensor mask = draw.mask(torch::kDouble, torch::kCPU);
        QCOMPARE((mask == 0).sum().item<std::int64_t>(),
            static_cast<std::int64_t>(draw.dropped().size()));
        QCOMPARE(mask.max().item<double>(), 1.25);
    }

    void droppedHeadEqualsAMaskedProduct_data()
    {
        QTest::addColumn<int>("classes");
        QTest::addColumn<bool>("wide");
        for (const int classes : { 1, 31, 32, 1000, 1001 }) {
            QTest::addRow("%d, float32", classes) << classes << false;
            QTest::addRow("%d, float64", classes) << classes << true;
        }
    }

    void droppedHeadEqualsAMaskedProduct()
    {
        QFETCH(int, classes);
        QFETCH(bool, wide);
        const auto type = wide ? torch::kDouble : torch::kFloat;
        constexpr int kInputs = 401; // more than one block of those that count
        torch::manual_seed(3);
        const torch::Tensor weight = torch::rand({ classes, kInputs }, type) - 0.5;
        const torch::Tensor bias = torch::rand({ classes }, type);
        const torch::Tensor features = torch::relu(torch::rand({ 1, kInputs }, type) - 0.3);
        std::vector<DropoutDraw> draws;
        std::vector<torch::Tensor> masks;
        for (std::uint64_t seed = 0; seed < 9; ++seed) {
            draws.emplace_back(seed, kInputs, 0.7);
            masks.push_back(draws.back().mask(type, torch::kCPU));
        }
        const torch::Tensor found = DroppedHead(weight, bias).logits(features, draws, 0.7);
        const torch::Tensor expected = torch::linear(features * torch::cat(masks), weight, bias);
        QCOMPARE(found.sizes().vec(), expected.sizes().vec());
        QVERIFY(largest(found - expected) <= (wide ? 1e-13 : 2e-5));
        // Nothing to drop from, and no draw at all.
        const torch::Tensor none = torch::zeros({ 1, kInputs }, type);
        QVERIFY(torch::equal(DroppedHead(weight, bias).logits(none, draws, 0.7),
            bias.expand({ static_cast<std::int64_t>(draws.size()), classes })));
        QCOMPARE(DroppedHead(weight, bias).logits(features, {}, 0.7).size(0), 0);
        // A draw does not depend on those beside it.
        for (std::size_t d = 0; d < draws.size(); ++d)
            QVERIFY(torch::equal(DroppedHead(weight, bias).logits(features, { draws[d] }, 0.7)[0],
                found[static_cast<std::int64_t>(d)]));
    }
};

QTEST_APPLESS_MAIN(tst_DefenseStages)
#include "tst_DefenseStages.moc"
