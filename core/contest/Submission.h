#pragma once

#include "core/base/ChildProcess.h"

#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

enum class SubmissionKind
{
    Attack,
    TargetedAttack,
    Defense
};

/// "attack", "targeted_attack", "defense", as metadata.json writes them.
[[nodiscard]] const char* nameOf(SubmissionKind kind) noexcept;
/// Throws Error(Usage) that lists the choices.
[[nodiscard]] SubmissionKind parseSubmissionKind(const std::string& text);

/// metadata.json of a submission.
struct SubmissionMetadata
{
    std::string type; ///< as written; nameOf(kind) if it is one of the three
    std::string container; ///< Docker image
    std::string containerGpu;
    std::string entryPoint; ///< relative, inside the submission
    /// Keys that the file gives twice: the last one counts, as for the competition's programs.
    std::vector<std::string> repeated {};

    bool operator==(const SubmissionMetadata&) const = default;
};

inline constexpr const char* kMetadataFile = "metadata.json";

/// FOLDER/metadata.json: one object with the four keys as texts; others are allowed. It is read as
/// Python's json reads it (PythonJson.h). Throws
/// Error(BadInput): missing, no JSON, a key missing or no text, an entry point that is absolute,
/// empty or leaves the folder.
[[nodiscard]] SubmissionMetadata readMetadata(const std::filesystem::path& folder);
/// Two-space indent, keys in the order above, one newline at the end.
[[nodiscard]] std::string metadataText(const SubmissionMetadata& metadata);

/// How the competition starts a submission, natively: "./ENTRY_POINT INPUT_DIR OUTPUT_DIR EPSILON"
/// or "./ENTRY_POINT INPUT_DIR OUTPUT_FILE" in the submission's folder, paths absolute, nothing
/// through a shell. The folder of the running program comes first in $PATH, so that our entry
/// points find `crossiter`. Limits and sinks are the caller's to set.
[[nodiscard]] ChildRequest attackCommand(const std::filesystem::path& submission,
    const SubmissionMetadata& metadata, const std::filesystem::path& inputDir,
    const std::filesystem::path& outputDir, int epsilon255);
[[nodiscard]] ChildRequest defenseCommand(const std::filesystem::path& submission,
    const SubmissionMetadata& metadata, const std::filesystem::path& inputDir,
    const std::filesystem::path& outputFile);

} // namespace crossiter
