#pragma once

#include "core/base/Random.h"
#include "core/classify/DifferentiableSource.h"

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

namespace crossiter::test {

/// A small network in float64: mean of 23x23 squares, then tanh, then a matrix. Cheap, not linear,
/// and it tells what it was asked.
class FakeSource : public DifferentiableSource
{
public:
    FakeSource(std::string id, int classes, std::uint64_t seed, double noise = 0.0)
        : m_id(std::move(id))
        , m_classes(classes)
        , m_noise(noise)
    {
        RandomStream stream(seed);
        m_weights = torch::empty({ classes, 3L * 13 * 13 }, torch::kDouble);
        auto values = m_weights.accessor<double, 2>();
        for (int i = 0; i < values.size(0); ++i)
            for (int j = 0; j < values.size(1); ++j)
                values[i][j] = 3.0 * stream.normal();
    }

    [[nodiscard]] NetOutput logits(const torch::Tensor& x) const override
    {
        ++calls;
        if (remembers)
            asked.push_back(x.detach().clone());
        const torch::Tensor parts = torch::avg_pool2d(x, { 23, 23 }).flatten(1);
        return { torch::matmul(torch::tanh(2.0 * parts), m_weights.t()), {} };
    }
    [[nodiscard]] NetOutput logitsOfDraw(const torch::Tensor& x, std::uint64_t draw) const override
    {
        draws.push_back(draw);
        if (m_noise == 0.0)
            return logits(x);
        RandomStream stream(draw);
        NetOutput output = logits(x);
        return { output.logits * (1.0 + m_noise * stream.normal()), {} };
    }
    [[nodiscard]] bool random() const override { return m_noise != 0.0; }
    [[nodiscard]] const std::string& id() const override { return m_id; }
    [[nodiscard]] int classes() const override { return m_classes; }
    [[nodiscard]] int labelOffset() const override { return m_classes == 1001 ? 0 : 1; }
    [[nodiscard]] torch::ScalarType scalarType() const override { return torch::kDouble; }
    [[nodiscard]] torch::Device device() const override { return { torch::kCPU }; }

    bool remembers = false; ///< 2 MB a call
    mutable std::vector<torch::Tensor> asked; ///< not thread-safe: one thread a test
    mutable int calls = 0;
    mutable std::vector<std::uint64_t> draws;

private:
    std::string m_id;
    int m_classes;
    double m_noise;
    torch::Tensor m_weights;
};

/// Every byte from a small generator.
inline Image noisePicture(unsigned seed = 1)
{
    Image image(kImageSide, kImageSide);
    for (auto& value : image.rgb) {
        seed = seed * 1664525U + 1013904223U;
        value = static_cast<std::uint8_t>(seed >> 24U);
    }
    return image;
}

/// Competition label of the largest logit.
inline int topLabel(const DifferentiableSource& source, const torch::Tensor& logits)
{
    return static_cast<int>(logits[0].argmax().item<std::int64_t>()) + source.labelOffset();
}

} // namespace crossiter::test
