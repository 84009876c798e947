#include "core/nets/EfficientNetLite.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace crossiter {

namespace {

constexpr int kStemChannels = 32;
constexpr int kHeadChannels = 1280;

struct Stage
{
    int repeats;
    int kernel;
    int stride;
    int expansion;
    int inputs;
    int outputs;
};

// EfficientNet-B0's stages (Tan and Le 2019, table 1).
constexpr std::array<Stage, 7> kStages = { {
    { 1, 3, 1, 1, 32, 16 },
    { 2, 3, 2, 6, 16, 24 },
    { 2, 5, 2, 6, 24, 40 },
    { 3, 3, 2, 6, 40, 80 },
    { 3, 5, 1, 6, 80, 112 },
    { 4, 5, 2, 6, 112, 192 },
    { 1, 3, 1, 6, 192, 320 },
} };

int scaledChannels(int channels, double width)
{
    const double scaled = channels * width;
    int rounded = std::max(8, static_cast<int>(scaled + 4) / 8 * 8);
    if (rounded < 0.9 * scaled) // rounding may not take more than 10 %
        rounded += 8;
    return rounded;
}

} // namespace

LiteBlock::LiteBlock(int inputs, int outputs, int kernel, int stride, int expansion)
    : m_skip(stride == 1 && inputs == outputs)
{
    const int inner = inputs * expansion;
    const Activation relu6 = Activation::Relu6;
    if (expansion != 1)
        m_expand = { *this, "_expand_conv", "_bn0",
            { inputs, inner, { 1, 1 }, 1, Padding::Same, relu6 } };
    m_depthwise = { *this, "_depthwise_conv", "_bn1",
        { inner, inner, { kernel, kernel }, stride, Padding::Same, relu6, inner } };
    m_project = { *this, "_project_conv", "_bn2", // the linear bottleneck
        { inner, outputs, { 1, 1 }, 1, Padding::Same, Activation::None } };
}

torch::Tensor LiteBlock::forward(const torch::Tensor& x, const ForwardOptions& options) const
{
    torch::Tensor y = x; // [N, inputs, H, W]
    if (m_expand.conv)
        y = m_expand.run(y, options); // [N, inputs * expansion, H, W]
    y = m_depthwise.run(y, options); // [N, inputs * expansion, H / stride, W / stride]
    y = m_project.run(y, options); // [N, outputs, H / stride, W / stride]
    return m_skip ? y + x : y;
}

void LiteBlock::fold()
{
    m_expand.fold();
    m_depthwise.fold();
    m_project.fold();
}

std::int64_t LiteBlock::multiplyAdds(int& side) const
{
    std::int64_t total = m_expand.multiplyAdds(side);
    total += m_depthwise.multiplyAdds(side);
    return total + m_project.multiplyAdds(side);
}

EfficientNetLite::EfficientNetLite(double width, double depth, double keep, int classes)
    : m_keep(keep)
{
    const Activation relu6 = Activation::Relu6;
    m_stem = { *this, "_conv_stem", "_bn0",
        { 3, kStemChannels, { 3, 3 }, 2, Padding::Same, relu6 } };

    auto list = register_module("_blocks", torch::nn::ModuleList());
    int channels = kStemChannels;
    for (std::size_t s = 0; s < kStages.size(); ++s) {
        const Stage& stage = kStages[s];
        const bool fixed = s == 0 || s + 1 == kStages.size();
        const int repeats =
            fixed ? stage.repeats : static_cast<int>(std::ceil(depth * stage.repeats));
        const int outputs = scaledChannels(stage.outputs, width);
        for (int r = 0; r < repeats; ++r) {
            auto block = std::make_shared<LiteBlock>(
                channels, outputs, stage.kernel, r == 0 ? stage.stride : 1, stage.expansion);
            list->push_back(block);
            m_blocks.push_back(block);
            channels = outputs;
        }
    }
    m_head = { *this, "_conv_head", "_bn1",
        { channels, kHeadChannels, { 1, 1 }, 1, Padding::Same, relu6 } };
    m_fc = register_module("_fc", std::make_shared<DenseLayer>(kHeadChannels, classes));
}

NetOutput EfficientNetLite::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    torch::Tensor x = m_stem.run(input, options); // [N, 32, S/2, S/2]
    if (!runBlocks(m_blocks, x, options))
        return {};
    // [N, 320 (lite2: 352, lite3: 384, lite4: 448), S/32, S/32]
    x = m_head.run(x, options); // [N, 1280, S/32, S/32]
    return classified(x, {}, *m_fc, options); // [N, classes]
}

void EfficientNetLite::foldBatchNorm()
{
    m_stem.fold();
    for (const auto& block : m_blocks)
        block->fold();
    m_head.fold();
}

std::int64_t EfficientNetLite::multiplyAdds(int inputSide) const
{
    int side = inputSide;
    std::int64_t total = m_stem.multiplyAdds(side);
    for (const auto& block : m_blocks)
        total += block->multiplyAdds(side);
    total += m_head.multiplyAdds(side);
    return total + m_fc->weight.numel();
}

} // namespace crossiter
