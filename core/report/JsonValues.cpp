#include "core/report/JsonValues.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

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

Json proportionJson(const Proportion& share)
{
    Json json;
    json["hits"] = share.hits;
    json["total"] = share.total;
    json["share"] = jsonNumber(share.share);
    json["low"] = jsonNumber(share.low);
    json["high"] = jsonNumber(share.high);
    return json;
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

Json fieldJson(const FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
                return nullptr;
            else
                return held;
        },
        value);
}

FieldValue fieldOfJson(const AttackField& field, const Json& json)
{
    const auto fail = [&](const std::string& expected) {
        throw Error(ErrorKind::BadInput, "wrong value", field.key, expected, shownJson(json));
    };
    switch (field.kind) {
    case FieldKind::Whole:
    case FieldKind::Label:
        if (const auto whole = wholeOf(
                json, static_cast<std::int64_t>(field.low), static_cast<std::int64_t>(field.high)))
            return *whole;
        fail("a whole number " + shortestText(field.low) + ".." + shortestText(field.high));
        break;
    case FieldKind::Number: {
        const double number = json.is_number() ? json.get<double>() : std::nan("");
        if (!(number >= field.low && number <= field.high)) // NaN compares false
            fail("a number " + shownJson(field.low) + ".." + shownJson(field.high));
        return number;
    }
    case FieldKind::Flag:
        if (!json.is_boolean())
            fail("true or false");
        return json.get<bool>();
    case FieldKind::Seed:
        if (!json.is_number_unsigned())
            fail("a whole number from 0");
        return json.get<std::uint64_t>();
    case FieldKind::Choice:
    case FieldKind::Defense: {
        if (!json.is_string())
            fail("a text");
        std::string text = json.get<std::string>();
        if (text.empty() || text.find('\0') != std::string::npos)
            fail("a text that is not empty");
        return field.parse(text);
    }
    case FieldKind::Ids:
        if (!json.is_array() || !std::all_of(json.begin(), json.end(), [](const Json& id) {
                return id.is_string();
            }))
            fail("a list of ids");
        return json.get<std::vector<std::string>>();
    }
    return {};
}

Json requestJson(const AttackRequest& request)
{
    Json json;
    for (const AttackField* field : attackFields(FieldFormat::Trace)) {
        const FieldValue value = field->valueOf(request);
        if (field->key == std::string("seed"))
            json["label"] = labelOrNull(request.trueLabel); // no choice, but what is known
        if (field->kind == FieldKind::Defense)
            json[field->key] = textOrNull(std::get<std::string>(value));
        else if (field->nineDigits)
            json[field->key] = jsonNumber(std::get<double>(value));
        else
            json[field->key] = fieldJson(value);
    }
    addCompute(json, request.compute);
    return json;
}

void addCompute(Json& json, const Compute& compute)
{
    json["numerics"] = toString(compute.numerics);
    json["threads"] = compute.threads;
    json["device"] = toString(compute.device);
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
        table["read_as"] = textOrNull(match.readAs);
        table["skipped_lines"] = match.skippedLines;
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
    for (const OtherFile& other : provenance.otherFiles) {
        Json file;
        file["file"] = other.file;
        file["sha256"] = other.sha256;
        json["made_elsewhere_files"].push_back(std::move(file));
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
