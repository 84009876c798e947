#include "core/batch/SeedPlan.h"

#include "core/classify/ModelStore.h"

namespace crossiter {

namespace {

/// Which of the seed's networks a row needs.
enum class Needs
{
    Nothing,
    Base,
    EnsAdv,
    Both
};

struct SeedAttack
{
    const char* name;
    Needs needs;
    Method method;
    int rounds; ///< 0: the method's own
    bool targeted;
};

// The README's names; "fgsm_ens_insRes_v3" is its spelling for the ensemble-adversarial network.
constexpr SeedAttack kSeedAttacks[] = {
    { "bim_both_1", Needs::Both, Method::CrossIterative, 1, false },
    { "bim_both_2", Needs::Both, Method::CrossIterative, 2, false },
    { "bim_both_3", Needs::Both, Method::CrossIterative, 3, false },
    { "bim_both_4", Needs::Both, Method::CrossIterative, 4, false },
    { "bim_both_5", Needs::Both, Method::CrossIterative, 5, false },
    { "bim_inception_v3_10", Needs::Base, Method::Bim, 10, false },
    { "bim_ens_insRes_v2_10", Needs::EnsAdv, Method::Bim, 10, false },
    { "fgsm_inception_v3", Needs::Base, Method::Fgsm, 0, false },
    { "fgsm_ens_insRes_v3", Needs::EnsAdv, Method::Fgsm, 0, false },
    { "random_noise", Needs::Nothing, Method::RandomNoise, 0, false },
    { "noop", Needs::Nothing, Method::Noop, 0, false },
    { "iter_target_class_both_20", Needs::Both, Method::CrossIterativeTarget, 20, true },
    { "iter_target_class_both_10", Needs::Both, Method::CrossIterativeTarget, 10, true },
    { "iter_target_class_20", Needs::Base, Method::IterTarget, 20, true },
    { "iter_target_class_ens_20", Needs::EnsAdv, Method::IterTarget, 20, true },
};

struct SeedDefense
{
    const char* name;
    Needs needs;
    const char* defense; ///< parseDefense
};

constexpr SeedDefense kSeedDefenses[] = {
    { "ens_adv_inception_resnet_v2", Needs::EnsAdv, "none" },
    { "ens_adv_inception_resnet_v2_drop_resize_100", Needs::EnsAdv,
        "resize=100;dropout=0.8;batch-statistics" },
    { "ens_adv_inception_resnet_v2_drop_resize_200", Needs::EnsAdv,
        "resize=200;dropout=0.8;batch-statistics" },
    { "ens_adv_inception_resnet_v2_drop_resize_250", Needs::EnsAdv,
        "resize=250;dropout=0.8;batch-statistics" },
    { "ens_adv_inception_resnet_v2_drop_resize_250_200", Needs::EnsAdv,
        "resize=250,200;dropout=0.8;batch-statistics" },
    { "base_inception_model", Needs::Base, "none" },
    { "base_inception_model_drop_resize_100", Needs::Base,
        "resize=100;dropout=0.8;batch-statistics" },
    { "base_inception_model_drop_resize_200", Needs::Base,
        "resize=200;dropout=0.8;batch-statistics" },
    { "base_inception_model_drop_resize_250", Needs::Base,
        "resize=250;dropout=0.8;batch-statistics" },
    { "base_inception_model_drop_resize_250_200", Needs::Base,
        "resize=250,200;dropout=0.8;batch-statistics" },
};

struct Pair
{
    const SeedModels& models;
    bool realEnsAdv;
    bool realBase;

    [[nodiscard]] bool allows(Needs needs) const
    {
        const bool ensAdv = needs == Needs::EnsAdv || needs == Needs::Both;
        const bool base = needs == Needs::Base || needs == Needs::Both;
        return (!ensAdv || !models.ensAdv.empty()) && (!base || !models.base.empty());
    }

    [[nodiscard]] std::vector<std::string> sources(Needs needs) const
    {
        if (needs == Needs::Both)
            return { models.ensAdv, models.base };
        if (needs == Needs::EnsAdv)
            return { models.ensAdv };
        return needs == Needs::Base ? std::vector { models.base } : std::vector<std::string>();
    }

    [[nodiscard]] std::string note(Needs needs) const
    {
        std::string text;
        const auto add = [&text](const std::string& model, const char* seed) {
            text += (text.empty() ? "" : ", ") + model + " stands in for " + seed
                + " (checkpoint not fetched)";
        };
        if (!realEnsAdv && (needs == Needs::EnsAdv || needs == Needs::Both))
            add(models.ensAdv, kSeedEnsAdv);
        if (!realBase && (needs == Needs::Base || needs == Needs::Both))
            add(models.base, kSeedBase);
        return text;
    }

    [[nodiscard]] std::string reason(Needs needs) const
    {
        std::string text;
        if (models.ensAdv.empty() && needs != Needs::Base)
            text = kSeedEnsAdv;
        if (models.base.empty() && needs != Needs::EnsAdv)
            text += (text.empty() ? "" : " and ") + std::string(kSeedBase);
        return "checkpoint of " + text + " not fetched";
    }
};

} // namespace

TournamentPlan seedPlan(
    const PlanDataset& dataset, const SeedModels& models, bool realEnsAdv, bool realBase)
{
    const Pair pair { models, realEnsAdv, realBase };
    TournamentPlan plan;
    plan.preset = "seed";
    plan.dataset = dataset;
    for (const SeedAttack& row : kSeedAttacks) {
        if (!pair.allows(row.needs)) {
            plan.leftOut.push_back({ row.name, pair.reason(row.needs) });
            continue;
        }
        PlanAttack attack;
        attack.name = row.name;
        attack.note = pair.note(row.needs);
        attack.options.method = row.method;
        attack.options.sources = pair.sources(row.needs);
        if (row.rounds > 0)
            attack.options.rounds = row.rounds;
        (row.targeted ? plan.targetedAttacks : plan.attacks).push_back(std::move(attack));
    }
    for (const SeedDefense& row : kSeedDefenses) {
        if (!pair.allows(row.needs)) {
            plan.leftOut.push_back({ row.name, pair.reason(row.needs) });
            continue;
        }
        PlanDefense defense;
        defense.name = row.name;
        defense.note = pair.note(row.needs);
        defense.model = row.needs == Needs::EnsAdv ? models.ensAdv : models.base;
        defense.defense = parseDefense(row.defense);
        plan.defenses.push_back(std::move(defense));
    }
    return plan;
}

TournamentPlan embeddedPlan(const PlanDataset& dataset)
{
    TournamentPlan plan;
    plan.dataset = dataset;
    const auto attack = [](const char* name, Method method) {
        PlanAttack made;
        made.name = name;
        made.options.method = method;
        return made;
    };
    plan.attacks = { attack("noop", Method::Noop), attack("random_noise", Method::RandomNoise),
        attack("fgsm", Method::Fgsm), attack("CrossIterative_3", Method::CrossIterative) };
    plan.targetedAttacks = { attack("step_target", Method::StepTarget),
        attack("CrossIterative_target_20", Method::CrossIterativeTarget) };
    const auto defense = [](const char* name, const char* model, const char* text) {
        PlanDefense made;
        made.name = name;
        made.model = model;
        made.defense = parseDefense(text);
        return made;
    };
    plan.defenses = { defense("lite0", "efficientnet-lite0", "none"),
        defense("lite1", "efficientnet-lite1", "none"),
        defense("lite2", "efficientnet-lite2", "none"),
        defense("lite1_resize_200", "efficientnet-lite1", "resize=200"),
        defense("lite1_drop_resize_200", "efficientnet-lite1", "resize=200;dropout"),
        defense("lite2_drop_resize_200", "efficientnet-lite2", "resize=200;dropout") };
    return plan;
}

} // namespace crossiter
