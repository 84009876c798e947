#pragma once

#include "core/nets/Branches.h"
#include "core/nets/InceptionV3.h"

namespace crossiter {

/// Anything that Inception v4 has one behind another.
class InceptionV4Block : public torch::nn::Module
{
public:
    [[nodiscard]] virtual torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const = 0;
    virtual void fold() = 0;
    /// Multiply-adds for a square input; `side` becomes the output's.
    [[nodiscard]] virtual std::int64_t multiplyAdds(int& side) const = 0;
};

/// Inception v4 (Szegedy et al. 2016, arXiv:1602.07261) as TF-Slim trains it: batch norm
/// everywhere, no bias, epsilon 0.001. Keys are timm's (features.0.conv.weight,
/// features.6.branch1.0.bn.bias, features.19.branch2_3a..., last_linear.weight); the auxiliary
/// head behind the last 17x17 block, which timm leaves out, is AuxLogits.conv0, .conv1, .fc.
/// Dropout before the classifier keeps 0.8. Average pools leave their padding out.
class InceptionV4 : public PooledNet
{
public:
    explicit InceptionV4(const NetOptions& options);
    void foldBatchNorm() override;
    [[nodiscard]] std::int64_t multiplyAdds(int inputSide) const override;
    [[nodiscard]] double keepProbability() const override { return 0.8; }

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    std::vector<std::shared_ptr<InceptionV4Block>> m_features;
    std::shared_ptr<InceptionAux> m_aux; ///< null: none
};

} // namespace crossiter
