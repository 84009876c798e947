#pragma once

#include "core/classify/Classifier.h"
#include "core/defense/DefenseStages.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// A picture that draws are made of, and what their seeds hang on.
struct DrawnPicture
{
    torch::Tensor x; ///< [1, 3, 299, 299] in [-1, 1]
    std::uint64_t key = 0; ///< imageKey of the 8-bit picture
    int subStep = 0;
    torch::Tensor staged; ///< x behind stages that are not random, if at hand; undefined: not
};

/// What a model says in all draws of one picture.
struct Drawn
{
    std::vector<float> mean; ///< mean probabilities by competition label, 1001
    std::vector<int> top1; ///< competition label of each draw
};

/// Seed of one draw: a function of these five and nothing else.
[[nodiscard]] std::uint64_t drawSeed(
    std::uint64_t seed, std::uint64_t picture, int size, int subStep, int draw);

/// A classifier behind a defense: the stages, then the network, with dropout and the batch's own
/// statistics as the defense says. Attacks go through it as through any source. Immutable; safe to
/// use from several threads.
class DefendedSource : public DifferentiableSource
{
public:
    /// defense: checked. With batch statistics the classifier must not be folded. Throws
    /// Error(Usage): dropout, or batch statistics, on a network that knows none.
    DefendedSource(std::shared_ptr<const Classifier> classifier, DefenseRequest defense,
        std::shared_ptr<const DefenseStages> stages);

    /// One draw, always the same: that of seed 0.
    [[nodiscard]] NetOutput logits(const torch::Tensor& x) const override;
    /// Each of x's pictures is a batch of its own as far as statistics go: itself and 15 mid-grey
    /// ones. `samples` is not read: who attacks averages over draws of their choice.
    [[nodiscard]] NetOutput logitsOfDraw(const torch::Tensor& x, std::uint64_t draw) const override;
    [[nodiscard]] bool random() const override { return m_defense.random(); }
    [[nodiscard]] const std::string& id() const override { return m_classifier->id(); }
    [[nodiscard]] int classes() const override { return m_classifier->classes(); }
    [[nodiscard]] int labelOffset() const override { return m_classifier->labelOffset(); }
    [[nodiscard]] torch::ScalarType scalarType() const override
    {
        return m_classifier->scalarType();
    }
    [[nodiscard]] torch::Device device() const override { return m_classifier->device(); }

    [[nodiscard]] const DefenseStages& stages() const { return *m_stages; }

    /// The defense's `samples` draws of each picture; of a defense that is not random one draw,
    /// since all are equal. With batch statistics the pictures, at most 16, are one batch, filled
    /// with mid-grey; else each is alone. Without random stages the features are computed once and
    /// only the head is drawn. Asks `stop` between the blocks of the network; nothing when stopped.
    /// No gradient.
    [[nodiscard]] std::optional<std::vector<Drawn>> draws(
        const std::vector<DrawnPicture>& pictures, const std::stop_token& stop = {}) const;

private:
    [[nodiscard]] torch::Tensor stagedGrey() const;
    [[nodiscard]] NetOutput pass(const torch::Tensor& staged, ForwardOptions options) const;
    [[nodiscard]] NetOutput passOfBatch(
        const std::vector<torch::Tensor>& staged, ForwardOptions options) const;

    std::shared_ptr<const Classifier> m_classifier;
    DefenseRequest m_defense;
    std::shared_ptr<const DefenseStages> m_stages;
    double m_keep = 1.0;
    mutable std::once_flag m_greyMade;
    mutable torch::Tensor m_grey; ///< a mid-grey picture behind the stages
};

} // namespace crossiter
