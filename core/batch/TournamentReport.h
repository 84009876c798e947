#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentRunner.h"
#include "core/contest/Score.h"
#include "core/report/JsonValues.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// Everything that a report is made of; no times, no number of processes, so that equal
/// tournaments have equal reports.
struct ReportParts
{
    const TournamentPlan& plan;
    const TournamentResult& result;
    std::map<std::string, std::string> weightsSha256;
    std::string planSha256;
    std::string version;
    std::string device; ///< "cpu", "cuda"
    std::vector<std::string> files; ///< written, relative
};

/// plan_sha256, mode, epsilon, seed, numerics, threads_per_process: what a plan asks for.
void addPlan(Json& json, const TournamentPlan& plan, const std::string& planSha256);
/// docs/formats.md, "report.json".
[[nodiscard]] Json reportJson(const ReportParts& parts);
/// The same for a reader: rankings, matrices, the seed's figures, what failed.
[[nodiscard]] std::string reportMarkdown(const ReportParts& parts);

/// Raw, normalised, over rightly classified: of the plan's mode.
[[nodiscard]] std::vector<NormalisedScore> scoresOf(
    const TournamentPlan& plan, const TournamentOutcome& outcome);

/// A row of the seed's tables (voilin/nips-2017, README) and ours beside it.
struct SeedComparison
{
    std::string table; ///< "non-targeted", "targeted", "defense 1", "defense 2"
    std::string row;
    long published = 0; ///< raw count over 1000 images
    int publishedOpponents = 0; ///< assumed; see docs/batch.md
    double publishedShare = 0.0; ///< published / (1000 * publishedOpponents)
    std::optional<long> score; ///< none: the row is not in the plan
    std::size_t images = 0;
    std::size_t opponents = 0;
    std::optional<double> share;
    std::string remark; ///< why it is missing, or what stands in
};
[[nodiscard]] std::vector<SeedComparison> compareWithSeed(
    const TournamentPlan& plan, const std::vector<NormalisedScore>& scores);

} // namespace crossiter
