#pragma once

#include "core/classify/Prediction.h"
#include "core/image/Image.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// A target that depends on the image.
enum class TargetRank
{
    Second, ///< the most likely label after the joint top-1
    Least, ///< the least likely label (Kurakin et al. 2016, arXiv:1611.01236)
    Random, ///< any label but the joint top-1
};

/// "second", "least", "random"; nothing for any other text.
[[nodiscard]] std::optional<TargetRank> findTargetRank(std::string_view text);
[[nodiscard]] std::string toString(TargetRank rank);
[[nodiscard]] std::vector<std::string> targetRankNames();
/// "the second most likely label of the sources' mean", for the window and the provenance.
[[nodiscard]] std::string describe(TargetRank rank);

/// clean: what the sources say of the clean image, at least one. The ranks are those of their mean
/// probability over 1..1000, equal ones by label; the true label, where it is known, is never the
/// target. Random draws from (seed, image) alone: the same in any order of the images; `image` as
/// imageKey gives it. Throws Error(Internal) without predictions.
[[nodiscard]] int chooseTarget(TargetRank rank, const std::vector<Prediction>& clean,
    std::optional<int> trueLabel, std::uint64_t seed, std::uint64_t image);

/// The same, keyed by the clean image itself.
[[nodiscard]] int chooseTarget(TargetRank rank, const std::vector<Prediction>& predictions,
    std::optional<int> trueLabel, std::uint64_t seed, const Image& clean);

} // namespace crossiter
