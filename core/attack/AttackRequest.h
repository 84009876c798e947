#pragma once

#include "core/base/Compute.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

enum class Method
{
    CrossIterative,
    CrossIterativeTarget,
    Fgsm,
    StepTarget,
    Bim,
    IterTarget,
    Noop,
    RandomNoise,
    MiFgsm, ///< Dong et al. 2018 (arXiv:1710.06081), with the options of its successors
};

/// How several sources make one gradient.
enum class Ensemble
{
    Alternate, ///< one sub-step on each source in turn (the seed)
    MeanLogits, ///< one sub-step a round on the mean of all logits by competition label
};

/// Which label a sub-step attacks.
enum class LabelRule
{
    OwnRefreshed, ///< the stepped source's argmax on the current image (the seed)
    OwnClean, ///< the stepped source's argmax on the clean image, fixed
    True, ///< the true label
    JointClean, ///< argmax of the mean softmax of all sources on the clean image, labels 1..1000
    LeastLikely, ///< the source's lowest clean probability over 1..1000, fixed, descended
    Target, ///< the request's target, descended (targeted methods only)
};

enum class Projection
{
    None, ///< only [-1, 1]: the seed; the judge's clip comes at export
    Ball, ///< the eps ball round the clean image, and [-1, 1]
};

/// How the float image becomes bytes; the judge's clip to clean +- epsilon follows in every case.
enum class SaveRule
{
    Floor, ///< uint8((x + 1) * 0.5 * 255)
    Round, ///< uint8(round((x + 1) * 127.5))
    LegacyStretch, ///< the image's minimum..maximum stretched to 0..255, + 0.5, rounded down
};

/// The seed's step: 0.05 on [-1, 1]. Taken as the literal 0.05 in the arithmetic.
inline constexpr double kSeedStepPx = 6.375;

/// One attack on one image, complete: with the image it decides every byte of the result.
struct AttackRequest
{
    Method method = Method::CrossIterative;
    std::vector<std::string> sources; ///< 1..8 model ids, stepped in this order
    std::vector<std::string> judges; ///< model ids; a source may be among them
    int epsilon255 = 16; ///< 0..255 grey levels
    int rounds = 3; ///< 0..1000
    double stepPx = kSeedStepPx; ///< grey levels a sub-step, 0..255; 6.375 is the literal 0.05
    Projection projection = Projection::None;
    LabelRule labelRule = LabelRule::OwnRefreshed;
    SaveRule save = SaveRule::Floor;
    std::optional<int> target; ///< competition label, for LabelRule::Target
    std::optional<int> trueLabel; ///< competition label, if known; needed by LabelRule::True
    std::uint64_t seed = 1; ///< of random-noise; part of every request all the same
    Compute compute;
    /// A defense in front of every source, as docs/rules.md writes it ("resize=200;dropout");
    /// empty: none. attack/ does not read it: the engine wraps the sources.
    std::string through;
    int throughDraws = 1; ///< 1..1000 gradients averaged a sub-step, each with draws of its own
    // Options of MI-FGSM and its successors; with these values they do nothing.
    double momentum = 0.0; ///< decay mu, 0..10; g = mu g + grad / mean|grad|
    double diversity = 0.0; ///< probability 0..1 of a random resize + pad before the source
    int translation =
        0; ///< side of the Gaussian that the gradient is convolved with; 0 or odd 3..31
    bool nesterov = false; ///< gradient at x + step * mu * g
    int scales = 1; ///< 1..10: mean of the gradients at x / 2^i, i < scales
    Ensemble ensemble = Ensemble::Alternate;
    bool keepFloats = true; ///< keep each sub-step's float image (1 MB; 2 MB in exact)

    bool operator==(const AttackRequest&) const = default;
};

/// The method's row of docs/command-line.md, with the default pair as sources (and as judges).
/// epsilon255 decides the step where the method's follows it.
[[nodiscard]] AttackRequest defaultRequest(Method method, int epsilon255 = 16);

/// What a method's default step is.
enum class StepDefault
{
    Seed, ///< kSeedStepPx
    One, ///< one grey level
    Epsilon, ///< the budget
    EvenEpsilon, ///< the budget over the rounds, so that the ball is just filled
};
[[nodiscard]] StepDefault stepDefault(Method method);
/// The same in grey levels. rounds below 1 count as 1.
[[nodiscard]] double defaultStepPx(Method method, int epsilon255, int rounds);
[[nodiscard]] bool stepFollowsEpsilon(Method method);

/// Throws Error(Usage) naming the option by its key ("rounds"): ranges, target missing, rule `true`
/// without a true label, rule and method that do not fit. (Ids are checked by the engine.)
void checkRequest(const AttackRequest& request);

/// True when only `rounds`, `trueLabel` (unless the rule reads it) differ: a trace of `a` is a
/// prefix of a trace of `b`, or the other way round.
[[nodiscard]] bool sameButRounds(const AttackRequest& a, const AttackRequest& b);

/// noop has no sub-step, random-noise one without a source, the others rounds * sources.
[[nodiscard]] int subStepCount(const AttackRequest& request);
[[nodiscard]] bool isTargeted(Method method); ///< takes a target label
/// Steps on gradients of its sources: all but noop and random-noise, which load none.
[[nodiscard]] bool usesSources(Method method);
/// The rule is `true` and the method one that attacks labels.
[[nodiscard]] bool attacksTrueLabel(const AttackRequest& request);

/// Names as on the command line: "cross-iterative", "own-refreshed", "ball", "legacy-stretch",
/// "mean-logits". The parsers throw Error(Usage) that names the option's key and lists the choices.
[[nodiscard]] std::string toString(Method method);
[[nodiscard]] std::string toString(LabelRule rule);
[[nodiscard]] std::string toString(Projection projection);
[[nodiscard]] std::string toString(SaveRule save);
[[nodiscard]] std::string toString(Ensemble ensemble);
[[nodiscard]] Method parseMethod(const std::string& text);
[[nodiscard]] LabelRule parseLabelRule(const std::string& text);
[[nodiscard]] Projection parseProjection(const std::string& text);
[[nodiscard]] SaveRule parseSaveRule(const std::string& text);
[[nodiscard]] Ensemble parseEnsemble(const std::string& text);
[[nodiscard]] const std::vector<Method>& allMethods();
[[nodiscard]] const std::vector<LabelRule>& allLabelRules();
[[nodiscard]] const std::vector<Projection>& allProjections();
[[nodiscard]] const std::vector<SaveRule>& allSaveRules();
[[nodiscard]] const std::vector<Ensemble>& allEnsembles();

} // namespace crossiter
