#pragma once

#include "core/attack/AttackRequest.h"
#include "core/attack/ImageKey.h"
#include "core/classify/DifferentiableSource.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace crossiter {

/// The sources that one gradient comes from: one, or all of them (Ensemble::MeanLogits).
using SourceList = std::vector<std::shared_ptr<const DifferentiableSource>>;

/// What a sub-step says of its source when it differentiated the mean of several logits.
inline constexpr const char* kMeanOfLogits = "mean of logits";

/// The competition labels that all of them have: first .. first + count - 1. Of one source its own
/// classes; of a 1000- and a 1001-class network 1..1000.
struct LabelSpan
{
    int first = 0;
    int count = 0;
};
[[nodiscard]] LabelSpan labelSpan(const SourceList& sources);

/// What one sub-step differentiates and in which direction it goes.
struct LossAndGradient
{
    torch::Tensor gradient; ///< of the loss in x, x's shape
    double loss = 0.0;
    int label = -1; ///< the attacked one
    bool auxiliary = false; ///< an auxiliary head took part in the loss
    double variance = -1.0; ///< SubStep::gradientVariance
};

/// x: [1, 3, 299, 299]. label < 0: the source's own argmax on x. targeted: label smoothing 0.1 over
/// all classes, and 0.4 times the auxiliary head's loss where there is one; else plain cross
/// entropy (competition rules of voilin/nips-2017).
[[nodiscard]] LossAndGradient differentiate(
    const DifferentiableSource& source, const torch::Tensor& x, int label, bool targeted);

/// Names the random numbers of one sub-step: the same at any order of work, thread count or resume.
struct DrawKeys
{
    std::uint64_t seed = 1; ///< the request's
    std::uint64_t image = 0; ///< imageKey of the clean image
    int subStep = 0; ///< 0: predictions on the clean image, for the fixed label rules

    [[nodiscard]] std::uint64_t seedOfDraw(int draw) const;
};
/// Whether any gradient or prediction of this request needs DrawKeys.
[[nodiscard]] bool drawsAtRandom(const AttackRequest& request, const SourceList& sources);

/// Scores by label of `labelSpan`, [1, count], no gradient: the (mean) logits; of random sources
/// the logarithm of the mean softmax over request.throughDraws draws.
[[nodiscard]] torch::Tensor scoresOn(const SourceList& sources, const torch::Tensor& x,
    const AttackRequest& request, const DrawKeys& keys);

/// The gradient of one sub-step before it is smoothed or accumulated: mean over
/// request.throughDraws draws and request.scales copies `at / 2^i` (each copy, by chance
/// request.diversity, resized and padded), of the loss of the (mean) logits in `at`. The factor
/// 1 / 2^i of the chain rule is in it.
///
/// at: where it is taken (Nesterov: ahead of x). x: where label < 0 finds the own label; with
/// random sources the argmax of the mean softmax over the draws. Draw d of copy i has the number
/// d + i * throughDraws. Without anything random one draw is taken, whatever throughDraws says.
[[nodiscard]] LossAndGradient composedGradient(const SourceList& sources, const torch::Tensor& at,
    const torch::Tensor& x, int label, bool targeted, const AttackRequest& request,
    const DrawKeys& keys);

/// Input diversity (Xie et al. 2019, arXiv:1803.06978): a side in [299, 330), the place of the
/// picture in a zero canvas of 330 (zero is mid-grey on [-1, 1]), and back to 299 for the sources,
/// both resizes bilinear with half-pixel centres.
struct DiversityDraw
{
    int side = 0; ///< 0: left as it is
    int top = 0; ///< 0 .. 330 - side - 1
    int left = 0;
};
inline constexpr int kDiversityCanvas = 330;
[[nodiscard]] DiversityDraw drawDiversity(double probability, std::uint64_t seed);
[[nodiscard]] torch::Tensor diversified(const torch::Tensor& x, const DiversityDraw& draw);

/// Each plane convolved with a Gaussian of `side` values (Dong et al. 2019, arXiv:1904.02884:
/// density of the normal distribution at linspace(-3, 3, side), both ways, sum 1), zero outside.
/// side 0: the gradient itself.
[[nodiscard]] torch::Tensor smoothed(const torch::Tensor& gradient, int side);

/// MI-FGSM's accumulated gradient (Dong et al. 2018, arXiv:1710.06081): mu * before + gradient /
/// mean|gradient|; `before` undefined: 0. A gradient that is 0 everywhere adds nothing.
[[nodiscard]] torch::Tensor accumulated(
    const torch::Tensor& before, const torch::Tensor& gradient, double mu);

} // namespace crossiter
