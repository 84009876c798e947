#pragma once

#include "core/base/Compute.h"
#include "core/base/Statistics.h"
#include "core/classify/Prediction.h"
#include "core/defense/DefenseRequest.h"
#include "core/image/Image.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// One defense in front of some models.
struct DefendRequest
{
    std::vector<std::string> models; ///< at least one id
    DefenseRequest defense;
    std::optional<int> trueLabel; ///< competition label, for the interval; none: not known
    Compute compute;
};

/// What one model says of one picture behind a defense.
struct DefendedPrediction
{
    Prediction mean; ///< mean of the draws' probabilities; the label given is its top-1
    std::vector<int> drawTop1; ///< top-1 of each draw, `samples` values
    /// "A draw's top-1 is the true label"; total 0 when the true label is not known.
    Proportion trueTop1;
    double flipRate = 0.0; ///< share of draws whose top-1 differs from the mean's
};

/// cancelled: `predictions` holds those of the images that were done, in order.
struct DefendResult
{
    std::vector<std::vector<DefendedPrediction>> predictions; ///< [image][model]
    bool cancelled = false;
};

/// A picture of a sweep: a sub-step of a trace, or one alone.
struct SweepPicture
{
    std::shared_ptr<const Image> image; ///< 299x299, as it would be saved; never null
    int attackedLabel = -1; ///< competition label that it was attacked on; -1: none
};

/// Which cells are computed: sizes x sub-steps x models. The sizes replace those of the defense's
/// first Resize stage: a list of one is replaced whole; of a longer list the last size is replaced.
/// A defense without a Resize stage gets one in front.
struct SweepRequest
{
    std::vector<std::string> models; ///< at least one id, in the order of SweepCell::model
    std::vector<int> sizes; ///< 1..299, ascending, no duplicates
    DefenseRequest defense;
    std::vector<int> subSteps; ///< places in the list of pictures, ascending; empty: all of them
    std::optional<int> trueLabel;
    std::optional<int> target;
    Compute compute;

    bool operator==(const SweepRequest&) const = default;
};

/// One model on one sub-step's exported picture behind one size. Its draws' seeds are a function of
/// (seed, picture, size, sub-step, draw): a cell computed alone is the same cell.
struct SweepCell
{
    int subStep = 0;
    int size = 0; ///< pixels
    int model = 0; ///< index into SweepRequest::models
    int label = -1; ///< top-1 of the mean probabilities
    double probability = 0.0; ///< of `label`
    double trueProbability = -1.0; ///< -1: true label not known
    double attackedProbability = -1.0; ///< of the label that the sub-step attacked; -1: none
    double targetProbability = -1.0; ///< -1: no target
    Proportion trueTop1; ///< over the draws
    double flipRate = 0.0; ///< share of draws whose top-1 differs from `label`
};

struct SweepResult
{
    SweepRequest request; ///< subSteps filled in
    std::vector<SweepCell> cells; ///< ordered by sub-step, size, model; with `cancelled` some miss
    bool cancelled = false;

    [[nodiscard]] std::size_t planned() const; ///< cells of a whole sweep
    [[nodiscard]] bool complete() const { return cells.size() == planned(); }
    [[nodiscard]] const SweepCell* cell(
        int subStep, int size, int model) const; ///< null: not there
    /// The size with the highest mean true probability over the models on a sub-step (nothing: the
    /// last one); ties to the larger size; nothing when the true label is not known or no cell is
    /// there.
    [[nodiscard]] std::optional<int> bestSize(std::optional<int> subStep = {}) const;
};

/// Called on the working thread with cells as they come, coarse to fine, in groups.
using SweepSink = std::function<void(const std::vector<SweepCell>&)>;

} // namespace crossiter
