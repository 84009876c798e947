// Inception v3 and Inception-ResNet v2 against timm on synthetic weights
// (tests/golden/inception_reference.py), plain and folded; v3 against torchvision, too
// (torchvision_reference.py).

#include "core/base/Error.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include "tests/core/nets/NetGolden.h"
#include "tests/support/SyntheticWeights.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

/// One architecture of each kind.
constexpr const char* kOneOfEach[] = { "efficientnet-lite0", "inception-v3", "inception-v4",
    "inception-resnet-v2", "resnet-v2-50" };

std::shared_ptr<Net> syntheticNet(const std::string& architecture, const NetOptions& options)
{
    auto net = makeNet(architecture, options);
    fillAsTheGenerator(*net);
    net->freeze();
    return net;
}

std::shared_ptr<Net> netFor(const QJsonObject& expected, bool aux, bool folded)
{
    NetOptions options;
    options.classes = expected["classes"].toInt();
    options.auxHead = aux;
    options.poolsCountPadding = expected["pools_count_padding"].toBool();
    auto net = syntheticNet(expected["architecture"].toString().toStdString(), options);
    if (folded)
        net->foldBatchNorm();
    return net;
}

} // namespace

class tst_Inception : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTimm_data();
    void agreesWithTimm();
    void usesTheBatchsStatistics_data();
    void usesTheBatchsStatistics();
    void dropoutMaskMeetsThePooledFeatures();
    void aStoppedPassGivesNothing();
    void paddingRulesDiffer();
    void countsItsWork();
    void auxiliaryHeadIsOptional();
    void refusesBatchStatisticsWhenFolded();
};

void tst_Inception::agreesWithTimm_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("numerics");
    for (const char* name : { "inception-v3.timm", "inception-v3.tf-slim", "inception-v3.235.timm",
             "inception-v3.235.tf-slim", "inception-v3.torchvision", "inception-resnet-v2",
             "inception-resnet-v2.235" })
        for (const char* numerics : { "exact", "reference", "fast" })
            QTest::addRow("%s %s", name, numerics) << QString(name) << QString(numerics);
}

void tst_Inception::agreesWithTimm()
{
    QFETCH(QString, name);
    QFETCH(QString, numerics);
    const QJsonObject expected = golden(name);
    QVERIFY2(!expected.isEmpty(), qPrintable(name));
    const bool folded = numerics == "fast";
    const bool exact = numerics == "exact";
    // The goldens have nine digits. In float32 a value that rounding moves over a ReLU's edge turns
    // the gradient by up to some 1e-5.
    const double logitBound = exact ? 1e-8 : (folded ? 1e-3 : 1e-4);
    const double cosineBound = exact ? 1 - 1e-12 : (folded ? 0.999 : 0.99999);
    const torch::Tensor auxExpected = values(expected["aux_logits"]);
    const bool aux = auxExpected.numel() > 0;
    const auto net = netFor(expected, aux, folded);
    const auto type = exact ? torch::kDouble : torch::kFloat;
    net->to(type);
    const torch::Tensor x =
        syntheticPicture(expected["side"].toInt()).to(type).requires_grad_(true);
    const NetOutput output = net->forward(x);
    const double logits = apart(output.logits, values(expected["logits"]));
    QVERIFY2(logits <= logitBound, qPrintable(QString::number(logits)));
    QCOMPARE(output.auxLogits.defined(), aux);
    const torch::Tensor label = torch::full({ 1 }, expected["label"].toInt(), torch::kLong);
    torch::Tensor loss = torch::cross_entropy_loss(output.logits, label);
    if (aux) {
        const double head = apart(output.auxLogits, auxExpected);
        QVERIFY2(head <= logitBound, qPrintable(QString::number(head)));
        loss = loss + 0.4 * torch::cross_entropy_loss(output.auxLogits, label);
    }
    const torch::Tensor gradient =
        torch::autograd::grad({ loss }, { x })[0].flatten().to(torch::kDouble);
    const torch::Tensor part =
        gradient.slice(0, 0, gradient.numel(), expected["gradient_stride"].toInt());
    const torch::Tensor wanted = values(expected["gradient"]);
    const auto cosine = (torch::dot(part, wanted) / (part.norm() * wanted.norm())).item<double>();
    QVERIFY2(cosine >= cosineBound, qPrintable(QString::number(cosine, 'g', 9)));
    const double norm = gradient.norm().item<double>() / expected["gradient_norm"].toDouble();
    QVERIFY2(std::abs(norm - 1.0) <= logitBound, qPrintable(QString::number(norm, 'g', 9)));
    qInfo("logits %.2g of the largest, gradient cosine 1 - %.2g", logits, 1.0 - cosine);
}

void tst_Inception::usesTheBatchsStatistics_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("v3") << "inception-v3.batch";
    QTest::newRow("resnet v2") << "inception-resnet-v2.batch";
}

void tst_Inception::usesTheBatchsStatistics()
{
    QFETCH(QString, name);
    const QJsonObject expected = golden(name);
    QVERIFY(!expected.isEmpty());
    const auto net = netFor(expected, false, false);
    const torch::NoGradGuard guard;
    const torch::Tensor before = net->named_buffers()[expected["architecture"] == "inception-v3"
                                            ? "Mixed_7c.branch1x1.bn.running_mean"
                                            : "conv2d_7b.bn.running_mean"]
                                     .clone();
    ForwardOptions options;
    options.batchStatistics = true;
    const torch::Tensor x = syntheticPicture(expected["side"].toInt(), 3);
    const double difference = apart(net->forward(x, options).logits, values(expected["logits"]));
    // The last maps are small: a norm over 27 values passes rounding on.
    QVERIFY2(difference <= 1e-3, qPrintable(QString::number(difference)));
    QVERIFY(apart(net->forward(x).logits, values(expected["logits"])) > 0.1);
    const torch::Tensor after = net->named_buffers()[expected["architecture"] == "inception-v3"
            ? "Mixed_7c.branch1x1.bn.running_mean"
            : "conv2d_7b.bn.running_mean"];
    QVERIFY(torch::equal(before, after));
}

void tst_Inception::dropoutMaskMeetsThePooledFeatures()
{
    const torch::NoGradGuard guard;
    const torch::Tensor x = syntheticPicture(107);
    for (const char* architecture : kOneOfEach) {
        const auto net = syntheticNet(architecture, {});
        const torch::Tensor plain = net->forward(x).logits;
        ForwardOptions options;
        options.dropoutMask = torch::ones({ 1, net->pooledFeatures() });
        QVERIFY(torch::equal(net->forward(x, options).logits, plain));
        options.dropoutMask = torch::zeros({ 1, net->pooledFeatures() });
        const std::string key = classifierKey(architecture);
        const torch::Tensor bias = net->named_parameters()[key.substr(0, key.size() - 6) + "bias"];
        QVERIFY(torch::allclose(net->forward(x, options).logits[0], bias));
        // The mask acts on features: logits are linear in it.
        const torch::Tensor mask =
            (uniformValues("mask", net->pooledFeatures()) < 0.8).to(torch::kFloat).unsqueeze(0);
        options.dropoutMask = mask;
        const torch::Tensor kept = net->forward(x, options).logits - bias;
        options.dropoutMask = 1.0 - mask;
        const torch::Tensor dropped = net->forward(x, options).logits - bias;
        QVERIFY(torch::allclose(kept + dropped, plain - bias, 1e-3, 1e-4));
        QVERIFY(kept.abs().max().item<double>() > 0.0);
    }
}

void tst_Inception::aStoppedPassGivesNothing()
{
    const torch::NoGradGuard guard;
    const torch::Tensor x = syntheticPicture(107);
    for (const char* architecture : kOneOfEach) {
        const auto net = syntheticNet(architecture, {});
        std::stop_source stop;
        ForwardOptions options;
        options.stop = stop.get_token();
        const NetOutput whole = net->forward(x, options);
        QVERIFY(whole.logits.defined());
        options.featuresOnly = true;
        const NetOutput features = net->forward(x, options);
        QVERIFY2(!features.logits.defined(), architecture);
        QVERIFY2(torch::equal(features.features, whole.features), architecture);
        options.featuresOnly = false;
        stop.request_stop();
        const NetOutput stopped = net->forward(x, options);
        QVERIFY2(!stopped.logits.defined() && !stopped.features.defined(), architecture);
    }
}

void tst_Inception::paddingRulesDiffer()
{
    const torch::NoGradGuard guard;
    torch::Tensor logits[2];
    for (const bool counts : { false, true }) {
        NetOptions options;
        options.poolsCountPadding = counts;
        const auto net = makeNet("inception-v3", options);
        fillWithSyntheticWeights(*net);
        net->freeze();
        logits[counts ? 1 : 0] = net->forward(syntheticPicture(299)).logits.to(torch::kDouble);
    }
    const double difference = apart(logits[1], logits[0].flatten());
    QVERIFY2(difference > 1e-3, qPrintable(QString::number(difference)));
}

void tst_Inception::countsItsWork()
{
    // Szegedy et al.: "5 billion multiply-adds" for v3; a forward pass and an input gradient are
    // 22.9 and 52.6 GFLOP.
    const double v3 = static_cast<double>(makeNet("inception-v3", 1000)->multiplyAdds(299));
    const double resnet =
        static_cast<double>(makeNet("inception-resnet-v2", 1000)->multiplyAdds(299));
    QVERIFY2(std::abs(v3 * 4 / 22.9e9 - 1) < 0.01, qPrintable(QString::number(v3)));
    QVERIFY2(std::abs(resnet * 4 / 52.6e9 - 1) < 0.01, qPrintable(QString::number(resnet)));
}

void tst_Inception::auxiliaryHeadIsOptional()
{
    for (const char* architecture : { "inception-v3", "inception-v4", "inception-resnet-v2" }) {
        NetOptions options;
        const auto count = [&] {
            std::size_t found = 0;
            for (const auto& item : makeNet(architecture, options)->named_parameters())
                found += item.key().starts_with(auxPrefix(architecture)) ? 1U : 0U;
            return found;
        };
        QCOMPARE(count(), std::size_t(0));
        options.auxHead = true;
        QCOMPARE(count(), std::size_t(8)); // two convolutions with norms, a classifier with bias
    }
}

void tst_Inception::refusesBatchStatisticsWhenFolded()
{
    const auto net = makeNet("inception-v3", 1000);
    fillWithSyntheticWeights(*net);
    net->freeze();
    net->foldBatchNorm();
    ForwardOptions options;
    options.batchStatistics = true;
    QVERIFY_EXCEPTION_THROWN((void)net->forward(syntheticPicture(107), options), Error);
}

QTEST_APPLESS_MAIN(tst_Inception)
#include "tst_Inception.moc"
