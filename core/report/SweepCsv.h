#pragma once

#include "core/defense/DefendResult.h"

#include <filesystem>
#include <string>

namespace crossiter {

/// sweep.csv (docs/formats.md): a header, then a line a cell, ordered by sub-step, size and model;
/// LF, nine significant digits; what is not known (-1) is empty.
[[nodiscard]] std::string sweepCsv(const SweepResult& sweep);

/// Atomic. Throws Error(BadInput).
void writeSweepCsv(const std::filesystem::path& path, const SweepResult& sweep);

} // namespace crossiter
