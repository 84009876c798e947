// EfficientNet-Lite3 and 4 against timm on synthetic weights (tests/golden/nets_reference.py), and
// the names that timm keeps this family's weights under. Lite0 to 2 have real weights: tst_Nets.

#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/TimmNames.h"
#include "core/nets/Net.h"

#include <map>

#include "tests/core/nets/NetGolden.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

/// A member's key as timm has it, by rules of the test's own: stage and repeat come from the
/// published table of the family.
std::string timmKey(const std::string& member, const std::vector<std::pair<int, int>>& places)
{
    const auto end = [](const std::string& name, std::size_t from) { return name.substr(from); };
    if (!member.starts_with("_blocks.")) {
        const std::map<std::string, std::string> ends { { "_conv_stem", "conv_stem" },
            { "_bn0", "bn1" }, { "_conv_head", "conv_head" }, { "_bn1", "bn2" },
            { "_fc", "classifier" } };
        const std::size_t dot = member.find('.');
        return ends.at(member.substr(0, dot)) + end(member, dot);
    }
    const std::size_t second = member.find('.', 8);
    const auto& [stage, repeat] = places.at(std::stoul(member.substr(8, second - 8)));
    const std::size_t third = member.find('.', second + 1);
    const std::string layer = member.substr(second + 1, third - second - 1);
    const std::map<std::string, std::string> first { { "_depthwise_conv", "conv_dw" },
        { "_bn1", "bn1" }, { "_project_conv", "conv_pw" }, { "_bn2", "bn2" } };
    const std::map<std::string, std::string> later { { "_expand_conv", "conv_pw" },
        { "_bn0", "bn1" }, { "_depthwise_conv", "conv_dw" }, { "_bn1", "bn2" },
        { "_project_conv", "conv_pwl" }, { "_bn2", "bn3" } };
    return "blocks." + std::to_string(stage) + "." + std::to_string(repeat) + "."
        + (stage == 0 ? first : later).at(layer) + end(member, third);
}

/// lite3: the repeats 2, 2, 3, 3, 4 of the middle stages times 1.4, rounded up.
std::vector<std::pair<int, int>> placesOfLite3()
{
    std::vector<std::pair<int, int>> places;
    const int repeats[] = { 1, 3, 3, 5, 5, 6, 1 };
    for (int stage = 0; stage < 7; ++stage)
        for (int repeat = 0; repeat < repeats[stage]; ++repeat)
            places.emplace_back(stage, repeat);
    return places;
}

} // namespace

class tst_EfficientNetLite : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTimm_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("numerics");
        for (const char* name : { "efficientnet-lite3", "efficientnet-lite4" })
            for (const char* numerics : { "exact", "folded", "reference", "fast" })
                QTest::addRow("%s %s", name, numerics) << QString(name) << QString(numerics);
    }
    void agreesWithTimm()
    {
        QFETCH(QString, name);
        QFETCH(QString, numerics);
        // Under synthetic weights many values lie at ReLU6's edges, over which float32's rounding
        // moves some: that turns the gradient.
        compareWithGolden(name, numerics, { 1e-3, 1e-2, 5e-2 });
    }

    void sizes()
    {
        for (const char* name : { "efficientnet-lite3", "efficientnet-lite4" })
            compareSizes(name);
    }

    void readsTimmsNames()
    {
        const auto source = makeNet("efficientnet-lite3", 1000);
        fillWithSyntheticWeights(*source);
        StateDict state = stateOf(*source);
        const auto places = placesOfLite3();
        for (TensorView& tensor : state.tensors)
            tensor.name = timmKey(tensor.name, places);
        QVERIFY(state.find("blocks.5.5.conv_pwl.weight") != nullptr);
        StateDict other = state;
        renameTimmKeys(other, "inception-v3");
        QVERIFY(other.find("conv_stem.weight") != nullptr); // another network's: left alone
        renameTimmKeys(state, "efficientnet-lite3");
        const auto net = makeNet("efficientnet-lite3", 1000);
        loadInto(*net, state, "timm.safetensors"); // strict
        for (const auto& item : net->named_parameters())
            QVERIFY2(torch::equal(item.value(), source->named_parameters()[item.key()]),
                item.key().c_str());
    }

    void strangeNamesStay()
    {
        StateDict state;
        for (const char* name : { "conv_stem.weight", "blocks.x.0.conv_dw.weight", "blocks.1",
                 "blocks.1.0.conv_up.weight", "bn1", "head.weight" })
            state.tensors.push_back({ name, DType::F32, {}, {} });
        renameTimmKeys(state, "efficientnet-lite0");
        QCOMPARE(state.tensors[0].name, std::string("_conv_stem.weight"));
        QCOMPARE(state.tensors[1].name, std::string("blocks.x.0.conv_dw.weight"));
        QCOMPARE(state.tensors[2].name, std::string("blocks.1"));
        QCOMPARE(state.tensors[3].name, std::string("blocks.1.0.conv_up.weight"));
        QCOMPARE(state.tensors[4].name, std::string("bn1"));
        QCOMPARE(state.tensors[5].name, std::string("head.weight"));
        // Of both kinds: two keys could become one.
        state.tensors = { { "conv_stem.weight", DType::F32, {}, {} },
            { "_conv_stem.weight", DType::F32, {}, {} } };
        renameTimmKeys(state, "efficientnet-lite0");
        QCOMPARE(state.tensors[0].name, std::string("conv_stem.weight"));
    }
};

QTEST_APPLESS_MAIN(tst_EfficientNetLite)
#include "tst_EfficientNetLite.moc"
