#pragma once

#include "core/attack/AttackTrace.h"

#include <memory>

namespace crossiter::ui {

// Shorter traces of longer ones; nothing is computed.

/// The first `count` sub-steps (and the clean image) of a longer trace, as the whole of `request`.
[[nodiscard]] std::shared_ptr<const AttackTrace> cutTrace(
    const AttackTrace& trace, const AttackRequest& request, int count);

/// As far as `request` goes: the trace itself when it is of this request and not longer.
[[nodiscard]] std::shared_ptr<const AttackTrace> traceUpTo(
    const std::shared_ptr<const AttackTrace>& trace, const AttackRequest& request);

/// What a run that was stopped after this sub-step (0: the clean image) would hold.
[[nodiscard]] std::shared_ptr<const AttackTrace> traceUpTo(const AttackTrace& trace, int subStep);

} // namespace crossiter::ui
