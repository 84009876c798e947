#pragma once

#include <functional>

namespace crossiter::detail {

/// Runs `work` on a thread of its own, whose standard error leads nowhere, and waits for it: for
/// libraries that print what they think of a file and cannot be told not to. Other threads' output
/// is not touched. Throws what `work` throws.
void runQuietly(const std::function<void()>& work);

} // namespace crossiter::detail
