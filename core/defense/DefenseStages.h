#pragma once

#include "core/defense/DefenseRequest.h"
#include "core/defense/Purifier.h"
#include "core/ops/Tf1Resize.h"

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

/// The resampling weights of every pair of sides that was asked for, computed once (a few
/// kilobytes a pair; 299 sizes there and back: 6 MB). Thread-safe.
class ResizeBank
{
public:
    [[nodiscard]] std::shared_ptr<const Tf1Resize> square(int inputSide, int outputSide);

private:
    std::mutex m_mutex;
    std::map<std::pair<int, int>, std::shared_ptr<const Tf1Resize>> m_known;
};

/// The stages of a defense on float pictures. Immutable; safe to use from several threads.
class DefenseStages
{
public:
    /// defense: checked. purifiers: by id, for each Purify stage.
    DefenseStages(const DefenseRequest& defense, ResizeBank& bank,
        const std::map<std::string, std::shared_ptr<const Purifier>>& purifiers = {});

    /// x: [N, 3, 299, 299] in [-1, 1]. [N, 3, side, side], side 299, or 331 behind a random resize
    /// and pad. All random in it is a function of `draw`, the same for each of the N.
    /// Differentiable in x, straight through JPEG and bit depth.
    [[nodiscard]] torch::Tensor operator()(const torch::Tensor& x, std::uint64_t draw) const;
    [[nodiscard]] bool random() const { return m_random; } ///< pictures differ from draw to draw
    [[nodiscard]] bool empty() const { return m_steps.empty(); }

private:
    struct Step
    {
        DefenseStage stage;
        std::vector<std::shared_ptr<const Tf1Resize>> resizes;
        std::shared_ptr<const Purifier> purifier;
    };

    std::vector<Step> m_steps;
    bool m_random = false;
};

} // namespace crossiter
