#pragma once

#include "core/attack/AttackTrace.h"

#include <cstddef>
#include <memory>

namespace crossiter {

/// What several attacks on one image have computed, and what they had from each other.
struct WorkCount
{
    std::size_t gradients = 0;
    std::size_t gradientsReused = 0;
    std::size_t predictions = 0; ///< of judges, and of sources on the clean image
    std::size_t predictionsReused = 0;

    bool operator==(const WorkCount&) const = default;
};

/// Attacks that are given this as `previous` (Engine::attack, runAttack) compute no gradient of the
/// same image, source, label and direction twice, and no prediction on the same picture, whatever
/// else differs between their requests: traces with a common beginning cost it once. The results
/// are the same bytes as without. Requests with momentum, a translation kernel or anything random
/// share predictions only. It holds 0.3 MB a distinct gradient until the last trace that was given
/// it is gone. Safe to use from several threads.
[[nodiscard]] std::shared_ptr<const AttackTrace> shareWork(const Image& clean);

/// So far, over all attacks that were given this.
[[nodiscard]] WorkCount workOf(const AttackTrace& shared);

} // namespace crossiter
