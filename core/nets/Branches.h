#pragma once

// Private to core/nets: the branched blocks that Inception v4 and Inception-ResNet v2 are built of,
// with the keys that timm gives them.

#include "core/nets/Layers.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace crossiter {

using BranchChain = std::vector<ConvNormShape>; ///< convolutions one after another
using Branches = std::vector<std::vector<std::shared_ptr<ConvBlock>>>;

inline constexpr std::size_t kNoPool = SIZE_MAX;

/// Registers the chains with `owner`: branch0.conv.weight for a chain of one convolution,
/// branch1.0.conv... for a longer one. pooledBranch: this one stands behind a pool, which takes
/// place 0 of the chain.
[[nodiscard]] Branches makeBranches(torch::nn::Module& owner,
    const std::vector<BranchChain>& chains, std::size_t pooledBranch = kNoPool);

/// x through one chain.
[[nodiscard]] torch::Tensor runChain(const std::vector<std::shared_ptr<ConvBlock>>& chain,
    torch::Tensor x, const ForwardOptions& options);

/// All chains on x, joined by channels. averagePool: in front of the last chain, 3x3 with its
/// padding left out; maxPool: a last branch, 3x3 maximum with stride 2.
[[nodiscard]] torch::Tensor joinBranches(const Branches& branches, const torch::Tensor& x,
    bool averagePool, bool maxPool, const ForwardOptions& options);

void foldBranches(const Branches& branches);

/// Multiply-adds for a square input. All chains end at the same side, which `side` becomes.
[[nodiscard]] std::int64_t branchAdds(const Branches& branches, int& side);

/// Branches side by side on one input, each a chain of convolutions; outputs joined by channels in
/// the branches' order. Keys: makeBranches().
class BranchBlock : public torch::nn::Module
{
public:
    enum class Front
    {
        None,
        AveragePool ///< in front of the last branch, padding left out; it takes place 0 of the
                    ///< chain
    };

    /// maxPool: a last branch, 3x3 maximum with stride 2.
    BranchBlock(const std::vector<BranchChain>& branches, Front front, bool maxPool);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const;
    void fold();
    [[nodiscard]] std::int64_t multiplyAdds(int& side) const;

private:
    Branches m_branches;
    Front m_front;
    bool m_maxPool;
};

} // namespace crossiter
