#pragma once

#include "core/attack/AttackRequest.h"
#include "core/classify/Prediction.h"
#include "core/image/Image.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {

/// The attack's own image: 3 planes (R, G, B) of 299x299 in [-1, 1], before any export.
/// One of the two is filled: f64 for exact, f32 else. Size 268203.
struct FloatImage
{
    std::vector<float> f32;
    std::vector<double> f64;
};

/// Where a picture that another program made comes from; empty: it is none, or one of a pair.
struct OtherFile
{
    std::string name; ///< of the picture: "step2.png", "batch.npy[3]"
    std::string file; ///< that holds it, without folders
    std::string sha256; ///< of the file's bytes
};

/// A picture that another program made, as it is.
struct OtherPicture
{
    OtherFile from;
    std::filesystem::path path; ///< of the file
    std::shared_ptr<const Image> image; ///< not null
};

/// One gradient step on one source; sub-step 0 is the clean image.
struct SubStep
{
    int index = 0; ///< 0 = clean
    int round = 0; ///< 1-based; 0 = clean
    int sourceIndex = -1; ///< into request.sources; -1: none (clean, random noise)
    std::string source; ///< id; empty: none
    int attackedLabel = -1; ///< competition label; -1: none
    bool descends = false; ///< true: attackedLabel is a target that the step moves towards
    double loss = 0.0; ///< that was differentiated, before the step
    double gradientLinf = 0.0; ///< of d loss / d x on the [-1, 1] scale
    double gradientL1 = 0.0;
    double gradientL2 = 0.0;
    double zeroGradientShare = 0.0; ///< values whose gradient is exactly 0: they do not move
    /// Through a random defense: mean over the pixels of the variance of the gradient between draws
    /// (throughDraws - 1 in the denominator) over the mean square of the mean gradient; -1: one
    /// draw.
    double gradientVariance = -1.0;
    double linfFloatPx = 0.0; ///< max |x - clean| of the float image, grey levels
    int linfExported = 0; ///< the same of `exported`; never above epsilon, except madeElsewhere
    OtherFile other; ///< of a series made elsewhere
    Image exported; ///< what would be saved: quantised, then the judge's clip
    std::shared_ptr<const FloatImage> floats; ///< null unless the request keeps them
    std::vector<Prediction> judges; ///< on `exported`; order of AttackTrace::judges
};

/// Everything one attack did. Immutable once handed out; sub-steps are shared between a trace and
/// its extensions.
struct AttackTrace
{
    AttackRequest request;
    Image clean; ///< 299x299
    std::vector<std::string> judges; ///< ids, as in request.judges
    std::vector<std::shared_ptr<const SubStep>> subSteps; ///< [0] = clean; never empty
    bool cancelled = false; ///< stopped before all sub-steps were done; what is there is whole
    /// Not empty: the sub-steps are pictures that another program made; the name of their file or
    /// folder. Method noop.
    std::string madeElsewhere;
    std::vector<std::string> notes; ///< facts a reader must know ("no auxiliary head: ...")
    std::shared_ptr<const void> state; ///< the engine's: what an extension continues from

    [[nodiscard]] const SubStep& last() const { return *subSteps.back(); }
    [[nodiscard]] int judgeIndex(const std::string& id) const; ///< -1: not a judge
    [[nodiscard]] bool complete() const;
};

/// Called on the working thread with each finished sub-step (also with sub-step 0).
using SubStepSink = std::function<void(std::shared_ptr<const SubStep>)>;

/// Sub-steps at which a judge's top-1 is `trueLabel` again after it was lost at an earlier one
/// (the first sub-step of each return).
[[nodiscard]] std::vector<int> labelReturns(const AttackTrace& trace, int judge, int trueLabel);

/// The joint top-1: argmax of the mean probability of the given clean predictions over 1..1000.
/// The window's assumed label where the true one is not known. -1 when empty.
[[nodiscard]] int jointTop1(const std::vector<Prediction>& predictions);

/// How far two traces of one attack are apart at one sub-step.
struct SubStepDifference
{
    double equalPixels = 1.0; ///< 0..1: pixels of the exported pictures equal in all three values
    double equalTop1 = 1.0; ///< 0..1: judges with the same top-1; 1 without judges
    bool samePicture = true; ///< the exported pictures are byte-equal
    bool sameLabel = true; ///< both attacked the same label
};

/// Both of one photo and of requests that differ only in how they are computed (numerics, threads,
/// device): same size of picture, same judges. Else Error(Internal).
[[nodiscard]] SubStepDifference differenceOf(const SubStep& a, const SubStep& b);

} // namespace crossiter
