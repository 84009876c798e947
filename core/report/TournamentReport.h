#pragma once

#include "core/report/JsonValues.h"
#include "core/report/ReferenceTable.h"
#include "core/report/TournamentFacts.h"

#include <map>
#include <string>
#include <vector>

namespace crossiter {

/// Everything that a report is made of; no times, no number of processes, so that equal
/// tournaments have equal reports.
struct ReportParts
{
    TournamentFacts facts;
    const TournamentOutcome& outcome;
    const std::vector<TournamentFailure>& failures; ///< in the report's order
    const std::vector<std::string>& notes; ///< of the run
    std::map<std::string, std::string> weightsSha256;
    std::string version;
    std::string device; ///< "cpu", "cuda"
    std::vector<std::string> files; ///< written, relative
    std::vector<ReferenceTable> published; ///< compared with, where something fits
};

/// plan_sha256, mode, epsilon, seed, numerics, threads_per_process: what a plan asks for.
void addPlan(Json& json, const TournamentFacts& facts);
/// docs/formats.md, "report.json".
[[nodiscard]] Json reportJson(const ReportParts& parts);
/// The same for a reader: rankings, matrices, the seed's figures, what failed.
[[nodiscard]] std::string reportMarkdown(const ReportParts& parts);

/// Raw, normalised, over rightly classified: by the mode's rules.
[[nodiscard]] std::vector<NormalisedScore> scoresOf(
    ScoreMode mode, const TournamentOutcome& outcome);

[[nodiscard]] std::vector<SeedComparison> compareWithSeed(
    const TournamentFacts& facts, const std::vector<NormalisedScore>& scores);

} // namespace crossiter
