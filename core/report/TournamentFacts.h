#pragma once

#include "core/attack/AttackRequest.h"
#include "core/base/Compute.h"
#include "core/contest/Score.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

// What reports of tournaments are made of, as plain data: they know neither plan nor runner.

/// One thing that could not be done; the rest was.
struct TournamentFailure
{
    std::string
        stage; ///< "attack", "targeted attack", "clip", "defense", "defense on clean images"
    std::string name; ///< of the submission
    std::string image; ///< ImageId; empty: the whole run of an external program
    std::string reason; ///< one line; paths inside the output folder are relative

    bool operator==(const TournamentFailure&) const = default;
};

/// A row of a published table that this plan does not have.
struct LeftOut
{
    std::string name;
    std::string reason;

    bool operator==(const LeftOut&) const = default;
};

/// What a plan says of one of its submissions, for readers.
struct SubmissionNote
{
    std::string kind; ///< NormalisedScore::kind: "attack", "targeted_attack", "defense"
    std::string name;
    std::string note; ///< may be empty
};

/// What a plan asks for, as far as reports tell it.
struct TournamentFacts
{
    std::string planSha256; ///< of plan.json
    ScoreMode mode = ScoreMode::Development;
    std::optional<int> epsilon255; ///< 0..255; none: 4, 8, 12, 16 by batch of 100
    std::uint64_t seed = 1;
    Compute compute; ///< of each process
    bool besideSeed = false; ///< the report compares with the seed's tables
    std::vector<SubmissionNote> notes; ///< every submission, in the plan's order
    std::vector<LeftOut> leftOut;
    /// As the outcome's non-targeted attacks: what they ask for; none: somebody else's program, or
    /// the official budgets, which differ from image to image.
    std::vector<std::optional<AttackRequest>> attacks;
    /// As the outcome's defenses: the id of a network as it is; empty: behind a defense, or
    /// somebody else's.
    std::vector<std::string> networks;
};

/// One of the seed's published tables (voilin/nips-2017, README), best row first.
struct SeedTable
{
    std::string name; ///< "non-targeted", "targeted", "defense 1", "defense 2"
    /// How many opponents its counts are taken to be over; the README does not say. See
    /// docs/batch.md.
    int opponents = 0;
    std::vector<std::pair<std::string, long>> rows; ///< name, raw count over 1000 images
};
[[nodiscard]] const std::vector<SeedTable>& seedTables();

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
} // namespace crossiter
