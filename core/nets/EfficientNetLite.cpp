#include "core/nets/EfficientNetLite.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace crossiter {

namespace {

constexpr double kNormEpsilon = 1e-3;
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

torch::nn::Conv2d makeConv(int inputs, int outputs, int kernel, int stride, int groups = 1)
{
    return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, kernel)
                                 .stride(stride)
                                 .groups(groups)
                                 .bias(false));
}

torch::nn::BatchNorm2d makeNorm(int channels)
{
    return torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(channels).eps(kNormEpsilon));
}

/// TensorFlow's "same": as many zeros as make the output ceil(side / stride), the odd one at the
/// end.
std::int64_t samePadding(std::int64_t side, std::int64_t kernel, std::int64_t stride)
{
    const std::int64_t outputs = (side + stride - 1) / stride;
    return std::max<std::int64_t>((outputs - 1) * stride + kernel - side, 0);
}

} // namespace

torch::Tensor ConvNorm::run(const torch::Tensor& x) const
{
    const std::int64_t kernel = conv->weight.size(2);
    if (kernel == 1 && foldedWeight.defined()) {
        // Channels-last, a 1x1 convolution is one matrix product on the values as they lie: no copy
        // into and out of the convolution's own layout (about a seventh of a sub-step, measured
        // with `crossiter bench`). The result is a view, so ReLU6 is not done in place: autograd
        // would copy the whole.
        const torch::Tensor rows =
            torch::linear(x.permute({ 0, 2, 3, 1 }), foldedWeight, foldedBias);
        const torch::Tensor y = rows.permute({ 0, 3, 1, 2 });
        return activate ? torch::hardtanh(y, 0, 6) : y;
    }
    const std::int64_t stride = conv->options.stride()->at(0);
    const std::int64_t padY = samePadding(x.size(2), kernel, stride);
    const std::int64_t padX = samePadding(x.size(3), kernel, stride);
    torch::Tensor input = x;
    std::array<std::int64_t, 2> padding = { padY / 2, padX / 2 };
    if (padY % 2 != 0 || padX % 2 != 0) {
        input =
            torch::constant_pad_nd(x, { padX / 2, padX - padX / 2, padY / 2, padY - padY / 2 }, 0);
        padding = { 0, 0 };
    }
    const std::array<std::int64_t, 2> strides = { stride, stride };
    const std::int64_t groups = conv->options.groups();
    torch::Tensor y;
    if (foldedWeight.defined()) {
        y = torch::conv2d(input, foldedWeight, foldedBias, strides, padding, { 1, 1 }, groups);
    } else {
        y = torch::conv2d(input, conv->weight, {}, strides, padding, { 1, 1 }, groups);
        y = torch::batch_norm(y, norm->weight, norm->bias, norm->running_mean, norm->running_var,
            /*training=*/false, /*momentum=*/0.0, norm->options.eps(), /*cudnn_enabled=*/false);
    }
    // ReLU6 in place: neither the convolution's nor the batch norm's backward reads its output.
    return activate ? torch::hardtanh_(y, 0, 6) : y;
}

void ConvNorm::fold()
{
    const torch::NoGradGuard guard;
    const auto type = conv->weight.scalar_type();
    const torch::Tensor scale = norm->weight.to(torch::kDouble)
        / torch::sqrt(norm->running_var.to(torch::kDouble) + norm->options.eps());
    foldedWeight = (conv->weight.to(torch::kDouble) * scale.view({ -1, 1, 1, 1 })).to(type);
    foldedWeight = foldedWeight.size(2) == 1
        ? foldedWeight.flatten(1).contiguous()
        : foldedWeight.contiguous(torch::MemoryFormat::ChannelsLast);
    foldedBias =
        (norm->bias.to(torch::kDouble) - norm->running_mean.to(torch::kDouble) * scale).to(type);
    // The plain weights are not read again; only their shape is.
    conv->weight.set_data(conv->weight.detach().new_empty({ 1 }).expand(conv->weight.sizes()));
}

std::int64_t ConvNorm::multiplyAdds(int& side) const
{
    const auto& shape = conv->weight.sizes();
    const auto stride = static_cast<int>(conv->options.stride()->at(0));
    side = (side + stride - 1) / stride;
    return static_cast<std::int64_t>(side) * side * shape[0] * shape[1] * shape[2] * shape[3];
}

LiteBlock::LiteBlock(int inputs, int outputs, int kernel, int stride, int expansion)
    : m_skip(stride == 1 && inputs == outputs)
{
    m_project.activate = false; // the linear bottleneck
    const int inner = inputs * expansion;
    if (expansion != 1) {
        m_expand.conv = register_module("_expand_conv", makeConv(inputs, inner, 1, 1));
        m_expand.norm = register_module("_bn0", makeNorm(inner));
    }
    m_depthwise.conv =
        register_module("_depthwise_conv", makeConv(inner, inner, kernel, stride, inner));
    m_depthwise.norm = register_module("_bn1", makeNorm(inner));
    m_project.conv = register_module("_project_conv", makeConv(inner, outputs, 1, 1));
    m_project.norm = register_module("_bn2", makeNorm(outputs));
}

torch::Tensor LiteBlock::forward(const torch::Tensor& x) const
{
    torch::Tensor y = x; // [N, inputs, H, W]
    if (m_expand.conv)
        y = m_expand.run(y); // [N, inputs * expansion, H, W]
    y = m_depthwise.run(y); // [N, inputs * expansion, H / stride, W / stride]
    y = m_project.run(y); // [N, outputs, H / stride, W / stride]
    return m_skip ? y + x : y;
}

void LiteBlock::fold()
{
    if (m_expand.conv)
        m_expand.fold();
    m_depthwise.fold();
    m_project.fold();
}

std::int64_t LiteBlock::multiplyAdds(int& side) const
{
    const std::int64_t expand = m_expand.conv ? m_expand.multiplyAdds(side) : 0;
    const std::int64_t depthwise = m_depthwise.multiplyAdds(side);
    return expand + depthwise + m_project.multiplyAdds(side);
}

EfficientNetLite::EfficientNetLite(double width, double depth, int classes)
{
    m_stem.conv = register_module("_conv_stem", makeConv(3, kStemChannels, 3, 2));
    m_stem.norm = register_module("_bn0", makeNorm(kStemChannels));

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
    m_head.conv = register_module("_conv_head", makeConv(channels, kHeadChannels, 1, 1));
    m_head.norm = register_module("_bn1", makeNorm(kHeadChannels));
    m_fc = register_module("_fc", torch::nn::Linear(kHeadChannels, classes));
}

NetOutput EfficientNetLite::forward(const torch::Tensor& input)
{
    torch::Tensor x = m_stem.run(input); // [N, 32, S/2, S/2]
    for (const auto& block : m_blocks)
        x = block->forward(x);
    // [N, 320 (lite2: 352), S/32, S/32]
    x = m_head.run(x); // [N, 1280, S/32, S/32]
    if (x.requires_grad() && x.is_contiguous(torch::MemoryFormat::ChannelsLast)) {
        // The mean's gradient comes as an expanded scalar without a layout; everything before would
        // follow it into NCHW and copy at each layer.
        x.register_hook([](const torch::Tensor& gradient) {
            return gradient.contiguous(torch::MemoryFormat::ChannelsLast);
        });
    }
    x = x.mean({ 2, 3 }); // [N, 1280]; dropout (keep 0.8, 0.8, 0.7) is the identity here
    return { m_fc->forward(x), {} }; // [N, classes]
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
