#include "core/report/DefenseReport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/classify/Labels.h"
#include "core/report/JsonValues.h"
#include "core/report/TraceExport.h"

namespace crossiter {

namespace fs = std::filesystem;

namespace {

Json imageJson(const DefendedImage& image)
{
    Json json;
    json["image"] = image.image.filename().string();
    json["sha256"] = image.sha256.empty() ? Json(nullptr) : Json(image.sha256);
    json["error"] = image.error.empty() ? Json(nullptr) : Json(image.error);
    json["true_label"] = image.trueLabel.label ? Json(*image.trueLabel.label) : Json(nullptr);
    if (!image.error.empty())
        return json;
    const RankedLabel best = image.prediction.mean.top(1).at(0);
    json["label"] = best.label;
    json["name"] = labelName(best.label);
    json["probability"] = jsonNumber(best.probability);
    json["draws"] = image.prediction.drawTop1.size();
    json["true_top1"] =
        image.trueLabel.label ? proportionJson(image.prediction.trueTop1) : Json(nullptr);
    json["flip_rate"] = jsonNumber(image.prediction.flipRate);
    return json;
}

std::string csvText(const DefendReport& report)
{
    std::string text;
    for (const DefendedImage& image : report.images) {
        if (image.error.empty())
            text += csvField(image.image.filename().string()) + ","
                + std::to_string(image.prediction.mean.top1()) + "\n";
    }
    return text;
}

} // namespace

std::vector<fs::path> writeDefense(const fs::path& csv, const DefendRequest& request,
    const DefendReport& report, const Provenance& origin)
{
    Json json;
    json["version"] = origin.version;
    json["request"] = { { "model", request.models.front() },
        { "defense", defenseText(request.defense) }, { "samples", request.defense.samples },
        { "seed", request.defense.seed } };
    addCompute(json["request"], request.compute);
    json["provenance"] = provenanceJson(origin);
    json["right"] = report.right.total > 0 ? proportionJson(report.right) : Json(nullptr);
    json["images"] = Json::array();
    for (const DefendedImage& image : report.images)
        json["images"].push_back(imageJson(image));
    const fs::path beside = provenanceBeside(csv);
    writeFileAtomically(csv, csvText(report));
    writeFileAtomically(beside, jsonText(json));
    return { csv, beside };
}

} // namespace crossiter
