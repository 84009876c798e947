#pragma once

#include "core/attack/AttackFields.h"
#include "core/base/Compute.h"
#include "core/defense/DefenseRequest.h"
#include "core/report/TournamentFacts.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// Images and what is known of them. Absolute paths.
struct PlanDataset
{
    std::filesystem::path folder;
    /// The competition's dataset CSV: images are its rows, ImageId.png, read as the toolkit did.
    /// Empty: the folder's photos, brought to 299x299, true labels as everywhere.
    std::filesystem::path csv;
    std::filesystem::path labels; ///< without csv: a label table; may be empty
    std::filesystem::path targets; ///< without csv: a label table; may be empty
    std::optional<int> labelBase; ///< first class in labels, 0 or 1; nothing: see parseLabelTable
    std::optional<int> targetBase; ///< the same in targets
    std::size_t images = 0; ///< the first so many; 0 = all
    bool csvOrder = false; ///< order of the images: the CSV file's rows; else bytes of the names

    bool operator==(const PlanDataset&) const = default;
};

/// A folder as the competition takes it, run through its entry point.
struct ExternalSubmission
{
    std::filesystem::path folder; ///< absolute
    double timeLimitSeconds = 500.0; ///< of one run; 1..1000000

    bool operator==(const ExternalSubmission&) const = default;
};

struct PlanAttack
{
    std::string name; ///< passes requireSubmissionName; unique in the plan's list
    AttackChoices options; ///< of ours; without judges and epsilon, which are the plan's
    std::optional<ExternalSubmission> external; ///< instead
    std::string note; ///< stands in the report

    bool operator==(const PlanAttack&) const = default;
};

struct PlanDefense
{
    std::string name; ///< as of an attack
    std::string model; ///< id, of ours
    DefenseRequest defense; ///< empty: the network as it is
    std::optional<ExternalSubmission> external; ///< instead
    std::string note;

    bool operator==(const PlanDefense&) const = default;
};

/// A tournament, complete: with the images, the weights and the external programs it decides every
/// byte of the result. Submissions stand in the order of rows, columns and ties.
struct TournamentPlan
{
    PlanDataset dataset;
    std::optional<int> epsilon255 =
        16; ///< 0..255; none: 4, 8, 12, 16 by batch of 100, as officially
    bool official = false; ///< the official evaluation's rules and files, not the runner's
    std::uint64_t seed = 1;
    Compute compute { .threads = 1 }; ///< of each process; threads: 1..kMostThreads
    bool allClassification = false; ///< write all_classification.csv
    bool clean = true; ///< ask the defenses of the clean images too
    std::string preset; ///< "seed": the report compares with the seed's tables; else empty
    std::vector<LeftOut> leftOut;
    std::vector<PlanAttack> attacks;
    std::vector<PlanAttack> targetedAttacks;
    std::vector<PlanDefense> defenses;

    bool operator==(const TournamentPlan&) const = default;
};

/// Images of one official batch, and the budgets of the batches in turn.
inline constexpr std::size_t kOfficialBatch = 100;
inline constexpr int kOfficialEpsilons[] = { 4, 8, 12, 16 };

/// docs/batch.md describes the keys, docs/plan.schema.json their types and ranges. Strict: an
/// unknown key, a key twice, a wrong type or a value out of range is Error(BadInput) that names the
/// file and the key ("plan.json, attacks[2].rounds"). Relative paths count from the plan's folder.
/// Neither folders nor models are looked for.
[[nodiscard]] TournamentPlan readPlan(const std::filesystem::path& file);
[[nodiscard]] TournamentPlan parsePlan(
    const std::string& text, const std::string& place, const std::filesystem::path& folder);

/// The same checks for a plan that a program put together.
void checkPlan(const TournamentPlan& plan, const std::string& place);

/// Calls `require` for every model that the plan names; what it throws names the plan's place and
/// the key: "p.json, attacks[0].source".
void checkPlanModels(const TournamentPlan& plan, const std::string& place,
    const std::function<void(const std::string& id)>& require);

/// Canonical; parsePlan reads it back. What is at its default is left out of the submissions.
[[nodiscard]] std::string planText(const TournamentPlan& plan);

/// The request for one image. Throws Error(Usage) as checkRequest does; a target or a true label
/// that the label rule needs and the image does not have is Error(BadInput).
[[nodiscard]] AttackRequest requestFor(const TournamentPlan& plan, const AttackChoices& options,
    int epsilon255, std::optional<int> trueLabel, std::optional<int> target);

/// Ids of all networks that the plan's own attacks and defenses use, each once, in order.
[[nodiscard]] std::vector<std::string> modelsOf(const TournamentPlan& plan);

/// A name of a submission, safe as a folder's. Throws Error(BadInput) that names `place`.
void requirePlanName(const std::string& name, const std::string& place);

/// What reports say of a plan; planSha256: of the file that holds it.
[[nodiscard]] TournamentFacts factsOf(const TournamentPlan& plan, const std::string& planSha256);

} // namespace crossiter
