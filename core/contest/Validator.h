#pragma once

#include "core/base/Progress.h"
#include "core/contest/Submission.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

enum class CheckStatus
{
    Passed,
    Warning, ///< the official validator lets it pass, too
    Failed,
    Skipped ///< not reached, not asked for, or only Docker could tell
};
[[nodiscard]] const char* nameOf(CheckStatus status) noexcept; ///< "passed", "warning", ...

struct SubmissionCheck
{
    std::string name; ///< "archive", "size", "metadata", "type", "entry point", "sample run", ...
    CheckStatus status = CheckStatus::Skipped;
    std::string text; ///< one line
};

struct ValidationRequest
{
    std::filesystem::path submission; ///< .zip, .tar, .tar.gz, or a folder, which is run in place
    SubmissionKind kind = SubmissionKind::Attack;
    bool run = true; ///< the sample run
    int images = 10; ///< of the sample run, 1..1000; the official validator takes 100
    int epsilon255 = 0; ///< 4, 8, 12 or 16 as the official one; 0: one of them by the seed
    double timeoutSeconds = 500.0; ///< of the sample run; the competition's for 100 images
    std::uint64_t seed = 1; ///< of the noise and the targets
};

struct ValidationReport
{
    std::vector<SubmissionCheck> checks; ///< in the order in which they were made
    std::string runOutput; ///< the last of what the sample run said
    bool cancelled = false;

    [[nodiscard]] bool valid() const; ///< not cancelled, and no check failed
};

/// Every check of the official validator that needs no Docker (docs/formats.md lists them), and the
/// sample run natively: random-noise PNGs, random targets, a process group of its own. Archives are
/// unpacked into a temporary folder of the system's that goes away afterwards. What is wrong with
/// the submission is a failed check; Error(BadInput) is only thrown for a path that is not there
/// and for a temporary folder that cannot be made.
[[nodiscard]] ValidationReport validateSubmission(
    const ValidationRequest& request, const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace crossiter
