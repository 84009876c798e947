#include "ui/session/PlanCatalogue.h"

#include "ui/session/ModelChoice.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <filesystem>

namespace crossiter::ui {

namespace {

constexpr const char* kFamily = "efficientnet-";

std::vector<std::string> installed(const std::vector<StoredModel>& models)
{
    std::vector<std::string> ids;
    for (const StoredModel& model : classifiersOf(models)) {
        // A program may return a picture instead of classes: those are picked by hand.
        if (!model.weights.empty() && model.manifest.architecture != "torchscript")
            ids.push_back(model.manifest.id);
    }
    return ids;
}

PlanAttack attackOf(const std::string& name, Method method, std::vector<std::string> sources = {},
    std::optional<int> rounds = {})
{
    PlanAttack attack;
    attack.name = name;
    attack.options.method = method;
    attack.options.sources = std::move(sources);
    attack.options.rounds = rounds;
    return attack;
}

QString missingOf(const TournamentPlan& plan, const std::vector<StoredModel>& models)
{
    QStringList missing;
    for (const std::string& id : modelsOf(plan))
        if (!hasWeights(models, id))
            missing << QString::fromStdString(id);
    return missing.isEmpty() ? QString()
                             : QCoreApplication::translate("PlanCatalogue",
                                 "its network is not there: %1 (menu Models fetches it)")
                                   .arg(missing.join(QStringLiteral(", ")));
}

QString missingFolder(const ExternalSubmission& external)
{
    std::error_code fault;
    return std::filesystem::is_regular_file(external.folder / "metadata.json", fault)
        ? QString()
        : QCoreApplication::translate("PlanCatalogue", "no metadata.json in %1")
              .arg(QString::fromStdString(external.folder.string()));
}

} // namespace

std::string shortId(const std::string& id)
{
    std::string name = id.starts_with(kFamily) ? id.substr(std::string(kFamily).size()) : id;
    std::ranges::replace(name, '-', '_');
    return name;
}

std::vector<PlanAttack> knownAttacks(const std::vector<StoredModel>& models)
{
    std::vector<PlanAttack> attacks { attackOf("noop", Method::Noop),
        attackOf("random_noise", Method::RandomNoise) };
    for (const int rounds : { 1, 2, 3, 5 }) {
        attacks.push_back(attackOf(
            "CrossIterative_" + std::to_string(rounds), Method::CrossIterative, {}, rounds));
    }
    attacks.push_back(attackOf("mi_fgsm_10", Method::MiFgsm, {}, 10));
    for (const std::string& id : installed(models)) {
        attacks.push_back(attackOf("fgsm_" + shortId(id), Method::Fgsm, { id }));
        attacks.push_back(attackOf("bim_" + shortId(id) + "_10", Method::Bim, { id }, 10));
    }
    return attacks;
}

std::vector<PlanAttack> knownTargetedAttacks(const std::vector<StoredModel>& models)
{
    std::vector<PlanAttack> attacks;
    for (const int rounds : { 10, 20 }) {
        attacks.push_back(attackOf("CrossIterative_target_" + std::to_string(rounds),
            Method::CrossIterativeTarget, {}, rounds));
    }
    for (const std::string& id : installed(models)) {
        attacks.push_back(attackOf("step_target_" + shortId(id), Method::StepTarget, { id }));
        attacks.push_back(
            attackOf("iter_target_" + shortId(id) + "_20", Method::IterTarget, { id }, 20));
    }
    return attacks;
}

std::vector<PlanDefense> knownDefenses(const std::vector<StoredModel>& models)
{
    std::vector<PlanDefense> defenses;
    const std::pair<const char*, const char*> kForms[] = { { "", "none" },
        { "_resize_200", "resize=200" }, { "_drop_resize_200", "resize=200;dropout" },
        { "_random_pad", "random-pad" }, { "_jpeg_75", "jpeg=75" } };
    for (const auto& [suffix, text] : kForms) {
        for (const std::string& id : installed(models)) {
            PlanDefense defense;
            defense.name = shortId(id) + suffix;
            defense.model = id;
            defense.defense = parseDefense(text);
            defenses.push_back(std::move(defense));
        }
    }
    return defenses;
}

QString obstacleOf(const PlanAttack& attack, const std::vector<StoredModel>& models)
{
    if (attack.external)
        return missingFolder(*attack.external);
    TournamentPlan plan;
    plan.attacks = { attack };
    return missingOf(plan, models);
}

QString obstacleOf(const PlanDefense& defense, const std::vector<StoredModel>& models)
{
    if (defense.external)
        return missingFolder(*defense.external);
    TournamentPlan plan;
    plan.defenses = { defense };
    return missingOf(plan, models);
}

} // namespace crossiter::ui
