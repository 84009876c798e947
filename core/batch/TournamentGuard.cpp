#include "core/batch/TournamentGuard.h"

#include "core/base/Error.h"

#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// Written into the output folder itself: docs/batch.md, "What is written".
constexpr const char* kFiles[] = { "images.json", "notes.json", "report.json", "report.md",
    "accuracy_on_attacks.csv", "accuracy_on_targeted_attacks.csv", "hit_target_class.csv",
    "accuracy_matrix.csv", "error_matrix.csv", "hit_target_class_matrix.csv", "attack_ranking.csv",
    "targeted_attack_ranking.csv", "defense_ranking.csv", "normalised_scores.csv",
    "all_classification.csv", "adversarial_images.csv", ".crossiter.lock" };

/// Folders of its own, written and cleared.
constexpr const char* kFolders[] = { "attacks_output", "targeted_attacks_output", "defenses_output",
    "all_adv_examples", ".work" };

fs::path wholePath(const fs::path& path)
{
    std::error_code fault;
    fs::path whole = fs::weakly_canonical(fs::absolute(path, fault), fault);
    return fault ? path.lexically_normal() : whole;
}

bool isIn(const fs::path& file, const fs::path& folder)
{
    const fs::path relative = file.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

/// A plan's input in a folder that the tournament clears would go with it.
void refuseInside(const TournamentFolders& folders, const fs::path& input)
{
    if (input.empty())
        return;
    const fs::path file = wholePath(input);
    for (const char* name : kFolders) {
        const fs::path own = folders.output() / name;
        if (isIn(file, wholePath(own)))
            throw Error(ErrorKind::BadInput, "an input lies in a folder of the results",
                input.string(), "another output folder", own.string());
    }
}

template <typename Visit>
void forEachExternal(const TournamentPlan& plan, const Visit& visit)
{
    for (const auto* attacks : { &plan.attacks, &plan.targetedAttacks }) {
        for (const PlanAttack& attack : *attacks)
            if (attack.external)
                visit(attack.external->folder);
    }
    for (const PlanDefense& defense : plan.defenses)
        if (defense.external)
            visit(defense.external->folder);
}

} // namespace

void addPlanInputs(OutputGuard& guard, const TournamentPlan& plan)
{
    guard.addInput(plan.dataset.csv, "the dataset's CSV");
    guard.addInput(plan.dataset.labels, "the dataset's labels");
    guard.addInput(plan.dataset.targets, "the dataset's targets");
    guard.addInputFolder(plan.dataset.folder, "a file of the dataset,");
    forEachExternal(plan,
        [&guard](const fs::path& folder) { guard.addInputFolder(folder, "a submission's file"); });
}

void guardTournament(
    const TournamentFolders& folders, const TournamentPlan& plan, const std::vector<fs::path>& more)
{
    for (const fs::path& input :
        { plan.dataset.csv, plan.dataset.labels, plan.dataset.targets, plan.dataset.folder })
        refuseInside(folders, input);
    forEachExternal(plan, [&folders](const fs::path& folder) { refuseInside(folders, folder); });
    for (const fs::path& input : more)
        refuseInside(folders, input);
    OutputGuard guard;
    for (const fs::path& input : more)
        guard.addInput(input, "the plan");
    std::error_code fault;
    // A dataset in the output folder itself: what it holds besides pictures is the tournament's.
    const bool own = fs::equivalent(plan.dataset.folder, folders.output(), fault) && !fault;
    TournamentPlan inputs = plan;
    if (own)
        inputs.dataset.folder.clear();
    addPlanInputs(guard, inputs);
    for (const char* name : kFiles)
        guard.addOutput(folders.output() / name);
    if (!fs::exists(folders.plan(), fault))
        guard.addOutput(folders.plan());
    guard.check();
}

} // namespace crossiter
