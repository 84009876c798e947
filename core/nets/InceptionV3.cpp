#include "core/nets/InceptionV3.h"

#include "core/base/Error.h"
#include "core/nets/InceptionBlocks.h"

namespace crossiter {

namespace {

constexpr int kFeatures = 2048;
constexpr std::size_t kMixed6e = 7; ///< the last 17x17 block, behind which the auxiliary head sits

std::shared_ptr<ConvBlock> stemConv(
    int inputs, int outputs, int kernel, int stride, Padding padding)
{
    return std::make_shared<ConvBlock>(
        ConvNormShape { inputs, outputs, { kernel, kernel }, stride, padding, Activation::Relu });
}

} // namespace

InceptionAux::InceptionAux(int inputs, int classes)
{
    m_conv0 = register_module("conv0",
        std::make_shared<ConvBlock>(
            ConvNormShape { inputs, 128, { 1, 1 }, 1, Padding::Same, Activation::Relu }));
    m_conv1 = register_module("conv1",
        std::make_shared<ConvBlock>(
            ConvNormShape { 128, 768, { 5, 5 }, 1, Padding::Valid, Activation::Relu }));
    m_fc = register_module("fc", std::make_shared<DenseLayer>(768, classes));
}

torch::Tensor InceptionAux::forward(const torch::Tensor& x, const ForwardOptions& options) const
{
    torch::Tensor y = torch::avg_pool2d(x, { 5, 5 }, { 3, 3 }); // [N, inputs, 5, 5]
    if (y.size(2) < 5 || y.size(3) < 5)
        throw Error(ErrorKind::Usage, "input too small for the auxiliary head", "input side",
            "at least 299 pixels", "a map of " + std::to_string(x.size(2)) + " before it");
    y = m_conv0->run(y, options); // [N, 128, 5, 5]
    y = m_conv1->run(y, options); // [N, 768, 1, 1]
    return m_fc->forward(y.mean({ 2, 3 })); // [N, classes]
}

void InceptionAux::fold()
{
    m_conv0->fold();
    m_conv1->fold();
}

InceptionV3::InceptionV3(const NetOptions& options)
{
    const auto stem = [&](const char* name, std::shared_ptr<ConvBlock> block) {
        m_stem.push_back(register_module(name, std::move(block)));
    };
    stem("Conv2d_1a_3x3", stemConv(3, 32, 3, 2, Padding::Valid));
    stem("Conv2d_2a_3x3", stemConv(32, 32, 3, 1, Padding::Valid));
    stem("Conv2d_2b_3x3", stemConv(32, 64, 3, 1, Padding::Same));
    stem("Conv2d_3b_1x1", stemConv(64, 80, 1, 1, Padding::Valid));
    stem("Conv2d_4a_3x3", stemConv(80, 192, 3, 1, Padding::Valid));

    const bool counted = options.poolsCountPadding;
    // Behind each block its output's shape for an input of 299x299.
    const auto mixed = [&](const char* name, std::shared_ptr<InceptionBlock> block) {
        m_blocks.push_back(register_module(name, std::move(block)));
    };
    mixed("Mixed_5b", std::make_shared<InceptionA>(192, 32, counted)); // [N, 256, 35, 35]
    mixed("Mixed_5c", std::make_shared<InceptionA>(256, 64, counted)); // [N, 288, 35, 35]
    mixed("Mixed_5d", std::make_shared<InceptionA>(288, 64, counted)); // [N, 288, 35, 35]
    mixed("Mixed_6a", std::make_shared<InceptionB>(288)); // [N, 768, 17, 17]
    mixed("Mixed_6b", std::make_shared<InceptionC>(768, 128, counted)); // [N, 768, 17, 17]
    mixed("Mixed_6c", std::make_shared<InceptionC>(768, 160, counted)); // [N, 768, 17, 17]
    mixed("Mixed_6d", std::make_shared<InceptionC>(768, 160, counted)); // [N, 768, 17, 17]
    mixed("Mixed_6e", std::make_shared<InceptionC>(768, 192, counted)); // [N, 768, 17, 17]
    if (options.auxHead)
        m_aux = register_module("AuxLogits", std::make_shared<InceptionAux>(768, options.classes));
    mixed("Mixed_7a", std::make_shared<InceptionD>(768)); // [N, 1280, 8, 8]
    mixed("Mixed_7b", std::make_shared<InceptionE>(1280, counted)); // [N, 2048, 8, 8]
    mixed("Mixed_7c", std::make_shared<InceptionE>(2048, counted)); // [N, 2048, 8, 8]
    m_fc = register_module("fc", std::make_shared<DenseLayer>(kFeatures, options.classes));
}

NetOutput InceptionV3::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    torch::Tensor x = m_stem[0]->run(input, options); // [N, 32, 149, 149]
    x = m_stem[1]->run(x, options); // [N, 32, 147, 147]
    x = maxPool3(m_stem[2]->run(x, options)); // [N, 64, 73, 73]
    x = m_stem[3]->run(x, options); // [N, 80, 73, 73]
    x = maxPool3(m_stem[4]->run(x, options)); // [N, 192, 35, 35]
    torch::Tensor aux;
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        if (options.stop.stop_requested())
            return {};
        x = m_blocks[i]->forward(x, options); // shapes: where the blocks are made
        if (i == kMixed6e && m_aux)
            aux = m_aux->forward(x, options); // [N, classes]
    }
    return classified(x, aux, *m_fc, options); // [N, classes]
}

void InceptionV3::foldBatchNorm()
{
    for (const auto& block : m_stem)
        block->fold();
    for (const auto& block : m_blocks)
        block->fold();
    if (m_aux)
        m_aux->fold();
}

std::int64_t InceptionV3::multiplyAdds(int inputSide) const
{
    int side = inputSide;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < m_stem.size(); ++i) {
        total += m_stem[i]->multiplyAdds(side);
        if (i == 2 || i == 4)
            side = reducedSide(side);
    }
    for (const auto& block : m_blocks)
        total += block->multiplyAdds(side);
    return total + m_fc->weight.numel();
}

} // namespace crossiter
