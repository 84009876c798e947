#pragma once

// Private to core/nets: the mixed blocks of Inception v3, named after torchvision's letters.

#include "core/nets/InceptionV3.h"

namespace crossiter {

/// 35x35: 1x1, 5x5, twice 3x3, pool.
class InceptionA : public InceptionBlock
{
public:
    InceptionA(int inputs, int poolOutputs, bool countPadding);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override;

private:
    bool m_countPadding;
};

/// 35x35 -> 17x17.
class InceptionB : public InceptionBlock
{
public:
    explicit InceptionB(int inputs);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override;
};

/// 17x17: 1x1, 7x7 in two, twice 7x7 in four, pool.
class InceptionC : public InceptionBlock
{
public:
    InceptionC(int inputs, int inner, bool countPadding);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override;

private:
    bool m_countPadding;
};

/// 17x17 -> 8x8.
class InceptionD : public InceptionBlock
{
public:
    explicit InceptionD(int inputs);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override;
};

/// 8x8: 1x1, 3x3 spread into 1x3 and 3x1, the same behind a 3x3, pool.
class InceptionE : public InceptionBlock
{
public:
    InceptionE(int inputs, bool countPadding);
    [[nodiscard]] torch::Tensor forward(
        const torch::Tensor& x, const ForwardOptions& options) const override;

private:
    bool m_countPadding;
};

} // namespace crossiter
