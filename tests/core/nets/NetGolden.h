#pragma once

#include "core/nets/Net.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include "tests/core/nets/InceptionGolden.h"
#include "tests/support/SyntheticWeights.h"

// One network against its golden of tests/golden/nets_reference.py.
namespace crossiter::test {

/// The generator's weights: hashes of the keys, the last convolutions of ResNet's units quartered.
inline void fillAsTheGenerator(Net& net)
{
    fillWithSyntheticWeights(net);
    const torch::NoGradGuard guard;
    for (const auto& item : net.named_parameters())
        if (item.key().find(".conv3.") != std::string::npos)
            item.value().div_(4);
}

inline std::shared_ptr<Net> netOfGolden(const QJsonObject& expected)
{
    NetOptions options;
    options.classes = expected["classes"].toInt();
    options.auxHead = !expected["aux_logits"].toArray().isEmpty();
    auto net = makeNet(expected["architecture"].toString().toStdString(), options);
    fillAsTheGenerator(*net);
    net->freeze();
    return net;
}

struct Bounds
{
    double logits = 0.0; ///< largest difference, as a share of the largest
    double cosine = 0.0; ///< of the gradients: 1 minus it
    double norm = 0.0; ///< relative, of the gradient's length
};

/// Logits, auxiliary logits and the input's gradient of the loss that the generator took.
inline void compareWithGolden(const QJsonObject& expected, Net& net, torch::Dtype type, Bounds most)
{
    const torch::Tensor x =
        syntheticPicture(expected["side"].toInt()).to(type).requires_grad_(true);
    const NetOutput output = net.forward(x);
    const double logits = apart(output.logits, values(expected["logits"]));
    QVERIFY2(logits <= most.logits, qPrintable(QString::number(logits)));
    const torch::Tensor label = torch::full({ 1 }, expected["label"].toInt(), torch::kLong);
    QCOMPARE(output.logits.argmax().item<int>(),
        static_cast<int>(values(expected["logits"]).argmax().item<std::int64_t>()));
    torch::Tensor loss = torch::cross_entropy_loss(output.logits, label);
    const torch::Tensor auxExpected = values(expected["aux_logits"]);
    QCOMPARE(output.auxLogits.defined(), auxExpected.numel() > 0);
    if (output.auxLogits.defined()) {
        const double head = apart(output.auxLogits, auxExpected);
        QVERIFY2(head <= most.logits, qPrintable(QString::number(head)));
        loss = loss + 0.4 * torch::cross_entropy_loss(output.auxLogits, label);
    }
    const torch::Tensor gradient =
        torch::autograd::grad({ loss }, { x })[0].flatten().to(torch::kDouble);
    const torch::Tensor part =
        gradient.slice(0, 0, gradient.numel(), expected["gradient_stride"].toInt());
    const torch::Tensor wanted = values(expected["gradient"]);
    const auto cosine = (torch::dot(part, wanted) / (part.norm() * wanted.norm())).item<double>();
    QVERIFY2(1.0 - cosine <= most.cosine, qPrintable(QString::number(1.0 - cosine)));
    const double norm = gradient.norm().item<double>() / expected["gradient_norm"].toDouble();
    QVERIFY2(std::abs(norm - 1.0) <= most.norm, qPrintable(QString::number(norm, 'g', 9)));
    qInfo("logits %.2g of the largest, gradient cosine 1 - %.2g", logits, 1.0 - cosine);
}

/// exact: float64; folded: float64, batch norms folded; reference, fast: as Numerics has them.
inline void compareWithGolden(const QString& name, const QString& numerics, Bounds inFloat)
{
    const QJsonObject expected = golden(name, "nets");
    QVERIFY2(!expected.isEmpty(), qPrintable(name));
    const auto net = netOfGolden(expected);
    const bool isDouble = numerics == "exact" || numerics == "folded";
    if (isDouble)
        net->to(torch::kDouble);
    if (numerics == "folded" || numerics == "fast")
        net->foldBatchNorm();
    // The goldens have nine digits.
    const Bounds inDouble { 1e-8, 1e-12, 1e-8 };
    compareWithGolden(
        expected, *net, isDouble ? torch::kDouble : torch::kFloat, isDouble ? inDouble : inFloat);
}

/// With 1000 classes and no auxiliary head, as the generator's network has them.
inline void compareSizes(const QString& name)
{
    const QJsonObject expected = golden(name, "nets");
    QVERIFY2(!expected.isEmpty(), qPrintable(name));
    const auto net = makeNet(expected["architecture"].toString().toStdString(), 1000);
    std::int64_t parameters = 0;
    for (const auto& parameter : net->parameters())
        parameters += parameter.numel();
    QCOMPARE(parameters, static_cast<std::int64_t>(expected["parameters"].toInteger()));
    QCOMPARE(net->multiplyAdds(expected["side"].toInt()),
        static_cast<std::int64_t>(expected["multiply_adds"].toInteger()));
}

/// Three pictures under the batch's own statistics, in float64; running ones stay as they are.
inline void compareBatch(const QString& name, const std::string& buffer)
{
    const QJsonObject expected = golden(name, "nets");
    QVERIFY2(!expected.isEmpty(), qPrintable(name));
    const auto net = netOfGolden(expected);
    net->to(torch::kDouble);
    const torch::NoGradGuard guard;
    const torch::Tensor before = net->named_buffers()[buffer].clone();
    ForwardOptions options;
    options.batchStatistics = true;
    const torch::Tensor x = syntheticPicture(expected["side"].toInt(), 3).to(torch::kDouble);
    const double difference = apart(net->forward(x, options).logits, values(expected["logits"]));
    QVERIFY2(difference <= 1e-7, qPrintable(QString::number(difference)));
    QVERIFY(torch::equal(before, net->named_buffers()[buffer]));
    // The last picture for two of itself is the batch with a copy of it.
    const torch::Tensor four = torch::cat({ x, x.slice(0, 2, 3) });
    const torch::Tensor copied = net->forward(four, options).logits.slice(0, 0, 3);
    options.lastCounts = 2;
    QVERIFY(torch::allclose(net->forward(x, options).logits, copied, 1e-9, 1e-9));
}

} // namespace crossiter::test
