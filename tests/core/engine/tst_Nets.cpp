// Architectures against published facts, folding against the plain network, and strict loading.

#include "core/base/Error.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/PthReader.h"
#include "core/classify/Classifier.h"
#include "core/nets/Net.h"
#include "core/store/ModelJobs.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

using namespace crossiter;

namespace {

std::filesystem::path weightsOf(const std::string& id)
{
    return ModelStore(defaultStorePaths()).find(id).weights;
}

std::string loadError(Net& net, const StateDict& state)
{
    try {
        loadInto(net, state, "test.pth");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

} // namespace

class tst_Nets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sizesAreThePublishedOnes_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("side");
        QTest::addColumn<double>("millionParameters");
        QTest::addColumn<double>("millionAdds");
        // github.com/tensorflow/tpu, efficientnet/lite: parameters and multiply-adds.
        QTest::newRow("lite0") << "efficientnet-lite0" << 224 << 4.7 << 407.0;
        QTest::newRow("lite1") << "efficientnet-lite1" << 240 << 5.4 << 631.0;
        QTest::newRow("lite2") << "efficientnet-lite2" << 260 << 6.1 << 899.0;
        QTest::newRow("lite3") << "efficientnet-lite3" << 280 << 8.2 << 1440.0;
        QTest::newRow("lite4") << "efficientnet-lite4" << 300 << 13.0 << 2640.0;
    }

    void sizesAreThePublishedOnes()
    {
        QFETCH(QString, id);
        QFETCH(int, side);
        QFETCH(double, millionParameters);
        QFETCH(double, millionAdds);
        const auto net = makeNet(id.toStdString(), 1000);
        std::int64_t parameters = 0;
        for (const auto& parameter : net->parameters())
            parameters += parameter.numel();
        QVERIFY(std::abs(double(parameters) / 1e6 - millionParameters) < 0.06);
        const double adds = double(net->multiplyAdds(side)) / 1e6;
        QVERIFY2(std::abs(adds / millionAdds - 1) < 0.08, std::to_string(adds).c_str());
    }

    void preprocessingIsThePublishedOne()
    {
        const int sides[] = { 224, 240, 260, 280, 300 };
        for (int i = 0; i < 5; ++i) {
            const PreprocessingSpec spec =
                defaultPreprocessing("efficientnet-lite" + std::to_string(i));
            QCOMPARE(spec.inputSide, sides[i]);
            QVERIFY(spec.scale == ChannelValues(127.5 / 128));
            QVERIFY(spec.shift == ChannelValues(0.5 / 128));
        }
        for (const char* name : { "inception-v4", "resnet-v2-50", "resnet-v2-152" }) {
            QCOMPARE(defaultPreprocessing(name).inputSide, 299);
            QVERIFY(defaultPreprocessing(name).scale == ChannelValues(1.0));
        }
    }

    void unknownArchitectureListsTheKnown()
    {
        QVERIFY_EXCEPTION_THROWN((void)makeNet("vgg", 1000), Error);
    }

    void foldedEqualsPlain_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<int>("side");
        QTest::newRow("lite0") << "efficientnet-lite0" << 224;
        QTest::newRow("lite0, odd size") << "efficientnet-lite0" << 131;
        QTest::newRow("lite2") << "efficientnet-lite2" << 260;
    }

    void foldedEqualsPlain()
    {
        QFETCH(QString, id);
        QFETCH(int, side);
        // In float64 folding is an identity up to rounding; gradients too.
        std::vector<torch::Tensor> logits;
        std::vector<torch::Tensor> gradients;
        torch::manual_seed(1);
        const torch::Tensor input = torch::rand({ 2, 3, side, side }, torch::kDouble) * 2 - 1;
        for (const bool fold : { false, true }) {
            const auto net = makeNet(id.toStdString(), 1000);
            loadInto(*net, readPth(weightsOf(id.toStdString())), "weights");
            net->to(torch::kDouble);
            net->freeze();
            if (fold)
                net->foldBatchNorm();
            const torch::Tensor leaf = input.clone().set_requires_grad(true);
            const torch::Tensor out = net->forward(leaf).logits;
            gradients.push_back(torch::autograd::grad({ out.logsumexp(1).sum() }, { leaf })[0]);
            logits.push_back(out.detach());
        }
        QVERIFY(torch::allclose(logits[0], logits[1], 1e-9, 1e-9));
        QVERIFY(torch::allclose(gradients[0], gradients[1], 1e-7, 1e-10));
    }

    void batchesDoNotMix()
    {
        const auto net = makeNet("efficientnet-lite0", 1000);
        loadInto(*net, readPth(weightsOf("efficientnet-lite0")), "weights");
        net->freeze();
        net->foldBatchNorm();
        const torch::NoGradGuard guard;
        const torch::Tensor two = torch::rand({ 2, 3, 224, 224 });
        const torch::Tensor both = net->forward(two).logits;
        QVERIFY(torch::allclose(both[1], net->forward(two.slice(0, 1, 2)).logits[0], 1e-4, 1e-4));
    }

    void loadingIsStrict()
    {
        const auto net = makeNet("efficientnet-lite0", 1000);
        StateDict state = readPth(weightsOf("efficientnet-lite0"));
        const auto at = [&](const std::string& name) {
            return std::find_if(state.tensors.begin(), state.tensors.end(),
                [&](const TensorView& view) { return view.name == name; });
        };
        const TensorView stem = *at("_conv_stem.weight");

        state.tensors.erase(at("_bn0.bias"));
        QVERIFY(QString::fromStdString(loadError(*net, state)).contains("missing keys: _bn0.bias"));

        state = readPth(weightsOf("efficientnet-lite0"));
        TensorView extra = stem;
        extra.name = "_conv_tail.weight";
        state.tensors.push_back(extra);
        QVERIFY(QString::fromStdString(loadError(*net, state))
                    .contains("left-over keys: _conv_tail.weight"));

        state = readPth(weightsOf("efficientnet-lite0"));
        at("_conv_stem.weight")->shape = { 3, 32, 3, 3 };
        QVERIFY(QString::fromStdString(loadError(*net, state))
                    .contains("_conv_stem.weight expected [32, 3, 3, 3], found [3, 32, 3, 3]"));

        // A network of another width: many faults, still one line, with the count.
        const auto wide = makeNet("efficientnet-lite2", 1000);
        const std::string many = loadError(*wide, readPth(weightsOf("efficientnet-lite0")));
        QVERIFY(many.find(" more)") != std::string::npos);
        QVERIFY(many.find('\n') == std::string::npos);

        state = readPth(weightsOf("efficientnet-lite0"));
        std::vector<float> values(864, std::numeric_limits<float>::quiet_NaN());
        at("_conv_stem.weight")->bytes = std::as_bytes(std::span(values));
        QVERIFY(QString::fromStdString(loadError(*net, state)).contains("NaN"));
    }
};

QTEST_GUILESS_MAIN(tst_Nets)
#include "tst_Nets.moc"
