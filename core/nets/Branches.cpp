#include "core/nets/Branches.h"

#include "core/nets/InceptionV3.h"

namespace crossiter {

Branches makeBranches(
    torch::nn::Module& owner, const std::vector<BranchChain>& chains, std::size_t pooledBranch)
{
    Branches made;
    for (std::size_t b = 0; b < chains.size(); ++b) {
        const std::string name = "branch" + std::to_string(b);
        const std::size_t first = b == pooledBranch ? 1 : 0;
        std::vector<std::shared_ptr<ConvBlock>> blocks;
        if (chains[b].size() == 1 && first == 0) {
            blocks.push_back(
                owner.register_module(name, std::make_shared<ConvBlock>(chains[b][0])));
        } else {
            auto chain = owner.register_module(name, std::make_shared<torch::nn::Module>());
            for (std::size_t i = 0; i < chains[b].size(); ++i) {
                blocks.push_back(chain->register_module(
                    std::to_string(first + i), std::make_shared<ConvBlock>(chains[b][i])));
            }
        }
        made.push_back(std::move(blocks));
    }
    return made;
}

torch::Tensor runChain(const std::vector<std::shared_ptr<ConvBlock>>& chain, torch::Tensor x,
    const ForwardOptions& options)
{
    for (const auto& block : chain)
        x = block->run(x, options);
    return x;
}

torch::Tensor joinBranches(const Branches& branches, const torch::Tensor& x, bool averagePool,
    bool maxPool, const ForwardOptions& options)
{
    std::vector<torch::Tensor> outputs;
    outputs.reserve(branches.size() + 1);
    for (std::size_t b = 0; b < branches.size(); ++b) {
        const bool pool = averagePool && b + 1 == branches.size();
        outputs.push_back(
            runChain(branches[b], pool ? averagePool3(x, /*countPadding=*/false) : x, options));
    }
    if (maxPool)
        outputs.push_back(maxPool3(x));
    return torch::cat(outputs, 1);
}

void foldBranches(const Branches& branches)
{
    for (const auto& chain : branches)
        for (const auto& block : chain)
            block->fold();
}

std::int64_t branchAdds(const Branches& branches, int& side)
{
    std::int64_t total = 0;
    int after = side;
    for (const auto& chain : branches) {
        after = side;
        for (const auto& block : chain)
            total += block->multiplyAdds(after);
    }
    side = after;
    return total;
}

BranchBlock::BranchBlock(const std::vector<BranchChain>& branches, Front front, bool maxPool)
    : m_branches(
        makeBranches(*this, branches, front == Front::AveragePool ? branches.size() - 1 : kNoPool))
    , m_front(front)
    , m_maxPool(maxPool)
{
}

torch::Tensor BranchBlock::forward(const torch::Tensor& x, const ForwardOptions& options) const
{
    return joinBranches(m_branches, x, m_front == Front::AveragePool, m_maxPool, options);
}

void BranchBlock::fold()
{
    foldBranches(m_branches);
}

std::int64_t BranchBlock::multiplyAdds(int& side) const
{
    return branchAdds(m_branches, side);
}

} // namespace crossiter
