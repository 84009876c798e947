#pragma once

#include "core/defense/DefendResult.h"
#include "core/image/Image.h"
#include "core/report/JsonValues.h"
#include "core/report/TraceExport.h"

#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// The draws behind the cells: "substep,size,model,hits,draws,share,low,high,flip_rate", the same
/// order; hits, share and interval are empty without a true label.
[[nodiscard]] std::string sweepDrawsCsv(const SweepResult& result);

/// One model's cells as a picture without axes: sizes to the right, sub-steps downwards, the first
/// on top; colour = probability of the true label (of the cell's own top-1 when that is not known)
/// as heatColour; a cell that is missing is white.
[[nodiscard]] Image sweepHeatMap(const SweepResult& result, int model);

/// What was asked, by command-line names: models, sizes, defense and its seed, labels, numerics.
[[nodiscard]] Json sweepRequestJson(const SweepRequest& request);

/// DIR/sweep.csv, DIR/sweep.MODEL.png each, DIR/sweep.json (request, provenance, what the pictures
/// show, best size) and, for random defenses, DIR/sweep.draws.csv. The JSON is written last. image:
/// the input's name; attack: what made the sub-steps, null: nothing. Returns what was written.
/// Throws Error(BadInput).
std::vector<std::filesystem::path> writeSweep(const std::filesystem::path& directory,
    const SweepResult& result, const std::string& image, const Provenance& provenance,
    const AttackRequest* attack = nullptr);

} // namespace crossiter
