#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// The rules: docs/formats.md, "Tournament files"; the toolkit's runner (CleverHans,
/// examples/nips17_adversarial_competition, dev_toolkit and eval_infra).

/// What is known of one image of the dataset.
struct TournamentImage
{
    std::string imageId;
    std::optional<int> trueLabel; ///< none: never counts as right
    std::optional<int> targetClass; ///< none: never counts as hit
};

/// One clipped image of all_adv_examples; its number there is its index.
struct AdvExample
{
    std::size_t attack = 0; ///< index into attacks, or into targetedAttacks if `targeted`
    bool targeted = false;
    std::size_t image = 0; ///< index into images
};

/// What a tournament found out, complete: scores and files follow from it alone. Order = the
/// plan's.
struct TournamentOutcome
{
    std::vector<std::string> attacks; ///< names pass requireSubmissionName
    std::vector<std::string> targetedAttacks;
    std::vector<std::string> defenses;
    std::vector<TournamentImage> images;
    std::vector<AdvExample> examples; ///< an image that an attack failed to write is not there
    /// [defense][example]; none: the defense said nothing of it.
    std::vector<std::vector<std::optional<int>>> labels;
    /// [defense][image]: what the defense says of the clean images; empty: not asked. Only for the
    /// scores over rightly classified images.
    std::vector<std::vector<std::optional<int>>> cleanLabels;
};

/// Counts with the names of rows and columns.
struct ScoreMatrix
{
    std::vector<std::string> rows;
    std::vector<std::string> columns;
    std::vector<long> cells; ///< row by row, rows.size() * columns.size()

    [[nodiscard]] long at(std::size_t row, std::size_t column) const
    {
        return cells.at(row * columns.size() + column);
    }
    [[nodiscard]] long rowSum(std::size_t row) const;
    [[nodiscard]] long columnSum(std::size_t column) const;
};

struct RankedName
{
    std::string name;
    long score = 0;
    bool operator==(const RankedName&) const = default;
};
/// Descending; ties in the plan's order.
using Ranking = std::vector<RankedName>;

/// The development runner's figures: raw counts.
struct Scores
{
    ScoreMatrix accuracyOnAttacks; ///< attacks x defenses, prediction == true label
    ScoreMatrix accuracyOnTargetedAttacks; ///< the same for targeted attacks
    ScoreMatrix hitTargetClass; ///< targeted attacks x defenses, prediction == target class
    Ranking attacks; ///< images * defenses - sum of the accuracy row
    Ranking targetedAttacks; ///< sum of the hit row
    Ranking defenses; ///< sum of both accuracy columns
};

/// The official evaluation's: matrices are defenses x (attacks, then targeted attacks).
struct OfficialScores
{
    ScoreMatrix accuracy;
    ScoreMatrix error; ///< a prediction that is not the true label; no prediction counts nowhere
    ScoreMatrix hitTargetClass;
    std::vector<bool>
        attackComplete; ///< as the columns: wrote every image; else it scores no defense
    std::vector<bool>
        defenseComplete; ///< as the rows: labelled every example; else scores no attack
    Ranking attacks; ///< errors with complete defenses
    Ranking targetedAttacks; ///< hits with complete defenses
    Ranking defenses; ///< right labels on complete attacks
};

/// Throw Error(Internal) when the tournament's parts do not fit each other, Error(BadInput) for a
/// name that requireSubmissionName refuses or that one list has twice.
[[nodiscard]] Scores scoreTournament(const TournamentOutcome& tournament);
[[nodiscard]] OfficialScores scoreOfficially(const TournamentOutcome& tournament);

/// One line of the extra file normalised_scores.csv.
struct NormalisedScore
{
    std::string kind; ///< "attack", "targeted_attack", "defense"
    std::string name;
    long score = 0; ///< raw, as in the ranking
    std::size_t images = 0;
    std::size_t opponents = 0;
    /// score / (images * opponents); 0..1; none: nothing to divide by
    std::optional<double> normalised;
    /// Over the (image, opponent) pairs whose defense is right on the clean image: how many there
    /// are, and what this one makes of them (attack: not right any more, an image that was not
    /// written counts for the attack's opponent; targeted: hit; defense: still right). None: the
    /// clean images were not asked.
    std::optional<long> rightlyClassified;
    std::optional<long> scoreOverRight;
    std::optional<double> normalisedOverRight;
};
/// In the order of the rankings given: attacks, targeted attacks, defenses.
[[nodiscard]] std::vector<NormalisedScore> normaliseScores(const TournamentOutcome& tournament,
    const Ranking& attacks, const Ranking& targetedAttacks, const Ranking& defenses);

/// File contents, byte for byte.
[[nodiscard]] std::string matrixText(const ScoreMatrix& matrix); ///< ",a,b" LF "row,1,2" LF
[[nodiscard]] std::string rankingText(const char* header, const Ranking& ranking); ///< CRLF
/// Header and one line a prediction, CRLF: by defense, then by number in all_adv_examples.
[[nodiscard]] std::string allClassificationText(const TournamentOutcome& tournament);
[[nodiscard]] std::string normalisedText(const std::vector<NormalisedScore>& scores); ///< LF

enum class ScoreMode
{
    Development,
    Official
};

/// Name and content of each file, in the order of writing:
/// Development: accuracy_on_attacks.csv, accuracy_on_targeted_attacks.csv, hit_target_class.csv;
/// Official: accuracy_matrix.csv, error_matrix.csv, hit_target_class_matrix.csv;
/// both: attack_ranking.csv, targeted_attack_ranking.csv, defense_ranking.csv (of that mode),
/// normalised_scores.csv and, if asked for, all_classification.csv.
struct ScoreFile
{
    const char* name;
    std::string text;
};
[[nodiscard]] std::vector<ScoreFile> scoreFiles(
    const TournamentOutcome& tournament, ScoreMode mode, bool allClassification);

/// Writes them into an existing folder, each whole or not at all. Returns the paths. Throws
/// Error(BadInput) when a file cannot be written.
std::vector<std::filesystem::path> writeScores(const std::filesystem::path& folder,
    const TournamentOutcome& tournament, ScoreMode mode, bool allClassification);

/// "%08d": the stem of an image in all_adv_examples.
[[nodiscard]] std::string advExampleStem(std::size_t number);

} // namespace crossiter
