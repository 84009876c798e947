#include "core/report/JsonValues.h"

#include "core/attack/AttackExtras.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"

#include <cmath>

namespace crossiter {

namespace {

Json labelOrNull(const std::optional<int>& label)
{
    return label ? Json(*label) : Json(nullptr);
}

Json textOrNull(const std::string& text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

} // namespace

void addSweepCounts(Json& json, const SweepResult& sweep)
{
    json["complete"] = sweep.complete();
    json["cells"] = sweep.cells.size();
    json["cells_planned"] = sweep.planned();
}

Json jsonNumber(double value)
{
    if (!std::isfinite(value))
        return nullptr;
    return parseNumber<double>(numberText(value)).value_or(value);
}

Json topJson(const Prediction& prediction, int count)
{
    Json ranked = Json::array();
    for (const RankedLabel& entry : prediction.top(count)) {
        Json row;
        row["label"] = entry.label;
        row["name"] = labelName(entry.label);
        row["probability"] = jsonNumber(entry.probability);
        ranked.push_back(std::move(row));
    }
    return ranked;
}

Json requestJson(const AttackRequest& request)
{
    Json json;
    json["method"] = toString(request.method);
    json["source"] = request.sources;
    json["judge"] = request.judges;
    json["epsilon"] = request.epsilon255;
    json["rounds"] = request.rounds;
    json["step"] = request.stepPx;
    json["projection"] = toString(request.projection);
    json["label-rule"] = toString(request.labelRule);
    json["save"] = toString(request.save);
    json["ensemble"] = toString(request.ensemble);
    json["momentum"] = jsonNumber(request.momentum);
    json["nesterov"] = request.nesterov;
    json["diversity"] = jsonNumber(request.diversity);
    json["translation"] = request.translation;
    json["scales"] = request.scales;
    json["through"] = textOrNull(request.through);
    json["through-draws"] = request.throughDraws;
    json["target"] = labelOrNull(request.target);
    json["label"] = labelOrNull(request.trueLabel);
    json["seed"] = request.seed;
    json["numerics"] = toString(request.numerics);
    json["threads"] = request.threads;
    json["device"] = toString(request.device);
    return json;
}

Json labelsJson(const LabelReport& labels)
{
    if (labels.empty())
        return nullptr;
    Json json;
    json["tables"] = Json::array();
    for (const LabelMatch& match : labels.tables) {
        Json table;
        table["table"] = match.table;
        table["images"] = match.images;
        table["images_met"] = match.imagesMet;
        table["rows"] = match.rows;
        table["rows_met"] = match.rowsMet;
        table["hint"] = textOrNull(match.hint);
        json["tables"].push_back(std::move(table));
    }
    json["suspicion"] = textOrNull(labels.suspicion);
    return json;
}

/// The rule, and of one picture what its profile was.
Json colourJson(const Provenance& provenance)
{
    Json json;
    json["rule"] = "srgb";
    if (provenance.profile) {
        const FoundProfile& profile = *provenance.profile;
        json["profile"] =
            profile.kind == FoundProfile::Kind::None ? Json(nullptr) : Json(profile.name);
        json["converted"] = profile.converted;
        json["ignored_because"] = textOrNull(profile.fault);
    }
    return json;
}

Json provenanceJson(const Provenance& provenance)
{
    Json json;
    json["version"] = provenance.version;
    json["library"] = provenance.library;
    json["input"] = textOrNull(provenance.inputName);
    json["input_sha256"] = textOrNull(provenance.inputSha256);
    if (!provenance.otherName.empty()) {
        json["made_elsewhere"] = provenance.otherName;
        json["made_elsewhere_sha256"] = textOrNull(provenance.otherSha256);
    }
    if (!provenance.size.empty())
        json["size"] = provenance.size;
    json["weights_sha256"] = Json::object();
    for (const auto& [id, hash] : provenance.weightsSha256)
        json["weights_sha256"][id] = textOrNull(hash);
    json["threads"] = provenance.threads;
    json["device"] = provenance.device;
    json["true_label_origin"] = textOrNull(provenance.trueLabelOrigin);
    if (!provenance.labels.empty())
        json["labels"] = labelsJson(provenance.labels);
    if (provenance.colour == ColourRule::Srgb)
        json["colour"] = colourJson(provenance);
    return json;
}

} // namespace crossiter
