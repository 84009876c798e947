#include "core/checkpoint/KeyMap.h"

#include <algorithm>
#include <array>

namespace crossiter {

namespace {

using Kind = MappedLayer::Kind;
using Branches = std::vector<std::vector<std::string>>; ///< the layers of each

/// Collects layers; scopes are given below the network's.
class Layers
{
public:
    void add(const std::string& member, const std::string& scope, Kind kind = Kind::ConvNorm,
        bool auxiliary = false)
    {
        m_layers.push_back({ member, scope, kind, auxiliary });
    }

    /// "PREFIX0", "PREFIX1", ... (or numbered from `first`) to the scopes in order.
    void chain(const std::string& memberPrefix, int first, const std::string& scope,
        const std::vector<std::string>& names)
    {
        for (const std::string& name : names)
            add(memberPrefix + std::to_string(first++), scope + name);
    }

    /// "MEMBER0", "MEMBER1", ... from SCOPE/Branch_0, ...; a branch of several layers is a chain
    /// "MEMBER1.0", "MEMBER1.1", ...
    void branches(const std::string& member, const std::string& scope, const Branches& all)
    {
        for (std::size_t b = 0; b < all.size(); ++b) {
            const std::string name = member + std::to_string(b);
            const std::string place = scope + "/Branch_" + std::to_string(b) + "/";
            if (all[b].size() == 1)
                add(name, place + all[b].front());
            else
                chain(name + ".", 0, place, all[b]);
        }
    }

    void auxHead(const std::string& second, const std::string& last)
    {
        add("AuxLogits.conv0", "AuxLogits/Conv2d_1b_1x1", Kind::ConvNorm, true);
        add("AuxLogits.conv1", "AuxLogits/" + second, Kind::ConvNorm, true);
        add("AuxLogits.fc", "AuxLogits/" + last, Kind::Dense, true);
    }

    [[nodiscard]] std::vector<MappedLayer> take() { return std::move(m_layers); }

private:
    std::vector<MappedLayer> m_layers;
};

std::vector<MappedLayer> inceptionV3()
{
    Layers all;
    for (const char* stem :
        { "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3" })
        all.add(stem, stem);
    for (const std::string block : { "Mixed_5b", "Mixed_5c", "Mixed_5d" }) {
        const bool odd = block == "Mixed_5c"; // named otherwise when it was written, and kept so
        all.add(block + ".branch1x1", block + "/Branch_0/Conv2d_0a_1x1");
        all.chain(block + ".branch5x5_", 1, block + "/Branch_1/",
            { odd ? "Conv2d_0b_1x1" : "Conv2d_0a_1x1", odd ? "Conv_1_0c_5x5" : "Conv2d_0b_5x5" });
        all.chain(block + ".branch3x3dbl_", 1, block + "/Branch_2/",
            { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" });
        all.add(block + ".branch_pool", block + "/Branch_3/Conv2d_0b_1x1");
    }
    // The reducing 3x3 convolutions of Mixed_6a are called 1x1.
    all.add("Mixed_6a.branch3x3", "Mixed_6a/Branch_0/Conv2d_1a_1x1");
    all.chain("Mixed_6a.branch3x3dbl_", 1, "Mixed_6a/Branch_1/",
        { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_1x1" });
    for (const std::string block : { "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e" }) {
        all.add(block + ".branch1x1", block + "/Branch_0/Conv2d_0a_1x1");
        all.chain(block + ".branch7x7_", 1, block + "/Branch_1/",
            { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1" });
        all.chain(block + ".branch7x7dbl_", 1, block + "/Branch_2/",
            { "Conv2d_0a_1x1", "Conv2d_0b_7x1", "Conv2d_0c_1x7", "Conv2d_0d_7x1",
                "Conv2d_0e_1x7" });
        all.add(block + ".branch_pool", block + "/Branch_3/Conv2d_0b_1x1");
    }
    all.chain("Mixed_7a.branch3x3_", 1, "Mixed_7a/Branch_0/", { "Conv2d_0a_1x1", "Conv2d_1a_3x3" });
    all.chain("Mixed_7a.branch7x7x3_", 1, "Mixed_7a/Branch_1/",
        { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1", "Conv2d_1a_3x3" });
    for (const std::string block : { "Mixed_7b", "Mixed_7c" }) {
        all.add(block + ".branch1x1", block + "/Branch_0/Conv2d_0a_1x1");
        all.add(block + ".branch3x3_1", block + "/Branch_1/Conv2d_0a_1x1");
        all.add(block + ".branch3x3_2a", block + "/Branch_1/Conv2d_0b_1x3");
        all.add(block + ".branch3x3_2b",
            block + (block == "Mixed_7b" ? "/Branch_1/Conv2d_0b_3x1" : "/Branch_1/Conv2d_0c_3x1"));
        all.add(block + ".branch3x3dbl_1", block + "/Branch_2/Conv2d_0a_1x1");
        all.add(block + ".branch3x3dbl_2", block + "/Branch_2/Conv2d_0b_3x3");
        all.add(block + ".branch3x3dbl_3a", block + "/Branch_2/Conv2d_0c_1x3");
        all.add(block + ".branch3x3dbl_3b", block + "/Branch_2/Conv2d_0d_3x1");
        all.add(block + ".branch_pool", block + "/Branch_3/Conv2d_0b_1x1");
    }
    all.add("fc", "Logits/Conv2d_1c_1x1", Kind::Dense);
    all.auxHead("Conv2d_2a_5x5", "Conv2d_2b_1x1");
    return all.take();
}

std::vector<MappedLayer> inceptionResnetV2()
{
    Layers all;
    const auto residual = [&all](const std::string& member, const std::string& scope,
                              const Branches& branches) {
        all.branches(member + ".branch", scope, branches);
        all.add(member + ".conv2d", scope + "/Conv2d_1x1", Kind::Conv);
    };
    for (const auto& [member, scope] :
        { std::pair("conv2d_1a", "Conv2d_1a_3x3"), std::pair("conv2d_2a", "Conv2d_2a_3x3"),
            std::pair("conv2d_2b", "Conv2d_2b_3x3"), std::pair("conv2d_3b", "Conv2d_3b_1x1"),
            std::pair("conv2d_4a", "Conv2d_4a_3x3"), std::pair("conv2d_7b", "Conv2d_7b_1x1") })
        all.add(member, scope);
    all.branches("mixed_5b.branch", "Mixed_5b",
        { { "Conv2d_1x1" }, { "Conv2d_0a_1x1", "Conv2d_0b_5x5" },
            { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" } });
    all.add("mixed_5b.branch3.1", "Mixed_5b/Branch_3/Conv2d_0b_1x1"); // 0 is the pool
    for (int i = 0; i < 10; ++i)
        residual("repeat." + std::to_string(i), "Repeat/block35_" + std::to_string(i + 1),
            { { "Conv2d_1x1" }, { "Conv2d_0a_1x1", "Conv2d_0b_3x3" },
                { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" } });
    all.branches("mixed_6a.branch", "Mixed_6a",
        { { "Conv2d_1a_3x3" }, { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_3x3" } });
    for (int i = 0; i < 20; ++i)
        residual("repeat_1." + std::to_string(i), "Repeat_1/block17_" + std::to_string(i + 1),
            { { "Conv2d_1x1" }, { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1" } });
    all.branches("mixed_7a.branch", "Mixed_7a",
        { { "Conv2d_0a_1x1", "Conv2d_1a_3x3" }, { "Conv2d_0a_1x1", "Conv2d_1a_3x3" },
            { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_3x3" } });
    const Branches eight { { "Conv2d_1x1" },
        { "Conv2d_0a_1x1", "Conv2d_0b_1x3", "Conv2d_0c_3x1" } };
    for (int i = 0; i < 9; ++i)
        residual(
            "repeat_2." + std::to_string(i), "Repeat_2/block8_" + std::to_string(i + 1), eight);
    residual("block8", "Block8", eight);
    all.add("classif", "Logits/Logits", Kind::Dense);
    all.auxHead("Conv2d_2a_5x5", "Logits");
    return all.take();
}

std::vector<MappedLayer> inceptionV4()
{
    Layers all;
    const auto feature = [](int i) { return "features." + std::to_string(i); };
    all.add(feature(0), "Conv2d_1a_3x3");
    all.add(feature(1), "Conv2d_2a_3x3");
    all.add(feature(2), "Conv2d_2b_3x3");
    all.add(feature(3) + ".conv", "Mixed_3a/Branch_1/Conv2d_0a_3x3");
    const Branches wide { { "Conv2d_0a_1x1", "Conv2d_1a_3x3" },
        { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1", "Conv2d_1a_3x3" } };
    all.branches(feature(4) + ".branch", "Mixed_4a", wide);
    all.add(feature(5) + ".conv", "Mixed_5a/Branch_0/Conv2d_1a_3x3");
    int next = 6;
    for (const std::string block : { "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_5e" }) {
        const std::string member = feature(next++) + ".branch";
        all.branches(member, block,
            { { "Conv2d_0a_1x1" }, { "Conv2d_0a_1x1", "Conv2d_0b_3x3" },
                { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" } });
        all.add(member + "3.1", block + "/Branch_3/Conv2d_0b_1x1"); // 0 is the pool
    }
    all.branches(feature(next++) + ".branch", "Mixed_6a",
        { { "Conv2d_1a_3x3" }, { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_3x3" } });
    for (const std::string block :
        { "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_6f", "Mixed_6g", "Mixed_6h" }) {
        const std::string member = feature(next++) + ".branch";
        all.branches(member, block,
            { { "Conv2d_0a_1x1" }, { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1" },
                { "Conv2d_0a_1x1", "Conv2d_0b_7x1", "Conv2d_0c_1x7", "Conv2d_0d_7x1",
                    "Conv2d_0e_1x7" } });
        all.add(member + "3.1", block + "/Branch_3/Conv2d_0b_1x1");
    }
    all.branches(feature(next++) + ".branch", "Mixed_7a", wide);
    for (const std::string block : { "Mixed_7b", "Mixed_7c", "Mixed_7d" }) {
        const std::string member = feature(next++) + ".branch";
        all.add(member + "0", block + "/Branch_0/Conv2d_0a_1x1");
        all.add(member + "1_0", block + "/Branch_1/Conv2d_0a_1x1");
        all.add(member + "1_1a", block + "/Branch_1/Conv2d_0b_1x3");
        all.add(member + "1_1b", block + "/Branch_1/Conv2d_0c_3x1");
        all.chain(member + "2_", 0, block + "/Branch_2/",
            { "Conv2d_0a_1x1", "Conv2d_0b_3x1", "Conv2d_0c_1x3" });
        all.add(member + "2_3a", block + "/Branch_2/Conv2d_0d_1x3");
        all.add(member + "2_3b", block + "/Branch_2/Conv2d_0e_3x1");
        all.add(member + "3.1", block + "/Branch_3/Conv2d_0b_1x1");
    }
    all.add("last_linear", "Logits/Logits", Kind::Dense);
    all.auxHead("Conv2d_2a", "Aux_logits");
    return all.take();
}

/// units: of the four blocks.
std::vector<MappedLayer> resnetV2(const std::array<int, 4>& units)
{
    Layers all;
    all.add("postnorm", "postnorm", Kind::Norm); // first: each unit has a conv1, too
    all.add("conv1", "conv1", Kind::Conv);
    for (std::size_t b = 0; b < units.size(); ++b) {
        for (int u = 1; u <= units[b]; ++u) {
            const std::string number = std::to_string(u);
            const std::string block = "block" + std::to_string(b + 1);
            const std::string member = block + ".unit_" + number;
            const std::string scope = block + "/unit_" + number + "/bottleneck_v2";
            all.add(member + ".preact", scope + "/preact", Kind::Norm);
            if (u == 1) // where the channels change
                all.add(member + ".shortcut", scope + "/shortcut", Kind::Conv);
            all.add(member + ".conv1", scope + "/conv1");
            all.add(member + ".conv2", scope + "/conv2");
            all.add(member + ".conv3", scope + "/conv3", Kind::Conv);
        }
    }
    all.add("logits", "logits", Kind::Dense);
    return all.take();
}

struct Known
{
    const char* architecture;
    const char* scope;
    std::vector<MappedLayer> (*layers)();
};

constexpr std::array<Known, 6> kKnown { {
    { "inception-v3", "InceptionV3", inceptionV3 },
    { "inception-v4", "InceptionV4", inceptionV4 },
    { "inception-resnet-v2", "InceptionResnetV2", inceptionResnetV2 },
    { "resnet-v2-50", "resnet_v2_50",
        [] {
            return resnetV2({ 3, 4, 6, 3 });
        } },
    { "resnet-v2-101", "resnet_v2_101",
        [] {
            return resnetV2({ 3, 4, 23, 3 });
        } },
    { "resnet-v2-152", "resnet_v2_152",
        [] {
            return resnetV2({ 3, 8, 36, 3 });
        } },
} };

const Known* knownOf(const std::string& architecture)
{
    const auto* const found = std::ranges::find_if(
        kKnown, [&](const Known& known) { return known.architecture == architecture; });
    return found == kKnown.end() ? nullptr : found;
}

} // namespace

std::vector<MappedLayer> tfLayers(const std::string& architecture)
{
    const Known* known = knownOf(architecture);
    return known == nullptr ? std::vector<MappedLayer> {} : known->layers();
}

std::string tfScope(const std::string& architecture)
{
    const Known* known = knownOf(architecture);
    return known == nullptr ? "" : known->scope;
}

} // namespace crossiter
