#pragma once

#include "core/attack/AttackTrace.h"
#include "core/attack/GradientRule.h"
#include "core/attack/SharedWork.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace crossiter {

/// A gradient as a plain sub-step needs it: its sign, and what is told of it.
struct KnownGradient
{
    torch::Tensor sign; ///< int8, on the CPU
    LossAndGradient found; ///< without the gradient itself
    double linf = 0.0;
    double l1 = 0.0;
    double l2 = 0.0;
    double zeroShare = 0.0;
};

/// What attacks on one image share (SharedWork.h). Keys name everything that decides a value.
class WorkMemo
{
public:
    /// Counts a reuse when it is there.
    [[nodiscard]] std::shared_ptr<const KnownGradient> gradient(const std::string& key);
    /// Counts a computation; one gradient may have two keys (a label that was asked for, and the
    /// same label given).
    void keep(const std::vector<std::string>& keys, KnownGradient gradient);
    [[nodiscard]] Prediction prediction(
        const std::string& key, const std::function<Prediction()>& compute);
    [[nodiscard]] torch::Tensor scores(
        const std::string& key, const std::function<torch::Tensor()>& compute);
    [[nodiscard]] WorkCount count();

private:
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<const KnownGradient>> m_gradients;
    std::map<std::string, Prediction> m_predictions;
    std::map<std::string, torch::Tensor> m_scores;
    WorkCount m_count;
};

/// What an extension continues from: the last sub-step's float image, the labels fixed on the
/// clean image and the accumulated gradient.
struct ResumeState
{
    std::shared_ptr<const FloatImage> floats; ///< null: nothing to continue from
    int subStep = 0;
    std::vector<int> labels;
    std::shared_ptr<const FloatImage> momentum; ///< null: nothing accumulated, or not known here
};

/// SHA-256 of the values' bytes, as hex digits.
[[nodiscard]] std::string hashOf(const torch::Tensor& values);

} // namespace crossiter
