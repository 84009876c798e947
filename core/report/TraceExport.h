#pragma once

#include "core/attack/AttackTrace.h"
#include "core/base/Progress.h"
#include "core/report/Provenance.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

struct SweepResult;

struct TraceExportOptions
{
    bool floats = false; ///< each sub-step's float image as .npy ([3,299,299], little-endian)
    bool pictures = true; ///< each sub-step's exported image as PNG
};

/// DIR/STEM.trace.json (docs/formats.md; deterministic, one trailing newline) and
/// DIR/STEM.sub-step-N.png (, .npy). Existing files are replaced, each
/// atomically. An older JSON goes before the first picture and the new one comes last, so that a
/// JSON always lies beside every file that it names. Returns what was written.
/// `stop` is asked before each sub-step and before the JSON. Stopped: what this call wrote is
/// removed, also where it had replaced an older file, the folder stays, and nothing is returned;
/// stopped before the first sub-step, nothing is touched at all.
/// Progress counts sub-steps; it reaches the total when the JSON is written and never when stopped.
/// Throws Error(BadInput), what this call wrote being removed too.
std::vector<std::filesystem::path> writeTrace(const std::filesystem::path& directory,
    const std::string& stem, const AttackTrace& trace, const Provenance& provenance,
    const TraceExportOptions& options = {}, const ProgressSink& progress = {},
    const std::stop_token& stop = {});

/// The STEM of a file that writeTrace writes for a trace of sub-steps 0..last; nothing: it is none.
[[nodiscard]] std::optional<std::string> stemOfTraceFile(const std::string& name, int last);

/// The final exported image as PATH (a PNG) and PATH's stem + ".provenance.json" beside it.
std::vector<std::filesystem::path> writeResult(
    const std::filesystem::path& png, const AttackTrace& trace, const Provenance& provenance);

/// What lies beside a RESULT: its stem + ".provenance.json".
[[nodiscard]] std::filesystem::path provenanceBeside(const std::filesystem::path& picture);

/// What lies beside a FIGURE or view: its whole name + ".provenance.json", so that a PNG, a PDF and
/// an SVG of one stem have one each. A table (.csv) is a result.
[[nodiscard]] std::filesystem::path provenanceOfFigure(const std::filesystem::path& file);

/// Beside PICTURE, a file that shows `trace` but is none of its exported images (a plot, a view):
/// provenanceOfFigure, as writeResult's but without `exported`. `defense`: what
/// the picture shows stands behind this defense (defenseText); empty: no such key. `sweep`: the
/// sweep that it shows, whose counts are told; null: no such keys. Returns its path. Throws
/// Error(BadInput).
std::filesystem::path writeViewProvenance(const std::filesystem::path& picture,
    const AttackTrace& trace, const Provenance& provenance, const std::string& defense = {},
    const SweepResult* sweep = nullptr);

/// Beside PICTURE, which compares several traces: `traces`, a list with what writeViewProvenance
/// says of each; none may be null. originOf is asked once a trace. Returns its path. Throws
/// Error(BadInput).
std::filesystem::path writeComparisonProvenance(const std::filesystem::path& picture,
    const std::vector<std::shared_ptr<const AttackTrace>>& traces,
    const std::function<Provenance(const AttackTrace&)>& originOf);

} // namespace crossiter
