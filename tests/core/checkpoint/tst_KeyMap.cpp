// TF-Slim's variable names against the members of our networks.

#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>
#include <limits>
#include <sstream>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

/// Variables of the TF-Slim graphs with their shapes, as TensorFlow listed them. The last side of
/// a value is its index over 7, so that layouts can be told.
struct Variables
{
    StateDict state;
    std::deque<std::vector<float>> values;

    explicit Variables(const std::function<bool(const std::string&)>& wanted)
    {
        std::ifstream list(dataDir() / "checkpoints/tf/slim_variables.txt");
        std::string name;
        std::string shape;
        while (list >> name >> shape)
            if (wanted(name))
                add(name, sides(shape));
    }

    void add(const std::string& name, const std::vector<std::int64_t>& shape)
    {
        std::int64_t count = 1;
        for (const std::int64_t side : shape)
            count *= side;
        auto& own = values.emplace_back(std::size_t(count));
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i] = float(i % 8191) / 7.0F;
        state.tensors.push_back(
            { name, DType::F32, shape, std::as_bytes(std::span<const float>(own)) });
    }

    static std::vector<std::int64_t> sides(const std::string& text)
    {
        std::vector<std::int64_t> shape;
        std::istringstream parts(text);
        for (std::string side; std::getline(parts, side, 'x');)
            shape.push_back(std::stoll(side));
        return shape;
    }
};

const TensorView& named(const StateDict& state, const std::string& name)
{
    const TensorView* view = state.find(name);
    if (view == nullptr)
        qFatal("no %s", name.c_str());
    return *view;
}

} // namespace

class tst_KeyMap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mapsEveryVariable_data();
    void mapsEveryVariable();
    void turnsConvolutions();
    void leavesTrainingStateOut();
    void auxiliaryHeadMayBeMissing();
    void anyOneScopeIsFound_data();
    void anyOneScopeIsFound();
    void oneOfSeveralScopesIsChosen();
    void deeperResnetsAreOthers();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void badValuesAreRefused();
};

void tst_KeyMap::mapsEveryVariable_data()
{
    QTest::addColumn<QString>("architecture");
    QTest::newRow("v3") << "inception-v3";
    QTest::newRow("v4") << "inception-v4";
    QTest::newRow("inception-resnet v2") << "inception-resnet-v2";
    for (const char* depth : { "50", "101", "152" })
        QTest::addRow("resnet v2 %s", depth) << QString("resnet-v2-") + depth;
}

void tst_KeyMap::mapsEveryVariable()
{
    // Beside another network in one file, as the competition's combined checkpoint has them.
    QFETCH(QString, architecture);
    const std::string name = architecture.toStdString();
    const std::string own = tfScope(name) + "/";
    const std::string beside = name == "inception-v3" ? "InceptionResnetV2/" : "InceptionV3/";
    Variables both([&](const std::string& found) {
        return found.starts_with(own) || found.starts_with(beside);
    });
    both.add("global_step", { 1 });
    const StateDict mapped = mapTfVariables(both.state, name, "both.ckpt");
    NetOptions options;
    options.classes = 1001;
    options.auxHead = !auxPrefix(name).empty();
    const auto net = makeNet(name, options);
    loadInto(*net, mapped, "both.ckpt"); // strict: nothing missing, nothing left over, shapes equal
    std::size_t members = net->named_parameters().size();
    for (const auto& buffer : net->named_buffers())
        members += buffer.key().ends_with("num_batches_tracked") ? 0U : 1U;
    QCOMPARE(mapped.tensors.size(), members);
}

void tst_KeyMap::turnsConvolutions()
{
    const Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    const StateDict mapped = mapTfVariables(all.state, "inception-v3", "a.ckpt");
    const torch::Tensor from =
        toTensor(named(all.state, "InceptionV3/Mixed_6b/Branch_1/Conv2d_0b_1x7/weights"));
    const torch::Tensor to = toTensor(named(mapped, "Mixed_6b.branch7x7_2.conv.weight"));
    QVERIFY(torch::equal(to, from.permute({ 3, 2, 0, 1 })));
    const torch::Tensor logits =
        toTensor(named(all.state, "InceptionV3/Logits/Conv2d_1c_1x1/weights"));
    QVERIFY(torch::equal(toTensor(named(mapped, "fc.weight")), logits[0][0].t()));
    const torch::Tensor gamma = toTensor(named(mapped, "Mixed_6b.branch7x7_2.bn.weight"));
    QVERIFY(torch::equal(gamma, torch::ones({ 128 })));
}

void tst_KeyMap::leavesTrainingStateOut()
{
    Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    const std::size_t before = mapTfVariables(all.state, "inception-v3", "a.ckpt").tensors.size();
    for (const char* end : { "ExponentialMovingAverage", "RMSProp", "RMSProp_1", "Momentum" })
        all.add(std::string("InceptionV3/Conv2d_1a_3x3/weights/") + end, { 3, 3, 3, 32 });
    QCOMPARE(mapTfVariables(all.state, "inception-v3", "a.ckpt").tensors.size(), before);
}

void tst_KeyMap::auxiliaryHeadMayBeMissing()
{
    const Variables plain([](const std::string& name) {
        return name.starts_with("InceptionResnetV2/")
            && name.find("AuxLogits") == std::string::npos;
    });
    const StateDict mapped = mapTfVariables(plain.state, "inception-resnet-v2", "a.ckpt");
    QVERIFY(mapped.find("AuxLogits.fc.weight") == nullptr);
    const auto net = makeNet("inception-resnet-v2", 1001);
    loadInto(*net, mapped, "a.ckpt");
}

void tst_KeyMap::anyOneScopeIsFound_data()
{
    QTest::addColumn<QString>("scope");
    for (const char* scope :
        { "Ens3AdvInceptionV3/", "AdvInceptionV3/", "model/InceptionV3/", "InceptionV3_1/", "" })
        QTest::newRow(*scope == '\0' ? "none" : scope) << scope;
}

void tst_KeyMap::anyOneScopeIsFound()
{
    QFETCH(QString, scope);
    Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    const StateDict expected = mapTfVariables(all.state, "inception-v3", "a.ckpt");
    for (TensorView& variable : all.state.tensors)
        variable.name.replace(0, std::string("InceptionV3/").size(), scope.toStdString());
    all.add("global_step", { 1 });
    all.add(scope.toStdString() + "global_step", { 1 });
    if (!scope.isEmpty()) // and something of another network
        all.add("InceptionV4/Conv2d_1a_3x3/weights", { 3, 3, 3, 32 });
    const StateDict mapped = mapTfVariables(all.state, "inception-v3", "a.ckpt");
    QCOMPARE(mapped.tensors.size(), expected.tensors.size());
    for (std::size_t i = 0; i < mapped.tensors.size(); ++i)
        QCOMPARE(mapped.tensors[i].name, expected.tensors[i].name);
    // What is missing is said of that scope.
    const auto last = std::find_if(
        all.state.tensors.begin(), all.state.tensors.end(), [](const TensorView& view) {
            return view.name.ends_with("Mixed_7c/Branch_3/Conv2d_0b_1x1/weights");
        });
    QVERIFY(last != all.state.tensors.end());
    all.state.tensors.erase(last);
    const Measured result =
        measured([&] { (void)mapTfVariables(all.state, "inception-v3", "cut.ckpt"); });
    VERIFY_REFUSED(result, "cut.ckpt");
    QVERIFY2(result.text().contains(scope + "Mixed_7c/Branch_3/Conv2d_0b_1x1/weights"),
        qPrintable(result.text()));
}

void tst_KeyMap::oneOfSeveralScopesIsChosen()
{
    const Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    StateDict both = all.state;
    for (TensorView copy : all.state.tensors) {
        copy.name.replace(0, std::string("InceptionV3/").size(), "AdvInceptionV3/");
        both.tensors.push_back(std::move(copy));
    }
    const Measured result =
        measured([&] { (void)mapTfVariables(both, "inception-v3", "two.ckpt"); });
    VERIFY_REFUSED(result, "two.ckpt");
    QVERIFY2(
        result.text().contains("--scope") && result.text().contains("AdvInceptionV3, InceptionV3"),
        qPrintable(result.text()));
    const std::size_t count = mapTfVariables(all.state, "inception-v3", "a.ckpt").tensors.size();
    for (const char* scope : { "AdvInceptionV3", "InceptionV3/" })
        QCOMPARE(mapTfVariables(both, "inception-v3", "two.ckpt", scope).tensors.size(), count);
    const Measured other =
        measured([&] { (void)mapTfVariables(both, "inception-v3", "two.ckpt", "Inception"); });
    QVERIFY2(other.text().contains("no such scope")
            && other.text().contains("AdvInceptionV3, InceptionV3"),
        qPrintable(other.text()));
}

/// All the names of ResNet 50 are names of ResNet 101, too.
void tst_KeyMap::deeperResnetsAreOthers()
{
    const Variables two([](const std::string& name) {
        return name.starts_with("resnet_v2_50/") || name.starts_with("resnet_v2_101/");
    });
    const auto net = makeNet("resnet-v2-50", 1001);
    loadInto(*net, mapTfVariables(two.state, "resnet-v2-50", "two.ckpt"), "two.ckpt");
    const Variables deep(
        [](const std::string& name) { return name.starts_with("resnet_v2_101/"); });
    const Measured result =
        measured([&] { (void)mapTfVariables(deep.state, "resnet-v2-50", "101.ckpt"); });
    VERIFY_REFUSED(result, "101.ckpt");
    QVERIFY2(result.text().contains("does not have")
            && result.text().contains("resnet_v2_101/block3/unit_10"),
        qPrintable(result.text()));
}

void tst_KeyMap::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("said");
    QTest::newRow("missing") << "-InceptionV3/Mixed_5b/Branch_0/Conv2d_0a_1x1/weights"
                             << "Mixed_5b/Branch_0/Conv2d_0a_1x1/weights";
    QTest::newRow("unknown") << "+InceptionV3/Mixed_9z/weights"
                             << "InceptionV3/Mixed_9z/weights";
    QTest::newRow("half an auxiliary head") << "-InceptionV3/AuxLogits/Conv2d_2b_1x1/biases"
                                            << "AuxLogits/Conv2d_2b_1x1/biases";
}

void tst_KeyMap::saysWhatIsWrong()
{
    QFETCH(QString, change);
    QFETCH(QString, said);
    const std::string name = change.mid(1).toStdString();
    const bool add = change.startsWith('+');
    Variables variables([&](const std::string& found) {
        return found.starts_with("InceptionV3/") && (add || found != name);
    });
    if (add)
        variables.add(name, { 2 });
    const Measured result =
        measured([&] { (void)mapTfVariables(variables.state, "inception-v3", "wrong.ckpt"); });
    VERIFY_REFUSED(result, "wrong.ckpt");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
    const Measured other = measured(
        [&] { (void)mapTfVariables(variables.state, "inception-resnet-v2", "wrong.ckpt"); });
    QVERIFY2(other.text().contains("no such network"), qPrintable(other.text()));
    const Measured none = measured(
        [&] { (void)mapTfVariables(variables.state, "efficientnet-lite0", "wrong.ckpt"); });
    QVERIFY2(none.text().contains("no TensorFlow names"), qPrintable(none.text()));
}

/// Of the right name, but of another rank, another shape, or no numbers.
void tst_KeyMap::badValuesAreRefused()
{
    const std::string name = "InceptionV3/Conv2d_2a_3x3/weights"; // [3, 3, 32, 32]
    const auto others = [&](const std::string& found) {
        return found.starts_with("InceptionV3/") && found != name
            && found.find("AuxLogits") == std::string::npos;
    };
    const auto load = [&](const Variables& variables) {
        return measured([&] {
            const auto net = makeNet("inception-v3", 1001);
            loadInto(*net, mapTfVariables(variables.state, "inception-v3", "bad.ckpt"), "bad.ckpt");
        });
    };
    Variables variables(others);
    const std::size_t count = variables.state.tensors.size();
    variables.add(name, { 9, 32, 32 });
    QVERIFY2(load(variables).text().contains("weight of another rank"),
        qPrintable(load(variables).text()));
    variables.state.tensors.resize(count);
    variables.add(name, { 3, 3, 32, 31 });
    const QString shape = load(variables).text();
    QVERIFY2(shape.contains("Conv2d_2a_3x3.conv.weight expected [32, 32, 3, 3], found "
                            "[31, 32, 3, 3]"),
        qPrintable(shape));
    variables.state.tensors.resize(count);
    variables.add(name, { 3, 3, 32, 32 });
    std::fill(variables.values.back().begin(), variables.values.back().end(),
        std::numeric_limits<float>::quiet_NaN());
    const QString nan = load(variables).text();
    QVERIFY2(nan.contains("NaN or infinity in: Conv2d_2a_3x3.conv.weight"), qPrintable(nan));
    QVERIFY2(!nan.contains('\n'), qPrintable(nan));
}

QTEST_APPLESS_MAIN(tst_KeyMap)
#include "tst_KeyMap.moc"
