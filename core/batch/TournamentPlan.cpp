#include "core/batch/TournamentPlan.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/contest/SafeName.h"
#include "core/report/JsonValues.h"

namespace crossiter {

namespace {

void setExternal(Json& json, const ExternalSubmission& external)
{
    json["submission"] = external.folder.string();
    json["time-limit"] = external.timeLimitSeconds;
}

Json attackJson(const PlanAttack& attack)
{
    Json json;
    json["name"] = attack.name;
    if (attack.external) {
        setExternal(json, *attack.external);
    } else {
        for (const AttackField* field : attackFields(FieldFormat::Plan)) {
            const FieldValue value = field->chosen(attack.options);
            if (!std::holds_alternative<std::monostate>(value))
                json[field->key] = fieldJson(value);
        }
    }
    if (!attack.note.empty())
        json["note"] = attack.note;
    return json;
}

Json defenseJson(const PlanDefense& defense)
{
    Json json;
    json["name"] = defense.name;
    if (defense.external) {
        setExternal(json, *defense.external);
    } else {
        json["model"] = defense.model;
        const std::string text = defenseText(defense.defense);
        json["defense"] = text.empty() ? "none" : text;
    }
    if (!defense.note.empty())
        json["note"] = defense.note;
    return json;
}

Json datasetJson(const PlanDataset& dataset)
{
    Json json;
    json["folder"] = dataset.folder.string();
    if (!dataset.csv.empty())
        json["csv"] = dataset.csv.string();
    if (!dataset.labels.empty())
        json["labels"] = dataset.labels.string();
    if (!dataset.targets.empty())
        json["targets"] = dataset.targets.string();
    if (dataset.labelBase)
        json["label-base"] = *dataset.labelBase;
    if (dataset.targetBase)
        json["target-base"] = *dataset.targetBase;
    if (dataset.images > 0)
        json["images"] = dataset.images;
    json["order"] = dataset.csvOrder ? "csv" : "name";
    return json;
}

} // namespace

std::string planText(const TournamentPlan& plan)
{
    Json json;
    json["version"] = 1;
    if (!plan.preset.empty())
        json["preset"] = plan.preset;
    json["dataset"] = datasetJson(plan.dataset);
    json["epsilon"] = plan.epsilon255 ? Json(*plan.epsilon255) : Json("official");
    json["mode"] = plan.official ? "official" : "development";
    json["seed"] = plan.seed;
    addCompute(json, plan.compute);
    json["all-classification"] = plan.allClassification;
    json["clean"] = plan.clean;
    json["attacks"] = Json::array();
    for (const PlanAttack& attack : plan.attacks)
        json["attacks"].push_back(attackJson(attack));
    json["targeted-attacks"] = Json::array();
    for (const PlanAttack& attack : plan.targetedAttacks)
        json["targeted-attacks"].push_back(attackJson(attack));
    json["defenses"] = Json::array();
    for (const PlanDefense& defense : plan.defenses)
        json["defenses"].push_back(defenseJson(defense));
    if (!plan.leftOut.empty()) {
        json["left-out"] = Json::array();
        for (const LeftOut& row : plan.leftOut) {
            Json left;
            left["name"] = row.name;
            left["reason"] = row.reason;
            json["left-out"].push_back(std::move(left));
        }
    }
    return jsonText(json);
}

AttackRequest requestFor(const TournamentPlan& plan, const AttackChoices& options, int epsilon255,
    std::optional<int> trueLabel, std::optional<int> target)
{
    AttackRequest request = resolve(options, epsilon255);
    request.judges.clear(); // the defenses judge
    request.seed = options.seed.value_or(plan.seed);
    request.compute = plan.compute;
    request.keepFloats = false;
    request.trueLabel = trueLabel;
    if (request.labelRule != LabelRule::Target) {
        request.target.reset();
    } else {
        request.target = options.target ? options.target : target;
        if (!request.target)
            throw Error(ErrorKind::BadInput, "no target class for this image", "the dataset");
    }
    if (request.labelRule == LabelRule::True && !trueLabel)
        throw Error(ErrorKind::BadInput, "no true label for this image", "the dataset");
    checkRequest(request);
    return request;
}

std::vector<std::string> modelsOf(const TournamentPlan& plan)
{
    std::vector<std::string> ids;
    const auto add = [&ids](const std::string& id) {
        if (!id.empty() && !contains(ids, id))
            ids.push_back(id);
    };
    const auto addPurifiers = [&add](const DefenseRequest& defense) {
        for (const DefenseStage& stage : defense.stages)
            add(stage.model);
    };
    for (const auto* list : { &plan.attacks, &plan.targetedAttacks }) {
        for (const PlanAttack& attack : *list) {
            if (attack.external || !usesSources(attack.options.method))
                continue;
            for (const std::string& id : resolve(attack.options, 16).sources)
                add(id);
            addPurifiers(parseDefense(attack.options.through));
        }
    }
    for (const PlanDefense& defense : plan.defenses) {
        if (defense.external)
            continue;
        add(defense.model);
        addPurifiers(defense.defense);
    }
    return ids;
}

TournamentFacts factsOf(const TournamentPlan& plan, const std::string& planSha256)
{
    TournamentFacts facts;
    facts.planSha256 = planSha256;
    facts.mode = plan.official ? ScoreMode::Official : ScoreMode::Development;
    facts.epsilon255 = plan.epsilon255;
    facts.seed = plan.seed;
    facts.compute = plan.compute;
    facts.besideSeed = plan.preset == "seed";
    for (const PlanAttack& attack : plan.attacks)
        facts.notes.push_back({ "attack", attack.name, attack.note });
    for (const PlanAttack& attack : plan.targetedAttacks)
        facts.notes.push_back({ "targeted_attack", attack.name, attack.note });
    for (const PlanDefense& defense : plan.defenses)
        facts.notes.push_back({ "defense", defense.name, defense.note });
    facts.leftOut = plan.leftOut;
    for (const PlanAttack& attack : plan.attacks) {
        facts.attacks.emplace_back();
        if (!attack.external && plan.epsilon255)
            facts.attacks.back() = resolve(attack.options, *plan.epsilon255);
    }
    for (const PlanDefense& defense : plan.defenses) {
        const DefenseRequest& stages = defense.defense;
        const bool plain = stages.stages.empty() && !stages.dropout && !stages.batchStatistics;
        facts.networks.push_back(plain && !defense.external ? defense.model : std::string());
    }
    return facts;
}

void requirePlanName(const std::string& name, const std::string& place)
{
    requireSubmissionName(name, place);
}

} // namespace crossiter
