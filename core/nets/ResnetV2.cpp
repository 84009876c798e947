#include "core/nets/ResnetV2.h"

namespace crossiter {

namespace {

constexpr int kFeatures = 2048;
constexpr int kRootChannels = 64;
constexpr double kEpsilon = 1e-5; ///< TF-Slim's for its ResNets

ConvNormShape conv(int inputs, int outputs, int kernel, int stride)
{
    return { inputs, outputs, { kernel, kernel }, stride, Padding::Centred, Activation::Relu, 1,
        kEpsilon };
}

std::shared_ptr<ConvLayer> biased(int inputs, int outputs, int kernel)
{
    return std::make_shared<ConvLayer>(
        inputs, outputs, std::array<int, 2> { kernel, kernel }, 1, /*withBias=*/true);
}

torch::Tensor activatedNorm(
    const torch::Tensor& x, const NormLayer& norm, const ForwardOptions& options)
{
    // In place: the norm's backward does not read its output.
    return normalized(x, norm, kEpsilon, options).relu_();
}

/// 3x3 maximum with stride 2 and TensorFlow's padding "same", where an odd place lies at the end.
torch::Tensor maxPoolSame(const torch::Tensor& x)
{
    // An even side lacks one place, behind its last pixel: the last window is cut there. An odd
    // side lacks one at each end.
    return torch::max_pool2d(
        x, { 3, 3 }, { 2, 2 }, { x.size(2) % 2, x.size(3) % 2 }, { 1, 1 }, /*ceil_mode=*/true);
}

/// [N, C, H, W] -> [N H W, C]; no copy when x lies channels-last.
torch::Tensor rowsOf(const torch::Tensor& x)
{
    return x.permute({ 0, 2, 3, 1 }).reshape({ -1, x.size(1) });
}

int halved(int side)
{
    return (side + 1) / 2;
}

} // namespace

ResnetV2Unit::ResnetV2Unit(int inputs, int inner, int stride)
    : m_stride(stride)
{
    const int outputs = 4 * inner;
    m_preact = register_module("preact", std::make_shared<NormLayer>(inputs));
    if (inputs != outputs) {
        TORCH_INTERNAL_ASSERT(stride == 1);
        m_shortcut = register_module("shortcut", biased(inputs, outputs, 1));
    }
    m_conv1 = register_module("conv1", std::make_shared<ConvBlock>(conv(inputs, inner, 1, 1)));
    m_conv2 = register_module("conv2", std::make_shared<ConvBlock>(conv(inner, inner, 3, stride)));
    m_conv3 = register_module("conv3", biased(inner, outputs, 1));
}

torch::Tensor ResnetV2Unit::forward(const torch::Tensor& x, const ForwardOptions& options) const
{
    const torch::Tensor before = activatedNorm(x, *m_preact, options); // [N, inputs, H, W]
    torch::Tensor y = m_conv1->run(before, options); // [N, inner, H, W]
    y = m_conv2->run(y, options); // [N, inner, H / stride, W / stride]
    const torch::Tensor kept =
        m_stride == 1 ? x : x.slice(2, 0, x.size(2), m_stride).slice(3, 0, x.size(3), m_stride);
    if (!m_foldedUp.defined()) {
        const torch::Tensor shortcut =
            m_shortcut ? torch::conv2d(before, m_shortcut->weight, m_shortcut->bias) : kept;
        return shortcut + torch::conv2d(y, m_conv3->weight, m_conv3->bias);
    }
    // Channels-last, the last products are added to the shortcut where it lies.
    const torch::Tensor shortcut = m_shortcut
        ? torch::addmm(m_foldedBias, rowsOf(before), m_foldedShortcut.t())
        : rowsOf(kept) + m_foldedBias;
    return torch::addmm(shortcut, rowsOf(y), m_foldedUp.t())
        .view({ y.size(0), y.size(2), y.size(3), -1 })
        .permute({ 0, 3, 1, 2 });
}

void ResnetV2Unit::fold()
{
    const torch::NoGradGuard guard;
    m_conv1->fold();
    m_conv2->fold();
    const auto matrix = [](ConvLayer& layer) {
        torch::Tensor weight = layer.weight.flatten(1).clone();
        letGo(layer.weight);
        return weight;
    };
    m_foldedUp = matrix(*m_conv3);
    m_foldedBias = m_conv3->bias.clone();
    if (m_shortcut) {
        m_foldedShortcut = matrix(*m_shortcut);
        m_foldedBias = m_foldedBias + m_shortcut->bias;
    }
}

std::int64_t ResnetV2Unit::multiplyAdds(int& side) const
{
    std::int64_t total = 0;
    if (m_shortcut)
        total += static_cast<std::int64_t>(side) * side * m_shortcut->weight.numel();
    total += m_conv1->multiplyAdds(side);
    total += m_conv2->multiplyAdds(side);
    return total + static_cast<std::int64_t>(side) * side * m_conv3->weight.numel();
}

ResnetV2::ResnetV2(const std::array<int, 4>& units, int classes)
{
    m_root = register_module("conv1", biased(3, kRootChannels, 7));
    int channels = kRootChannels;
    for (std::size_t b = 0; b < units.size(); ++b) {
        const int inner = kRootChannels << b;
        auto block =
            register_module("block" + std::to_string(b + 1), std::make_shared<torch::nn::Module>());
        for (int u = 1; u <= units[b]; ++u) {
            const int stride = u == units[b] && b + 1 < units.size() ? 2 : 1;
            m_units.push_back(block->register_module("unit_" + std::to_string(u),
                std::make_shared<ResnetV2Unit>(channels, inner, stride)));
            channels = 4 * inner;
        }
    }
    m_postnorm = register_module("postnorm", std::make_shared<NormLayer>(kFeatures));
    m_fc = register_module("logits", std::make_shared<DenseLayer>(kFeatures, classes));
}

NetOutput ResnetV2::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    torch::Tensor x = torch::conv2d( // [N, 64, 150, 150] of an input of 299x299
        input, m_root->weight, m_root->bias, /*stride=*/2, /*padding=*/3);
    x = maxPoolSame(x); // [N, 64, 75, 75]
    if (!runBlocks(m_units, x, options))
        return {};
    // behind block1 [N, 256, 38, 38], block2 [N, 512, 19, 19], block3 [N, 1024, 10, 10] and block4
    // [N, 2048, 10, 10]
    x = activatedNorm(x, *m_postnorm, options); // [N, 2048, 10, 10]
    return classified(x, {}, *m_fc, options); // [N, classes]
}

void ResnetV2::foldBatchNorm()
{
    // The norms in front of the units have no convolution before them to go into.
    const torch::NoGradGuard guard;
    m_root->weight.set_data(m_root->weight.contiguous(torch::MemoryFormat::ChannelsLast));
    for (const auto& unit : m_units)
        unit->fold();
}

std::int64_t ResnetV2::multiplyAdds(int inputSide) const
{
    int side = halved(inputSide);
    std::int64_t total = static_cast<std::int64_t>(side) * side * m_root->weight.numel();
    side = halved(side);
    for (const auto& unit : m_units)
        total += unit->multiplyAdds(side);
    return total + m_fc->weight.numel();
}

} // namespace crossiter
