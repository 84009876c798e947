#pragma once

#include "core/defense/DefenseRequest.h"

#include <string>
#include <vector>

namespace crossiter {

/// Pictures in a batch when its own statistics are used; the last batch is filled with mid-grey.
inline constexpr int kBatchOfStatistics = 16;
/// Side of a random resize's padded picture, and the smallest side it draws (Xie et al. 2018,
/// arXiv:1711.01991).
inline constexpr int kPaddedSide = 331;
inline constexpr int kLeastRandomSide = 310;

/// The defense at another size, as sweeps take it: of the first Resize stage a list of one is
/// replaced, of a longer list the last size; a defense without one gets it in front. size 1..299
/// (Error(Usage) else).
[[nodiscard]] DefenseRequest withSize(const DefenseRequest& defense, int size);

/// The size that withSize would replace, which is part of each draw's seed; 299: no Resize stage.
[[nodiscard]] int sizeOf(const DefenseRequest& defense);

/// "200" or "250,200": whole numbers 1..299, 1..8 of them. Throws Error(Usage) that names `place`.
[[nodiscard]] std::vector<int> parseStageSizes(const std::string& place, const std::string& text);

/// What a sweep goes over: "32:299:1" (first:last:step, both ends in), or sizes and such ranges
/// joined by commas; ascending and without duplicates afterwards. Each 1..299. Throws Error(Usage).
[[nodiscard]] std::vector<int> parseSweepSizes(const std::string& place, const std::string& text);

/// Ids of the purifiers among the stages, each once.
[[nodiscard]] std::vector<std::string> purifiersOf(const DefenseRequest& defense);

} // namespace crossiter
