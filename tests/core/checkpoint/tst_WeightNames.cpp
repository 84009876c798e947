// Other people's names for the tensors of our networks: prefixes, wrappers, namings.

#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <algorithm>

#include "tests/core/checkpoint/PickleMaker.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::test::pickle;

namespace {

/// A network's tensors without values, as a file would name them; 1000 classes if nothing is said.
std::vector<TensorView> tensorsOf(
    const std::string& architecture, bool aux = true, std::int64_t classes = 1000)
{
    std::vector<TensorView> tensors;
    for (const NetMember& member : netMembers(architecture)) {
        if (!aux && member.name.starts_with("AuxLogits."))
            continue;
        TensorView tensor { member.name, DType::F32, member.shape, {} };
        if (!tensor.shape.empty() && tensor.shape[0] == -1)
            tensor.shape[0] = classes;
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

Recognition recognised(const std::vector<TensorView>& tensors, const std::string& architecture)
{
    return recogniseNames(tensors, architecture, netMembers(architecture));
}

void rename(std::vector<TensorView>& tensors, const std::string& from, const std::string& to)
{
    for (TensorView& tensor : tensors)
        if (tensor.name.starts_with(from))
            tensor.name = to + tensor.name.substr(from.size());
}

QByteArray dictOf(const std::vector<TensorView>& tensors, std::int32_t elements)
{
    Items items;
    for (const TensorView& tensor : tensors)
        items.emplace_back(tensor.name, plainTensor(elements, tensor.shape));
    return dict(items);
}

std::int32_t mostElements(const std::vector<TensorView>& tensors)
{
    std::int64_t most = 0;
    for (const TensorView& tensor : tensors) {
        std::int64_t count = 1;
        for (const std::int64_t side : tensor.shape)
            count *= side;
        most = std::max(most, count);
    }
    return static_cast<std::int32_t>(most);
}

/// The layers of a TensorFlow graph as MMdnn names them.
std::vector<TensorView> kitTensors(
    const std::string& architecture, bool torchLayout, char separator, bool operations)
{
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const TensorView& tensor : tensorsOf(architecture, false, 1001))
        shapes[tensor.name] = tensor.shape;
    std::vector<TensorView> tensors;
    const auto add = [&](const std::string& layer, const std::string& part,
                         const std::string& member) {
        std::vector<std::int64_t> shape = shapes.at(member);
        if (!torchLayout && shape.size() == 4)
            shape = { shape[2], shape[3], shape[1], shape[0] };
        else if (!torchLayout && shape.size() == 2)
            shape = { shape[1], shape[0] };
        std::string name = layer;
        std::replace(name.begin(), name.end(), '/', separator);
        tensors.push_back({ name + "." + part, DType::F32, shape, {} });
    };
    const std::string net = tfScope(architecture) + "/";
    for (const MappedLayer& layer : tfLayers(architecture)) {
        if (layer.auxiliary)
            continue;
        const bool head = layer.kind == MappedLayer::Kind::Dense;
        const bool twice = !head && !net.starts_with("resnet");
        const std::string scope = net + (twice ? net : "") + layer.scope;
        if (layer.kind != MappedLayer::Kind::Norm) {
            const std::string own = scope + (operations ? (head ? "/MatMul" : "/Conv2D") : "");
            const bool norm = layer.kind == MappedLayer::Kind::ConvNorm;
            add(own, "weights", layer.member + (norm ? ".conv.weight" : ".weight"));
            if (!norm)
                add(own, "bias", layer.member + ".bias");
            if (!norm)
                continue;
        }
        const bool alone = layer.kind == MappedLayer::Kind::Norm;
        const std::string own =
            scope + (alone ? "" : "/BatchNorm") + (operations ? "/FusedBatchNorm" : "");
        const std::string member = layer.member + (alone ? "" : ".bn");
        add(own, "scale", member + ".weight");
        add(own, "bias", member + ".bias");
        add(own, "mean", member + ".running_mean");
        add(own, "var", member + ".running_var");
    }
    return tensors;
}

} // namespace

class TestWeightNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ownNamesFit_data();
    void ownNamesFit();
    void prefixesAreTakenOff_data();
    void prefixesAreTakenOff();
    void torchvisionIsTold();
    void cadenesHeads_data();
    void cadenesHeads();
    void timmsLiteBehindAPrefix();
    void convertedLayers_data();
    void convertedLayers();
    void convertedValuesAreTurned();
    void whatIsWrongIsNamed();
    void theDictThatFitsIsOpened();
    void severalDictsAreAskedFor();
    void twoTensorsOfOneNameStayApart();
};

void TestWeightNames::ownNamesFit_data()
{
    QTest::addColumn<QString>("architecture");
    for (const std::string& name : architectures())
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

void TestWeightNames::ownNamesFit()
{
    QFETCH(QString, architecture);
    const std::string name = architecture.toStdString();
    const auto tensors = tensorsOf(name, false, 1001);
    const Recognition how = recognised(tensors, name);
    QVERIFY(how.fits() && how.prefix.empty());
    QCOMPARE(how.tensors.size(), tensors.size());
    QVERIFY(how.naming == (name.starts_with("inception") ? Naming::Timm : Naming::Own));
    // No other network takes them.
    for (const std::string& other : architectures())
        QCOMPARE(recognised(tensors, other).fits(), other == name);
    std::vector<TensorView> uncounted = tensors;
    std::erase_if(uncounted,
        [](const TensorView& tensor) { return tensor.name.ends_with("num_batches_tracked"); });
    QVERIFY(recognised(uncounted, name).fits());
}

void TestWeightNames::prefixesAreTakenOff_data()
{
    QTest::addColumn<QString>("prefix");
    for (const char* prefix : { "module.", "_orig_mod.", "model.", "backbone.", "net.", "1.",
             "module._orig_mod.", "encoder.features." })
        QTest::newRow(prefix) << prefix;
}

void TestWeightNames::prefixesAreTakenOff()
{
    QFETCH(QString, prefix);
    for (const char* name : { "efficientnet-lite0", "inception-v3", "inception-v4",
             "inception-resnet-v2", "resnet-v2-50" }) {
        auto tensors = tensorsOf(name);
        rename(tensors, "", prefix.toStdString());
        const Recognition how = recognised(tensors, name);
        QVERIFY2(how.fits(), name);
        QCOMPARE(how.prefix, prefix.toStdString());
        QVERIFY(lineOf(how).find("prefix " + prefix.toStdString()) == 0);
        // What the prefix does not cover is left over.
        tensors.push_back({ "mean", DType::F32, { 3 }, {} });
        QCOMPARE(recognised(tensors, name).leftOver, std::vector<std::string> { "mean" });
    }
}

void TestWeightNames::torchvisionIsTold()
{
    QVERIFY(recognised(tensorsOf("inception-v3", true, 1000), "inception-v3").naming
        == Naming::Torchvision);
    QVERIFY(recognised(tensorsOf("inception-v3", true, 1001), "inception-v3").naming
        == Naming::Timm); // TF-Slim's
    QVERIFY(
        recognised(tensorsOf("inception-v3", false, 1000), "inception-v3").naming == Naming::Timm);
}

void TestWeightNames::cadenesHeads_data()
{
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QString>("ours");
    QTest::addColumn<QString>("theirs");
    QTest::newRow("v3") << "inception-v3"
                        << "fc."
                        << "last_linear.";
    QTest::newRow("v4") << "inception-v4"
                        << "last_linear."
                        << "classif.";
    QTest::newRow("resnet v2") << "inception-resnet-v2"
                               << "classif."
                               << "last_linear.";
}

void TestWeightNames::cadenesHeads()
{
    QFETCH(QString, architecture);
    QFETCH(QString, ours);
    QFETCH(QString, theirs);
    const std::string name = architecture.toStdString();
    auto tensors = tensorsOf(name, false);
    rename(tensors, ours.toStdString(), theirs.toStdString());
    rename(tensors, "", "module.");
    const Recognition how = recognised(tensors, name);
    QVERIFY(how.fits());
    QVERIFY(how.naming == Naming::Cadene);
    QCOMPARE(how.prefix, std::string("module."));
}

void TestWeightNames::timmsLiteBehindAPrefix()
{
    std::vector<TensorView> tensors;
    for (const char* name : { "model.conv_stem.weight", "model.bn1.weight", "model.bn2.bias",
             "model.classifier.weight", "model.classifier.bias" })
        tensors.push_back({ name, DType::F32, { 32 }, {} });
    tensors[0].shape = { 32, 3, 3, 3 };
    const Recognition how = recognised(tensors, "efficientnet-lite0");
    QVERIFY(how.naming == Naming::Timm);
    QCOMPARE(how.prefix, std::string("model."));
    QCOMPARE(how.tensors[0].to, std::string("_conv_stem.weight"));
    QCOMPARE(how.tensors.size(), std::size_t { 5 });
}

void TestWeightNames::convertedLayers_data()
{
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<bool>("torchLayout");
    QTest::addColumn<QString>("separator");
    QTest::addColumn<bool>("operations");
    for (const char* name : { "inception-v3", "inception-v4", "inception-resnet-v2", "resnet-v2-50",
             "resnet-v2-101", "resnet-v2-152" }) {
        QTest::addRow("%s", name) << name << true << "/" << true;
        QTest::addRow("%s, TensorFlow's layout", name) << name << false << "/" << true;
        QTest::addRow("%s, underscores", name) << name << true << "_" << true;
        QTest::addRow("%s, layers alone", name) << name << false << "_" << false;
    }
}

void TestWeightNames::convertedLayers()
{
    QFETCH(QString, architecture);
    QFETCH(bool, torchLayout);
    QFETCH(QString, separator);
    QFETCH(bool, operations);
    const std::string name = architecture.toStdString();
    auto tensors = kitTensors(name, torchLayout, separator[0].toLatin1(), operations);
    const Recognition how = recognised(tensors, name);
    QVERIFY2(how.fits(), lineOf(how).c_str());
    QVERIFY(how.naming == Naming::MMdnn);
    QCOMPARE(how.tensors.size(), tensors.size());
    const auto turned = std::count_if(how.tensors.begin(), how.tensors.end(),
        [](const NamedTensor& named) { return named.turned; });
    QCOMPARE(turned == 0, torchLayout);
    // TF-Slim trains the Inception networks without a scale.
    std::erase_if(tensors, [](const TensorView& one) { return one.name.ends_with(".scale"); });
    const Recognition scaled = recognised(tensors, name);
    QVERIFY2(scaled.fits(), lineOf(scaled).c_str());
    QVERIFY(scaled.tensors.back().from.empty());
    tensors.erase(tensors.begin());
    QCOMPARE(recognised(tensors, name).missing.size(), std::size_t { 1 });
}

void TestWeightNames::convertedValuesAreTurned()
{
    const std::vector<NetMember> members { { "Conv2d_1a_3x3.conv.weight", { 2, 3, 1, 2 }, false },
        { "Conv2d_1a_3x3.bn.weight", { 2 }, false }, { "Conv2d_1a_3x3.bn.bias", { 2 }, false },
        { "Conv2d_1a_3x3.bn.running_mean", { 2 }, false },
        { "Conv2d_1a_3x3.bn.running_var", { 2 }, false }, { "fc.weight", { -1, 3 }, false },
        { "fc.bias", { -1 }, false } };
    std::vector<std::uint8_t> numbers(12);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = static_cast<std::uint8_t>(i);
    const auto bytes = std::as_bytes(std::span<const std::uint8_t>(numbers));
    StateDict state;
    const auto add = [&](const char* name, std::vector<std::int64_t> shape, std::size_t count) {
        state.tensors.push_back({ name, DType::U8, std::move(shape), bytes.first(count) });
    };
    const std::string stem = "Net/Net/Conv2d_1a_3x3/";
    add((stem + "Conv2D.weights").c_str(), { 1, 2, 3, 2 }, 12); // height, width, in, out
    add((stem + "BatchNorm/FusedBatchNorm.bias").c_str(), { 2 }, 2);
    add((stem + "BatchNorm/FusedBatchNorm.mean").c_str(), { 2 }, 2);
    add((stem + "BatchNorm/FusedBatchNorm.var").c_str(), { 2 }, 2);
    add("Net/Logits/Conv2d_1c_1x1/Conv2D.weights", { 1, 1, 3, 2 }, 6);
    add("Net/Logits/Conv2d_1c_1x1/Conv2D.bias", { 2 }, 2);
    const Recognition how = recogniseNames(state.tensors, "inception-v3", members);
    QVERIFY2(how.fits(), lineOf(how).c_str());
    const StateDict named = renamed(state, how);
    const auto valuesOf = [&](const char* name) {
        const TensorView* view = named.find(name);
        return view == nullptr ? QByteArray()
                               : QByteArray(reinterpret_cast<const char*>(view->bytes.data()),
                                   static_cast<qsizetype>(view->bytes.size()));
    };
    // Place of [o, i, h, w] in the file: ((h * 2 + w) * 3 + i) * 2 + o.
    QCOMPARE(valuesOf("Conv2d_1a_3x3.conv.weight").toHex(),
        QByteArray("000602080"
                   "40a010703"
                   "09050b"));
    QCOMPARE(valuesOf("fc.weight").toHex(), QByteArray("000204010305"));
    QCOMPARE(named.find("fc.weight")->shape, (std::vector<std::int64_t> { 2, 3 }));
    const QByteArray ones = valuesOf("Conv2d_1a_3x3.bn.weight");
    QCOMPARE(ones.toHex(), QByteArray("0000803f0000803f"));
}

void TestWeightNames::whatIsWrongIsNamed()
{
    auto tensors = tensorsOf("efficientnet-lite0");
    tensors[0].shape = { 3, 3, 3, 32 };
    const std::string lost = tensors[1].name;
    tensors[1].name = "something.else";
    const Recognition how = recognised(tensors, "efficientnet-lite0");
    QCOMPARE(how.missing, std::vector<std::string> { lost });
    QCOMPARE(how.leftOver, std::vector<std::string> { "something.else" });
    QCOMPARE(how.misshapen,
        std::vector<std::string> {
            "_conv_stem.weight expected [32, 3, 3, 3], found [3, 3, 3, 32]" });
    const QString line = QString::fromStdString(lineOf(how));
    QVERIFY2(line.contains("1 missing, 1 left over, 1 of another shape"), qPrintable(line));
}

void TestWeightNames::theDictThatFitsIsOpened()
{
    const QTemporaryDir folder;
    auto whole0 = tensorsOf("efficientnet-lite0");
    const std::int32_t most = mostElements(whole0);
    auto half = whole0;
    half.resize(half.size() / 2);
    rename(whole0, "", "module.");
    const auto file = written(folder,
        legacyFile(whole(dict({ { "epoch", integer(3) }, { "half", dictOf(half, most) },
                       { "inner", dict({ { "ema", dictOf(whole0, most) } }) } })),
            oneKey(), storage(most, qsizetype { 4 } * most)));
    Recognition how;
    const StateDict state = readCheckpoint(file, "efficientnet-lite0", {}, &how);
    QCOMPARE(how.key, std::string("inner.ema"));
    QCOMPARE(how.prefix, std::string("module."));
    QCOMPARE(state.tensors.size(), whole0.size());
    QVERIFY(state.find("_conv_stem.weight") != nullptr);
    QCOMPARE(recogniseWeights(file, "efficientnet-lite0", { {}, "half" }).missing.empty(), false);
    const auto matches = matchNetworks(file, architectures());
    const auto fitting = std::count_if(
        matches.begin(), matches.end(), [](const NetworkMatch& match) { return match.how.fits(); });
    QCOMPARE(fitting, std::ptrdiff_t { 1 });
    const Measured wrong = measured([&] {
        (void)readCheckpoint(file, "efficientnet-lite0", { {}, "no" });
    });
    QVERIFY2(wrong.text().contains("half, inner.ema"), qPrintable(wrong.text()));
}

void TestWeightNames::severalDictsAreAskedFor()
{
    const QTemporaryDir folder;
    const auto tensors = tensorsOf("efficientnet-lite0");
    const std::int32_t most = mostElements(tensors);
    const QByteArray weights = dictOf(tensors, most);
    const auto file = written(folder,
        legacyFile(whole(weights + text("ema") + weights + "s" + text("net") + weights + "s"),
            oneKey(), storage(most, qsizetype { 4 } * most)));
    const Measured asked = measured([&] { (void)readCheckpoint(file, "efficientnet-lite0"); });
    QVERIFY2(asked.text().contains("several dicts hold this network"), qPrintable(asked.text()));
    QVERIFY2(asked.text().contains("--key with one of them, found ., ema, net"),
        qPrintable(asked.text()));
    for (const char* key : { ".", "ema", "net" }) {
        Recognition how;
        (void)readCheckpoint(file, "efficientnet-lite0", { {}, key }, &how);
        QCOMPARE(how.key, std::string(key == std::string(".") ? "" : key));
    }
    QVERIFY(checkHeader(file) == CheckpointFormat::Pth);
}

void TestWeightNames::twoTensorsOfOneNameStayApart()
{
    auto tensors = tensorsOf("efficientnet-lite0");
    const std::size_t count = tensors.size();
    auto twice = tensors;
    rename(twice, "", "module.");
    twice.push_back(tensors[0]);
    const Recognition how = recognised(twice, "efficientnet-lite0");
    QCOMPARE(how.tensors.size(), count);
    QCOMPARE(how.leftOver, std::vector<std::string> { tensors[0].name });
}

QTEST_APPLESS_MAIN(TestWeightNames)
#include "tst_WeightNames.moc"
