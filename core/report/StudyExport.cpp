#include "core/report/StudyExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Numbers.h"
#include "core/report/JsonValues.h"

namespace crossiter {

namespace {

/// ",hits,total,share,low,high"
std::string fields(const Proportion& p)
{
    // A share of nothing is none.
    return "," + std::to_string(p.hits) + "," + std::to_string(p.total) + ","
        + (p.total > 0 ? numberText(p.share) : std::string()) + "," + numberText(p.low) + ","
        + numberText(p.high);
}

std::string columns(const std::string& name)
{
    return "," + name + "_count," + name + "_of," + name + "," + name + "_low," + name + "_high";
}

Json proportion(const Proportion& p)
{
    Json json;
    json["count"] = p.hits;
    json["of"] = p.total;
    json["share"] = p.total > 0 ? jsonNumber(p.share) : Json(nullptr);
    json["low"] = jsonNumber(p.low);
    json["high"] = jsonNumber(p.high);
    return json;
}

template <typename T>
Json names(const std::vector<T>& values)
{
    Json json = Json::array();
    for (const T& value : values)
        json.push_back(toString(value));
    return json;
}

/// What every photo has of its own is no part of a study's request.
Json attackJson(const AttackRequest& attack, bool choosesRule)
{
    Json json = requestJson(attack);
    json.erase("label");
    json.erase("target");
    if (!choosesRule) {
        json.erase("label-rule");
        json.erase("projection");
    }
    return json;
}

Json variantJson(const StudyVariant& variant)
{
    Json json;
    json["rule"] = toString(variant.rule);
    json["projection"] = toString(variant.projection);
    json["order"] = toString(variant.order);
    return json;
}

Json cellJson(const StudyCell& cell, std::size_t round)
{
    Json json;
    json["round"] = round;
    json["accuracy"] = proportion(cell.right);
    json["accuracy_of_clean_right"] = proportion(cell.rightOfClean);
    json["score"] = cell.score;
    json["lost"] = proportion(cell.lost);
    json["returned"] = proportion(cell.returned);
    json["returned_of_clean_right"] = proportion(cell.returnedOfClean);
    json["returns_now"] = proportion(cell.returnsNow);
    json["returns_now_of_clean_right"] = proportion(cell.returnsNowOfClean);
    return json;
}

Json curveJson(const StudyResult& result, const StudyCurve& curve)
{
    Json json = variantJson(curve.variant);
    json["first_wrong_substep"] = curve.firstWrong;
    json["first_wrong_substep_of_right"] = curve.firstWrongOfRight;
    json["rounds"] = Json::array();
    for (std::size_t k = 0; k < curve.rounds.size(); ++k) {
        const StudyRound& round = curve.rounds[k];
        Json entry;
        entry["round"] = k;
        entry["wrong_label"] = proportion(round.wrongLabel);
        entry["wrong_label_of_right"] = proportion(round.wrongLabelOfRight);
        entry["mean_linf_float_px"] =
            result.done > 0 ? jsonNumber(round.meanDriftPx) : Json(nullptr);
        json["rounds"].push_back(std::move(entry));
    }
    json["judges"] = Json::object();
    for (std::size_t judge = 0; judge < curve.cells.size(); ++judge) {
        Json cells = Json::array();
        for (std::size_t k = 0; k < curve.cells[judge].size(); ++k)
            cells.push_back(cellJson(curve.cells[judge][k], k));
        json["judges"][result.request.attack.judges[judge]] = std::move(cells);
    }
    return json;
}

Json comparisonJson(const StudyResult& result, const StudyComparison& one)
{
    const auto side = [&](std::size_t curve, int round) {
        Json json = variantJson(result.curves.at(curve).variant);
        json["round"] = round;
        return json;
    };
    Json json;
    json["kind"] = one.kind;
    json["judge"] = result.request.attack.judges.at(one.judge);
    json["a"] = side(one.curveA, one.roundA);
    json["b"] = side(one.curveB, one.roundB);
    json["only_a"] = one.onlyA;
    json["only_b"] = one.onlyB;
    json["p"] = jsonNumber(one.p);
    return json;
}

Json headJson(const Provenance& provenance, std::size_t photos, std::size_t done,
    const std::vector<std::string>& failed, bool cancelled)
{
    Json json;
    json["version"] = provenance.version;
    json["provenance"] = provenanceJson(provenance);
    json["photos"] = photos;
    json["measured"] = done;
    json["failed"] = failed;
    json["cancelled"] = cancelled;
    return json;
}

/// What was studied, on which photos, with which weights.
Json studyHead(const StudyResult& result, const Provenance& provenance)
{
    Json json = headJson(provenance, result.photos, result.done, result.failed, result.cancelled);
    Json request;
    request["rules"] = names(result.request.rules);
    request["projections"] = names(result.request.projections);
    request["orders"] = names(result.request.orders);
    request["attack"] = attackJson(result.request.attack, false);
    json["request"] = std::move(request);
    return json;
}

} // namespace

std::string studyCsv(const StudyResult& result)
{
    std::string text = "rule,projection,order,judge,held_out,round,score" + columns("accuracy")
        + columns("accuracy_of_clean_right") + columns("lost") + columns("returned")
        + columns("returned_of_clean_right") + columns("returns_now")
        + columns("returns_now_of_clean_right") + columns("wrong_label")
        + columns("wrong_label_of_right") + ",mean_linf_float_px\n";
    for (const StudyCurve& curve : result.curves) {
        for (std::size_t judge = 0; judge < curve.cells.size(); ++judge) {
            for (std::size_t k = 0; k < curve.cells[judge].size(); ++k) {
                const StudyCell& cell = curve.cells[judge][k];
                const StudyRound& round = curve.rounds[k];
                text += toString(curve.variant.rule) + "," + toString(curve.variant.projection)
                    + "," + toString(curve.variant.order) + ","
                    + csvField(result.request.attack.judges[judge]) + ","
                    + (result.heldOut(judge) ? "true," : "false,") + std::to_string(k) + ","
                    + std::to_string(cell.score) + fields(cell.right) + fields(cell.rightOfClean)
                    + fields(cell.lost) + fields(cell.returned) + fields(cell.returnedOfClean)
                    + fields(cell.returnsNow) + fields(cell.returnsNowOfClean)
                    + fields(round.wrongLabel) + fields(round.wrongLabelOfRight) + ","
                    + (result.done > 0 ? numberText(round.meanDriftPx) : std::string()) + "\n";
            }
        }
    }
    return text;
}

std::string studyJson(const StudyResult& result, const Provenance& provenance)
{
    Json json = studyHead(result, provenance);
    json["right_on_all_sources_when_clean"] = result.rightOnAllSources;
    Json work;
    work["gradients"] = result.work.gradients;
    work["gradients_reused"] = result.work.gradientsReused;
    work["predictions"] = result.work.predictions;
    work["predictions_reused"] = result.work.predictionsReused;
    json["work"] = std::move(work);
    json["verdicts"] = Json::array();
    for (const StudyVerdict& verdict : result.verdicts) {
        Json entry;
        entry["id"] = verdict.id;
        entry["claim"] = verdict.claim;
        entry["finding"] = verdict.finding;
        entry["for"] = verdict.supporting;
        entry["against"] = verdict.against;
        entry["open"] = verdict.open;
        json["verdicts"].push_back(std::move(entry));
    }
    json["curves"] = Json::array();
    for (const StudyCurve& curve : result.curves)
        json["curves"].push_back(curveJson(result, curve));
    json["comparisons"] = Json::array();
    for (const StudyComparison& one : result.comparisons)
        json["comparisons"].push_back(comparisonJson(result, one));
    return jsonText(json);
}

std::vector<std::filesystem::path> writeStudy(
    const std::filesystem::path& folder, const StudyResult& result, const Provenance& provenance)
{
    std::vector<std::filesystem::path> paths { folder / "study.csv", folder / "study.html",
        folder / "study.json" };
    writeFileAtomically(paths[0], studyCsv(result));
    writeFileAtomically(paths[1], studyHtml(result, provenance));
    writeFileAtomically(paths[2], studyJson(result, provenance));
    return paths;
}

std::filesystem::path writeStudyFigureProvenance(
    const std::filesystem::path& figure, const StudyResult& result, const Provenance& provenance)
{
    std::filesystem::path beside = provenanceOfFigure(figure);
    writeFileAtomically(beside, jsonText(studyHead(result, provenance)));
    return beside;
}

std::string numericsCsv(const NumericsResult& result)
{
    const auto& judges = result.request.attack.judges;
    std::string text = "what,numerics,other,judge,substep,round,mean_equal_pixels,"
                       "least_equal_pixels,count,of,share,low,high,p\n";
    for (const NumericsPair& pair : result.pairs) {
        const std::string both = toString(pair.a) + "," + toString(pair.b) + ",";
        for (std::size_t s = 0; s < pair.subSteps.size(); ++s) {
            const NumericsAgreement& one = pair.subSteps[s];
            const std::string at = std::to_string(s) + ",,";
            text += "same_picture," + both + "," + at
                + (result.done > 0
                        ? numberText(one.meanEqualPixels) + "," + numberText(one.leastEqualPixels)
                        : std::string(","))
                + fields(one.samePicture) + ",\n";
            text +=
                "same_attacked_label," + both + "," + at + "," + fields(one.sameAttacked) + ",\n";
            for (std::size_t judge = 0; judge < judges.size(); ++judge)
                text += "same_top1," + both + csvField(judges[judge]) + "," + at + ","
                    + fields(one.sameTop1[judge]) + ",\n";
        }
        for (std::size_t judge = 0; judge < judges.size(); ++judge) {
            for (const StudyComparison& one : pair.accuracy[judge])
                text += "accuracy_differs," + both + csvField(judges[judge]) + ",,"
                    + std::to_string(one.roundA) + ",,"
                    + fields(wilson(one.onlyA + one.onlyB, result.done)) + "," + numberText(one.p)
                    + "\n";
        }
    }
    for (const NumericsAccuracy& accuracy : result.accuracy) {
        for (std::size_t judge = 0; judge < judges.size(); ++judge) {
            for (std::size_t k = 0; k < accuracy.right[judge].size(); ++k)
                text += "accuracy," + toString(accuracy.numerics) + ",," + csvField(judges[judge])
                    + ",," + std::to_string(k) + ",," + fields(accuracy.right[judge][k]) + ",\n";
        }
    }
    return text;
}

std::string numericsJson(const NumericsResult& result, const Provenance& provenance)
{
    const auto& judges = result.request.attack.judges;
    Json json = headJson(provenance, result.photos, result.done, result.failed, result.cancelled);
    json["request"] = attackJson(result.request.attack, true);
    json["request"].erase("numerics");
    json["pairs"] = Json::array();
    for (const NumericsPair& pair : result.pairs) {
        Json entry;
        entry["numerics"] = { toString(pair.a), toString(pair.b) };
        entry["substeps"] = Json::array();
        for (std::size_t s = 0; s < pair.subSteps.size(); ++s) {
            const NumericsAgreement& one = pair.subSteps[s];
            Json row;
            row["substep"] = s;
            const bool any = result.done > 0;
            row["mean_equal_pixels"] = any ? jsonNumber(one.meanEqualPixels) : Json(nullptr);
            row["least_equal_pixels"] = any ? jsonNumber(one.leastEqualPixels) : Json(nullptr);
            row["same_picture"] = proportion(one.samePicture);
            row["same_attacked_label"] = proportion(one.sameAttacked);
            row["same_top1"] = Json::object();
            for (std::size_t judge = 0; judge < judges.size(); ++judge)
                row["same_top1"][judges[judge]] = proportion(one.sameTop1[judge]);
            entry["substeps"].push_back(std::move(row));
        }
        entry["accuracy"] = Json::object();
        for (std::size_t judge = 0; judge < judges.size(); ++judge) {
            Json rounds = Json::array();
            for (const StudyComparison& one : pair.accuracy[judge]) {
                Json row;
                row["round"] = one.roundA;
                row["only_a"] = one.onlyA;
                row["only_b"] = one.onlyB;
                row["p"] = jsonNumber(one.p);
                rounds.push_back(std::move(row));
            }
            entry["accuracy"][judges[judge]] = std::move(rounds);
        }
        json["pairs"].push_back(std::move(entry));
    }
    json["accuracy"] = Json::object();
    for (const NumericsAccuracy& accuracy : result.accuracy) {
        Json entry = Json::object();
        for (std::size_t judge = 0; judge < judges.size(); ++judge) {
            Json rounds = Json::array();
            for (const Proportion& right : accuracy.right[judge])
                rounds.push_back(proportion(right));
            entry[judges[judge]] = std::move(rounds);
        }
        json["accuracy"][toString(accuracy.numerics)] = std::move(entry);
    }
    return jsonText(json);
}

std::vector<std::filesystem::path> writeNumerics(
    const std::filesystem::path& folder, const NumericsResult& result, const Provenance& provenance)
{
    std::vector<std::filesystem::path> paths { folder / "numerics.csv", folder / "numerics.json" };
    writeFileAtomically(paths[0], numericsCsv(result));
    writeFileAtomically(paths[1], numericsJson(result, provenance));
    return paths;
}

} // namespace crossiter
