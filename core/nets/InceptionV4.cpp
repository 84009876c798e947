#include "core/nets/InceptionV4.h"

namespace crossiter {

namespace {

constexpr int kFeatures = 1536;
constexpr std::size_t kMixed6h = 17; ///< the last 17x17 block, behind which the auxiliary head sits

using Kernel = std::array<int, 2>;

ConvNormShape conv(int inputs, int outputs, Kernel kernel = { 1, 1 })
{
    return { inputs, outputs, kernel, 1, Padding::Same, Activation::Relu };
}

/// 3x3 without padding.
ConvNormShape valid(int inputs, int outputs, int stride)
{
    return { inputs, outputs, { 3, 3 }, stride, Padding::Valid, Activation::Relu };
}

/// One convolution of the stem. Keys: conv.weight, bn.*, its own.
class StemConv : public InceptionV4Block
{
public:
    explicit StemConv(const ConvNormShape& shape)
        : m_layers(*this, "conv", "bn", shape)
    {
    }
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override
    {
        return m_layers.run(x, options);
    }
    void fold() override { m_layers.fold(); }
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const override
    {
        return m_layers.multiplyAdds(side);
    }

private:
    ConvNorm m_layers;
};

/// The stem halves the side twice by a pool and a convolution beside each other. Key: conv.
class PoolBeside : public InceptionV4Block
{
public:
    PoolBeside(int inputs, int outputs, bool poolFirst)
        : m_conv(register_module("conv", std::make_shared<ConvBlock>(valid(inputs, outputs, 2))))
        , m_poolFirst(poolFirst)
    {
    }
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override
    {
        const torch::Tensor pool = maxPool3(x);
        const torch::Tensor y = m_conv->run(x, options);
        return m_poolFirst ? torch::cat({ pool, y }, 1) : torch::cat({ y, pool }, 1);
    }
    void fold() override { m_conv->fold(); }
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const override
    {
        return m_conv->multiplyAdds(side);
    }

private:
    std::shared_ptr<ConvBlock> m_conv;
    bool m_poolFirst;
};

/// Branches that join once: see BranchBlock, whose keys these are.
class Branched : public InceptionV4Block
{
public:
    Branched(const std::vector<BranchChain>& chains, bool averagePool, bool maxPool)
        : m_branches(makeBranches(*this, chains, averagePool ? chains.size() - 1 : kNoPool))
        , m_averagePool(averagePool)
        , m_maxPool(maxPool)
    {
    }
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override
    {
        return joinBranches(m_branches, x, m_averagePool, m_maxPool, options);
    }
    void fold() override { foldBranches(m_branches); }
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const override
    {
        return branchAdds(m_branches, side);
    }

private:
    Branches m_branches;
    bool m_averagePool; ///< in front of the last branch
    bool m_maxPool; ///< a last branch
};

/// 35x35 -> 35x35: 1x1, 3x3, twice 3x3, pool.
std::shared_ptr<InceptionV4Block> blockA()
{
    const Kernel kThree { 3, 3 };
    return std::make_shared<Branched>(
        std::vector<BranchChain> { { conv(384, 96) }, { conv(384, 64), conv(64, 96, kThree) },
            { conv(384, 64), conv(64, 96, kThree), conv(96, 96, kThree) }, { conv(384, 96) } },
        /*averagePool=*/true, /*maxPool=*/false);
}

/// 17x17 -> 17x17: 1x1, 7x7 in two, twice 7x7 in four, pool.
std::shared_ptr<InceptionV4Block> blockB()
{
    const Kernel kWide { 1, 7 };
    const Kernel kHigh { 7, 1 };
    return std::make_shared<Branched>(
        std::vector<BranchChain> { { conv(1024, 384) },
            { conv(1024, 192), conv(192, 224, kWide), conv(224, 256, kHigh) },
            { conv(1024, 192), conv(192, 192, kHigh), conv(192, 224, kWide), conv(224, 224, kHigh),
                conv(224, 256, kWide) },
            { conv(1024, 128) } },
        /*averagePool=*/true, /*maxPool=*/false);
}

/// 8x8 -> 8x8: 1x1, a 1x1 spread into 1x3 and 3x1, the same behind 3x1 and 1x3, pool. Keys:
/// branch0, branch1_0, branch1_1a, ..., branch3.1.
class BlockC : public InceptionV4Block
{
public:
    BlockC()
    {
        const Kernel kWide { 1, 3 };
        const Kernel kHigh { 3, 1 };
        m_one = add("branch0", conv(1536, 256));
        m_short = add("branch1_0", conv(1536, 384));
        m_shortWide = add("branch1_1a", conv(384, 256, kWide));
        m_shortHigh = add("branch1_1b", conv(384, 256, kHigh));
        m_long = { add("branch2_0", conv(1536, 384)), add("branch2_1", conv(384, 448, kHigh)),
            add("branch2_2", conv(448, 512, kWide)) };
        m_longWide = add("branch2_3a", conv(512, 256, kWide));
        m_longHigh = add("branch2_3b", conv(512, 256, kHigh));
        auto behindPool = register_module("branch3", std::make_shared<torch::nn::Module>());
        m_pool = behindPool->register_module("1", std::make_shared<ConvBlock>(conv(1536, 256)));
        m_all.push_back(m_pool);
    }
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override
    {
        const torch::Tensor one = m_one->run(x, options);
        const torch::Tensor brief = m_short->run(x, options);
        const torch::Tensor far = runChain(m_long, x, options);
        const torch::Tensor pool = m_pool->run(averagePool3(x, /*countPadding=*/false), options);
        return torch::cat({ one, m_shortWide->run(brief, options), m_shortHigh->run(brief, options),
                              m_longWide->run(far, options), m_longHigh->run(far, options), pool },
            1);
    }
    void fold() override
    {
        for (const auto& block : m_all)
            block->fold();
    }
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const override
    {
        std::int64_t total = 0;
        for (const auto& block : m_all)
            total += block->multiplyAdds(side); // each keeps the side
        return total;
    }

private:
    std::shared_ptr<ConvBlock> add(const char* name, const ConvNormShape& shape)
    {
        return m_all.emplace_back(register_module(name, std::make_shared<ConvBlock>(shape)));
    }

    std::shared_ptr<ConvBlock> m_one;
    std::shared_ptr<ConvBlock> m_short;
    std::shared_ptr<ConvBlock> m_shortWide;
    std::shared_ptr<ConvBlock> m_shortHigh;
    std::vector<std::shared_ptr<ConvBlock>> m_long;
    std::shared_ptr<ConvBlock> m_longWide;
    std::shared_ptr<ConvBlock> m_longHigh;
    std::shared_ptr<ConvBlock> m_pool;
    std::vector<std::shared_ptr<ConvBlock>> m_all;
};

} // namespace

InceptionV4::InceptionV4(const NetOptions& options)
{
    auto list = register_module("features", std::make_shared<torch::nn::Module>());
    const auto add = [&](std::shared_ptr<InceptionV4Block> block) {
        m_features.push_back(
            list->register_module(std::to_string(m_features.size()), std::move(block)));
    };
    const Kernel kThree { 3, 3 };
    const Kernel kWide { 1, 7 };
    const Kernel kHigh { 7, 1 };
    // Behind each block its output's shape for an input of 299x299, and TF-Slim's name.
    add(std::make_shared<StemConv>(valid(3, 32, 2))); // [N, 32, 149, 149]
    add(std::make_shared<StemConv>(valid(32, 32, 1))); // [N, 32, 147, 147]
    add(std::make_shared<StemConv>(conv(32, 64, kThree))); // [N, 64, 147, 147]
    add(std::make_shared<PoolBeside>(64, 96, /*poolFirst=*/true)); // [N, 160, 73, 73] Mixed_3a
    add(std::make_shared<Branched>( // [N, 192, 71, 71] Mixed_4a
        std::vector<BranchChain> { { conv(160, 64), valid(64, 96, 1) },
            { conv(160, 64), conv(64, 64, kWide), conv(64, 64, kHigh), valid(64, 96, 1) } },
        /*averagePool=*/false, /*maxPool=*/false));
    add(std::make_shared<PoolBeside>(192, 192, /*poolFirst=*/false)); // [N, 384, 35, 35] Mixed_5a
    for (int i = 0; i < 4; ++i)
        add(blockA()); // [N, 384, 35, 35] Mixed_5b to 5e
    add(std::make_shared<Branched>( // [N, 1024, 17, 17] Mixed_6a
        std::vector<BranchChain> { { valid(384, 384, 2) },
            { conv(384, 192), conv(192, 224, kThree), valid(224, 256, 2) } },
        /*averagePool=*/false, /*maxPool=*/true));
    for (int i = 0; i < 7; ++i)
        add(blockB()); // [N, 1024, 17, 17] Mixed_6b to 6h
    if (options.auxHead)
        m_aux = register_module("AuxLogits", std::make_shared<InceptionAux>(1024, options.classes));
    add(std::make_shared<Branched>( // [N, 1536, 8, 8] Mixed_7a
        std::vector<BranchChain> { { conv(1024, 192), valid(192, 192, 2) },
            { conv(1024, 256), conv(256, 256, kWide), conv(256, 320, kHigh), valid(320, 320, 2) } },
        /*averagePool=*/false, /*maxPool=*/true));
    for (int i = 0; i < 3; ++i)
        add(std::make_shared<BlockC>()); // [N, 1536, 8, 8] Mixed_7b to 7d
    m_fc = register_module("last_linear", std::make_shared<DenseLayer>(kFeatures, options.classes));
}

NetOutput InceptionV4::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    torch::Tensor x = input;
    torch::Tensor aux;
    for (std::size_t i = 0; i < m_features.size(); ++i) {
        if (options.stop.stop_requested())
            return {};
        x = m_features[i]->forward(x, options); // shapes: where the blocks are made
        if (i == kMixed6h && m_aux)
            aux = m_aux->forward(x, options); // [N, classes]
    }
    return classified(x, aux, *m_fc, options); // [N, classes]
}

void InceptionV4::foldBatchNorm()
{
    for (const auto& block : m_features)
        block->fold();
    if (m_aux)
        m_aux->fold();
}

std::int64_t InceptionV4::multiplyAdds(int inputSide) const
{
    int side = inputSide;
    std::int64_t total = 0;
    for (const auto& block : m_features)
        total += block->multiplyAdds(side);
    return total + m_fc->weight.numel();
}

} // namespace crossiter
