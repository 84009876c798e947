#include "core/nets/InceptionResnetV2.h"

namespace crossiter {

namespace {

constexpr int kFeatures = 1536;

ConvNormShape conv(int inputs, int outputs, std::array<int, 2> kernel = { 1, 1 })
{
    return { inputs, outputs, kernel, 1, Padding::Same, Activation::Relu };
}

ConvNormShape reduce(int inputs, int outputs)
{
    return { inputs, outputs, { 3, 3 }, 2, Padding::Valid, Activation::Relu };
}

} // namespace

ResidualBlock::ResidualBlock(
    const std::vector<BranchChain>& branches, int channels, double scale, bool activate)
    : m_branches(makeBranches(*this, branches))
    , m_scale(scale)
    , m_activate(activate)
{
    int joined = 0;
    for (const BranchChain& chain : branches)
        joined += chain.back().outputs;
    m_up = register_module("conv2d",
        std::make_shared<ConvLayer>(
            joined, channels, std::array<int, 2> { 1, 1 }, 1, /*withBias=*/true));
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& x, const ForwardOptions& options) const
{
    std::vector<torch::Tensor> outputs;
    outputs.reserve(m_branches.size());
    for (const auto& chain : m_branches)
        outputs.push_back(runChain(chain, x, options));
    const torch::Tensor joined = torch::cat(outputs, 1);
    if (!m_foldedWeight.defined()) {
        const torch::Tensor y = x + m_scale * torch::conv2d(joined, m_up->weight, m_up->bias);
        return m_activate ? torch::relu(y) : y;
    }
    // Channels-last: the product is added to the residual where it lies, and ReLU works in place,
    // since neither backward reads its input's sum.
    const std::int64_t rows = x.size(0) * x.size(2) * x.size(3);
    const torch::Tensor residual = x.permute({ 0, 2, 3, 1 }).reshape({ rows, x.size(1) });
    const torch::Tensor sum = torch::addmm(residual + m_foldedBias,
        joined.permute({ 0, 2, 3, 1 }).reshape({ rows, joined.size(1) }), m_foldedWeight.t());
    const torch::Tensor y = m_activate ? torch::relu(sum) : sum;
    return y.view({ x.size(0), x.size(2), x.size(3), x.size(1) }).permute({ 0, 3, 1, 2 });
}

void ResidualBlock::fold()
{
    const torch::NoGradGuard guard;
    foldBranches(m_branches);
    const auto type = m_up->weight.scalar_type();
    m_foldedWeight = (m_up->weight.to(torch::kDouble) * m_scale).to(type).flatten(1).contiguous();
    m_foldedBias = (m_up->bias.to(torch::kDouble) * m_scale).to(type);
    letGo(m_up->weight);
}

std::int64_t ResidualBlock::multiplyAdds(int& side) const
{
    const std::int64_t branches = branchAdds(m_branches, side);
    return branches + static_cast<std::int64_t>(side) * side * m_up->weight.numel();
}

InceptionResnetV2::InceptionResnetV2(const NetOptions& options)
{
    const auto stem = [&](const char* name, const ConvNormShape& shape) {
        m_stem.push_back(register_module(name, std::make_shared<ConvBlock>(shape)));
    };
    const auto valid = [](int inputs, int outputs, int kernel) {
        return ConvNormShape { inputs, outputs, { kernel, kernel }, 1, Padding::Valid,
            Activation::Relu };
    };
    stem("conv2d_1a", reduce(3, 32));
    stem("conv2d_2a", valid(32, 32, 3));
    stem("conv2d_2b", conv(32, 64, { 3, 3 }));
    stem("conv2d_3b", valid(64, 80, 1));
    stem("conv2d_4a", valid(80, 192, 3));

    const std::array<int, 2> kThree { 3, 3 };
    m_mixed5b = register_module("mixed_5b",
        std::make_shared<BranchBlock>(
            std::vector<BranchChain> { { conv(192, 96) }, { conv(192, 48), conv(48, 64, { 5, 5 }) },
                { conv(192, 64), conv(64, 96, kThree), conv(96, 96, kThree) }, { conv(192, 64) } },
            BranchBlock::Front::AveragePool, /*maxPool=*/false));

    const auto repeat = [this](const char* name, int count, const std::vector<BranchChain>& chains,
                            int channels, double scale) {
        auto list = register_module(name, std::make_shared<torch::nn::Module>());
        std::vector<std::shared_ptr<ResidualBlock>> blocks;
        blocks.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            blocks.push_back(list->register_module(std::to_string(i),
                std::make_shared<ResidualBlock>(chains, channels, scale, /*activate=*/true)));
        }
        return blocks;
    };
    m_repeat = repeat("repeat", 10,
        { { conv(320, 32) }, { conv(320, 32), conv(32, 32, kThree) },
            { conv(320, 32), conv(32, 48, kThree), conv(48, 64, kThree) } },
        320, 0.17);
    m_mixed6a = register_module("mixed_6a",
        std::make_shared<BranchBlock>(
            std::vector<BranchChain> { { reduce(320, 384) },
                { conv(320, 256), conv(256, 256, kThree), reduce(256, 384) } },
            BranchBlock::Front::None, /*maxPool=*/true));
    m_repeat1 = repeat("repeat_1", 20,
        { { conv(1088, 192) },
            { conv(1088, 128), conv(128, 160, { 1, 7 }), conv(160, 192, { 7, 1 }) } },
        1088, 0.10);
    if (options.auxHead)
        m_aux = register_module("AuxLogits", std::make_shared<InceptionAux>(1088, options.classes));
    m_mixed7a = register_module("mixed_7a",
        std::make_shared<BranchBlock>(
            std::vector<BranchChain> { { conv(1088, 256), reduce(256, 384) },
                { conv(1088, 256), reduce(256, 288) },
                { conv(1088, 256), conv(256, 288, kThree), reduce(288, 320) } },
            BranchBlock::Front::None, /*maxPool=*/true));
    const std::vector<BranchChain> eight { { conv(2080, 192) },
        { conv(2080, 192), conv(192, 224, { 1, 3 }), conv(224, 256, { 3, 1 }) } };
    m_repeat2 = repeat("repeat_2", 9, eight, 2080, 0.20);
    m_repeat2.push_back(register_module(
        "block8", std::make_shared<ResidualBlock>(eight, 2080, 1.0, /*activate=*/false)));
    m_head = register_module("conv2d_7b", std::make_shared<ConvBlock>(conv(2080, kFeatures)));
    m_fc = register_module("classif", std::make_shared<DenseLayer>(kFeatures, options.classes));
}

NetOutput InceptionResnetV2::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    torch::Tensor x = m_stem[0]->run(input, options); // [N, 32, 149, 149]
    x = m_stem[1]->run(x, options); // [N, 32, 147, 147]
    x = maxPool3(m_stem[2]->run(x, options)); // [N, 64, 73, 73]
    x = m_stem[3]->run(x, options); // [N, 80, 73, 73]
    x = maxPool3(m_stem[4]->run(x, options)); // [N, 192, 35, 35]
    x = m_mixed5b->forward(x, options); // [N, 320, 35, 35]
    if (!runBlocks(m_repeat, x, options)) // [N, 320, 35, 35]
        return {};
    x = m_mixed6a->forward(x, options); // [N, 1088, 17, 17]
    if (!runBlocks(m_repeat1, x, options)) // [N, 1088, 17, 17]
        return {};
    torch::Tensor aux;
    if (m_aux)
        aux = m_aux->forward(x, options); // [N, classes]
    x = m_mixed7a->forward(x, options); // [N, 2080, 8, 8]
    if (!runBlocks(m_repeat2, x, options)) // [N, 2080, 8, 8]
        return {};
    x = m_head->run(x, options); // [N, 1536, 8, 8]
    return classified(x, aux, *m_fc, options); // [N, classes]
}

void InceptionResnetV2::foldBatchNorm()
{
    for (const auto& block : m_stem)
        block->fold();
    m_mixed5b->fold();
    m_mixed6a->fold();
    m_mixed7a->fold();
    for (const auto* list : { &m_repeat, &m_repeat1, &m_repeat2 })
        for (const auto& block : *list)
            block->fold();
    if (m_aux)
        m_aux->fold();
    m_head->fold();
}

std::int64_t InceptionResnetV2::multiplyAdds(int inputSide) const
{
    int side = inputSide;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < m_stem.size(); ++i) {
        total += m_stem[i]->multiplyAdds(side);
        if (i == 2 || i == 4)
            side = reducedSide(side);
    }
    const auto repeated = [&](const auto& blocks) {
        for (const auto& block : blocks)
            total += block->multiplyAdds(side);
    };
    total += m_mixed5b->multiplyAdds(side);
    repeated(m_repeat);
    total += m_mixed6a->multiplyAdds(side);
    repeated(m_repeat1);
    total += m_mixed7a->multiplyAdds(side);
    repeated(m_repeat2);
    return total + m_head->multiplyAdds(side) + m_fc->weight.numel();
}

} // namespace crossiter
