#pragma once

#include "core/defense/DefenseRequest.h"

#include <string>
#include <vector>

namespace crossiter {

/// The defense at another size, as sweeps take it: of the first Resize stage a list of one is
/// replaced, of a longer list the last size; a defense without one gets it in front. size 1..299
/// (Error(Usage) else).
[[nodiscard]] DefenseRequest withSize(const DefenseRequest& defense, int size);

/// The size that withSize would replace, which is part of each draw's seed; 299: no Resize stage.
[[nodiscard]] int sizeOf(const DefenseRequest& defense);

/// What a sweep goes over: "32:299:1" (first:last:step, both ends in), or sizes and such ranges
/// joined by commas; ascending and without duplicates afterwards. Each 1..299. Throws Error(Usage).
[[nodiscard]] std::vector<int> parseSweepSizes(const std::string& place, const std::string& text);

} // namespace crossiter
