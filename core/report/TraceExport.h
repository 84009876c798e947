#pragma once

#include "core/attack/AttackTrace.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace crossiter {

/// Where a result comes from; written beside every export.
struct Provenance
{
    std::string version; ///< of CrossIter
    std::string inputName; ///< file name without folders
    /// Of a picture that another program made (Engine::tracePair); both empty else.
    std::string otherName;
    std::string otherSha256;
    std::string inputSha256; ///< of the file's bytes; empty: not from a file
    std::map<std::string, std::string> weightsSha256; ///< model id -> SHA-256
    int threads = 0; ///< really used
    std::string device; ///< really used: "cpu"
    std::string trueLabelOrigin; ///< "from the file name"
    std::string library; ///< "LibTorch 2.11.0"
};

struct TraceExportOptions
{
    bool floats = false; ///< each sub-step's float image as .npy ([3,299,299], little-endian)
    bool pictures = true; ///< each sub-step's exported image as PNG
};

/// The trace as docs/formats.md's JSON text, one trailing newline, deterministic.
[[nodiscard]] std::string traceJson(const AttackTrace& trace, const std::string& imageName,
    const Provenance& provenance, const std::string& stem);

/// DIR/STEM.trace.json and DIR/STEM.sub-step-N.png (, .npy). Existing files are replaced, each
/// atomically, the JSON last. Returns what was written. Throws Error(BadInput).
std::vector<std::filesystem::path> writeTrace(const std::filesystem::path& directory,
    const std::string& stem, const AttackTrace& trace, const Provenance& provenance,
    const TraceExportOptions& options = {});

/// The final exported image as PATH (a PNG) and PATH's stem + ".provenance.json" beside it.
std::vector<std::filesystem::path> writeResult(
    const std::filesystem::path& png, const AttackTrace& trace, const Provenance& provenance);

} // namespace crossiter
