#pragma once

#include "core/study/LeakStudy.h"

#include <memory>
#include <vector>

namespace crossiter {

/// How far the float32 numerics carry: the same attack on the same photos in fast, reference and
/// exact (docs/rules.md, "Numerics").
struct NumericsStudyRequest
{
    AttackRequest attack; ///< as StudyRequest::attack; its rule and projection count here
};
/// The seed's attack, five rounds, judged as defaultStudy is.
[[nodiscard]] NumericsStudyRequest defaultNumericsStudy();
void checkNumericsStudy(const NumericsStudyRequest& request); ///< throws Error(Usage)

/// Two numerics at one sub-step, over the photos.
struct NumericsAgreement
{
    double meanEqualPixels = 1.0; ///< 0..1, of the exported pictures; all three values equal
    double leastEqualPixels = 1.0; ///< of the photo that differs most
    Proportion samePicture; ///< byte-equal
    Proportion sameAttacked; ///< the same attacked label; sub-step 0: all
    std::vector<Proportion> sameTop1; ///< by judge
};

struct NumericsPair
{
    Numerics a = Numerics::Fast;
    Numerics b = Numerics::Exact;
    std::vector<NumericsAgreement> subSteps; ///< 0..S
    std::vector<std::vector<StudyComparison>> accuracy; ///< [judge][0..K]: right in a, in b
};

struct NumericsAccuracy
{
    Numerics numerics = Numerics::Fast;
    std::vector<std::vector<Proportion>> right; ///< [judge][0..K]
};

struct NumericsResult
{
    NumericsStudyRequest request;
    std::size_t photos = 0;
    std::size_t done = 0;
    std::vector<std::string> failed; ///< "name: why"
    bool cancelled = false;
    std::vector<NumericsPair> pairs; ///< fast-exact, reference-exact, fast-reference
    std::vector<NumericsAccuracy> accuracy; ///< fast, reference, exact
};

/// Photo by photo, three traces each; memory does not grow with the photos. Stopped: what is done.
/// Throws Error as runStudy.
[[nodiscard]] std::shared_ptr<const NumericsResult> runNumericsStudy(
    const NumericsStudyRequest& request, const std::vector<StudyPhoto>& photos,
    const StudyEngine& engine, const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace crossiter
