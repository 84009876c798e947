#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/contest/Score.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// How far one submission of a tournament is.
struct SubmissionProgress
{
    enum class Kind
    {
        Attack,
        TargetedAttack,
        Defense
    };
    Kind kind = Kind::Attack;
    std::string name;
    std::size_t total = 0; ///< images; for a defense the examples that are expected, and the clean
                           ///< images where they are asked for
    std::size_t done = 0; ///< with an output
    std::size_t failed = 0; ///< tried, without one
    std::vector<std::string> errors; ///< "IMAGEID: REASON", the first kMostErrors of them

    static constexpr std::size_t kMostErrors = 50;
};

/// One image of the tournament as somebody who looks at the results needs it.
struct ViewedImage
{
    std::string id;
    std::filesystem::path clean; ///< where the dataset has it
    int epsilon255 = 0;
};

/// What an output folder holds, complete or on the way.
struct TournamentSnapshot
{
    std::filesystem::path folder;
    TournamentPlan plan;
    std::vector<ViewedImage> images; ///< as outcome.images
    /// Examples are what the attacks have made by now; labels those that hold for them.
    TournamentOutcome outcome;
    /// As outcome.examples: the clipped pictures; empty: not clipped yet, or it could not be.
    std::vector<std::filesystem::path> examples;
    std::vector<NormalisedScore> scores; ///< of the plan's mode, over what is there
    std::vector<SeedComparison> published; ///< of a plan with the preset "seed"; else empty
    std::vector<SubmissionProgress> submissions; ///< attacks, targeted attacks, defenses
    bool complete = false; ///< nothing is left to do (something may have failed)
};

/// Reads a tournament's output folder without touching it, also while processes write it: the
/// journals are followed from where the last call ended. Knows nothing of networks.
class TournamentView
{
public:
    /// Reads plan and list of images. Throws Error(BadInput): there is no tournament in it, or its
    /// files are damaged.
    explicit TournamentView(std::filesystem::path folder);
    ~TournamentView();
    TournamentView(const TournamentView&) = delete;
    TournamentView& operator=(const TournamentView&) = delete;
    TournamentView(TournamentView&&) = delete;
    TournamentView& operator=(TournamentView&&) = delete;

    /// Takes what the journals have got since the last call; false: nothing. The first call is
    /// true.
    bool update();
    [[nodiscard]] std::shared_ptr<const TournamentSnapshot> snapshot() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The images that a plan's tournament would have, before there is one.
struct DatasetView
{
    struct Entry
    {
        std::string id; ///< "ID.png" is its name for attacks
        std::filesystem::path clean;
        std::optional<int> trueLabel;
        std::optional<int> target;
    };
    std::vector<Entry> entries; ///< in the tournament's order
    std::vector<std::string> notes; ///< what is left out, and why
};
/// Reads labels and names, opens no image. Throws Error(BadInput): no folder, no image, a wrong
/// CSV file.
[[nodiscard]] DatasetView viewDataset(const PlanDataset& dataset);

/// Whether a folder holds a tournament (plan and list of images); reads nothing.
[[nodiscard]] bool holdsTournament(const std::filesystem::path& folder);

/// core/report/MatrixProvenance.h's of a snapshot: beside FIGURE what the matrix is of. Returns its
/// path. Throws Error(BadInput): plan or report cannot be read, the file cannot be written.
std::filesystem::path writeMatrixProvenance(const std::filesystem::path& figure,
    const TournamentSnapshot& snapshot, const std::string& matrix, const std::string& version);

} // namespace crossiter
