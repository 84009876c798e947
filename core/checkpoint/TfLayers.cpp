#include "core/checkpoint/KeyMap.h"

namespace crossiter {

namespace {

using Kind = MappedLayer::Kind;

/// Collects layers; names are given below a block.
class Layers
{
public:
    explicit Layers(std::string scope)
        : m_scope(std::move(scope))
    {
    }

    void add(const std::string& member, const std::string& scope, Kind kind = Kind::ConvNorm,
        bool auxiliary = false)
    {
        m_layers.push_back({ member, m_scope + scope, kind, auxiliary });
    }

    /// "PREFIX0", "PREFIX1", ... (or numbered from `first`) to the scopes in order.
    void chain(const std::string& memberPrefix, int first, const std::string& scope,
        const std::vector<std::string>& names)
    {
        for (const std::string& name : names)
            add(memberPrefix + std::to_string(first++), scope + name);
    }

    [[nodiscard]] std::vector<MappedLayer> take() { return std::move(m_layers); }

private:
    std::string m_scope;
    std::vector<MappedLayer> m_layers;
};

std::vector<MappedLayer> inceptionV3()
{
    Layers all("InceptionV3/");
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
    all.add("AuxLogits.conv0", "AuxLogits/Conv2d_1b_1x1", Kind::ConvNorm, true);
    all.add("AuxLogits.conv1", "AuxLogits/Conv2d_2a_5x5", Kind::ConvNorm, true);
    all.add("AuxLogits.fc", "AuxLogits/Conv2d_2b_1x1", Kind::Dense, true);
    return all.take();
}

std::vector<MappedLayer> inceptionResnetV2()
{
    Layers all("InceptionResnetV2/");
    const auto residual = [&all](const std::string& member, const std::string& scope,
                              const std::vector<std::vector<std::string>>& branches) {
        all.add(member + ".branch0", scope + "/Branch_0/Conv2d_1x1");
        for (std::size_t b = 0; b < branches.size(); ++b)
            all.chain(member + ".branch" + std::to_string(b + 1) + ".", 0,
                scope + "/Branch_" + std::to_string(b + 1) + "/", branches[b]);
        all.add(member + ".conv2d", scope + "/Conv2d_1x1", Kind::Conv);
    };
    for (const auto& [member, scope] :
        { std::pair("conv2d_1a", "Conv2d_1a_3x3"), std::pair("conv2d_2a", "Conv2d_2a_3x3"),
            std::pair("conv2d_2b", "Conv2d_2b_3x3"), std::pair("conv2d_3b", "Conv2d_3b_1x1"),
            std::pair("conv2d_4a", "Conv2d_4a_3x3"), std::pair("conv2d_7b", "Conv2d_7b_1x1") })
        all.add(member, scope);
    all.add("mixed_5b.branch0", "Mixed_5b/Branch_0/Conv2d_1x1");
    all.chain("mixed_5b.branch1.", 0, "Mixed_5b/Branch_1/", { "Conv2d_0a_1x1", "Conv2d_0b_5x5" });
    all.chain("mixed_5b.branch2.", 0, "Mixed_5b/Branch_2/",
        { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" });
    all.add("mixed_5b.branch3.1", "Mixed_5b/Branch_3/Conv2d_0b_1x1"); // 0 is the pool
    for (int i = 0; i < 10; ++i)
        residual("repeat." + std::to_string(i), "Repeat/block35_" + std::to_string(i + 1),
            { { "Conv2d_0a_1x1", "Conv2d_0b_3x3" },
                { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3" } });
    all.add("mixed_6a.branch0", "Mixed_6a/Branch_0/Conv2d_1a_3x3");
    all.chain("mixed_6a.branch1.", 0, "Mixed_6a/Branch_1/",
        { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_3x3" });
    for (int i = 0; i < 20; ++i)
        residual("repeat_1." + std::to_string(i), "Repeat_1/block17_" + std::to_string(i + 1),
            { { "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1" } });
    all.chain("mixed_7a.branch0.", 0, "Mixed_7a/Branch_0/", { "Conv2d_0a_1x1", "Conv2d_1a_3x3" });
    all.chain("mixed_7a.branch1.", 0, "Mixed_7a/Branch_1/", { "Conv2d_0a_1x1", "Conv2d_1a_3x3" });
    all.chain("mixed_7a.branch2.", 0, "Mixed_7a/Branch_2/",
        { "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_1a_3x3" });
    const std::vector<std::vector<std::string>> eight { { "Conv2d_0a_1x1", "Conv2d_0b_1x3",
        "Conv2d_0c_3x1" } };
    for (int i = 0; i < 9; ++i)
        residual(
            "repeat_2." + std::to_string(i), "Repeat_2/block8_" + std::to_string(i + 1), eight);
    residual("block8", "Block8", eight);
    all.add("classif", "Logits/Logits", Kind::Dense);
    all.add("AuxLogits.conv0", "AuxLogits/Conv2d_1b_1x1", Kind::ConvNorm, true);
    all.add("AuxLogits.conv1", "AuxLogits/Conv2d_2a_5x5", Kind::ConvNorm, true);
    all.add("AuxLogits.fc", "AuxLogits/Logits", Kind::Dense, true);
    return all.take();
}

} // namespace

std::vector<MappedLayer> tfLayers(const std::string& architecture)
{
    if (architecture == "inception-v3")
        return inceptionV3();
    if (architecture == "inception-resnet-v2")
        return inceptionResnetV2();
    return {};
}

} // namespace crossiter
