#include "core/report/TraceExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "core/image/Codec.h"
#include "core/report/JsonValues.h"
#include "core/report/NpyWriter.h"

#include <string_view>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr int kTopOfJudge = 10;

std::string fileOf(const std::string& stem, int subStep, std::string_view ending)
{
    return stem + ".sub-step-" + std::to_string(subStep) + std::string(ending);
}

Json judgesJson(const SubStep& subStep)
{
    Json judges = Json::object();
    for (const Prediction& prediction : subStep.judges)
        judges[prediction.model] = topJson(prediction, kTopOfJudge);
    return judges;
}

Json subStepJson(const SubStep& subStep, const std::string& stem, const TraceExportOptions& options)
{
    const bool stepped = !subStep.source.empty();
    const bool labelled = subStep.attackedLabel >= 0;
    const auto ofStep = [stepped](
                            double value) { return stepped ? jsonNumber(value) : Json(nullptr); };
    Json json;
    json["substep"] = subStep.index;
    json["round"] = subStep.round;
    json["source"] = stepped ? Json(subStep.source) : Json(nullptr);
    json["label"] = labelled ? Json(subStep.attackedLabel) : Json(nullptr);
    json["label_name"] = labelled ? Json(labelName(subStep.attackedLabel)) : Json(nullptr);
    json["descends"] = subStep.descends;
    json["loss"] = ofStep(subStep.loss);
    json["gradient_linf"] = ofStep(subStep.gradientLinf);
    json["gradient_l1"] = ofStep(subStep.gradientL1);
    json["gradient_l2"] = ofStep(subStep.gradientL2);
    json["gradient_zero_share"] = ofStep(subStep.zeroGradientShare);
    json["gradient_variance"] =
        subStep.gradientVariance >= 0.0 ? jsonNumber(subStep.gradientVariance) : Json(nullptr);
    json["linf_float_px"] = jsonNumber(subStep.linfFloatPx);
    json["linf_exported"] = subStep.linfExported;
    json["exported"] = options.pictures ? Json(fileOf(stem, subStep.index, ".png")) : Json(nullptr);
    json["floats"] = options.floats && subStep.floats ? Json(fileOf(stem, subStep.index, ".npy"))
                                                      : Json(nullptr);
    json["judges"] = judgesJson(subStep);
    return json;
}

Json headJson(const AttackTrace& trace, const std::string& imageName, const Provenance& provenance)
{
    const std::optional<int>& label = trace.request.trueLabel;
    Json json;
    json["version"] = provenance.version;
    json["image"] = imageName;
    json["true_label"] = label ? Json(*label) : Json(nullptr);
    json["true_label_name"] = label ? Json(labelName(*label)) : Json(nullptr);
    json["request"] = requestJson(trace.request);
    json["provenance"] = provenanceJson(provenance);
    json["cancelled"] = trace.cancelled;
    json["notes"] = trace.notes;
    return json;
}

std::string traceText(const AttackTrace& trace, const std::string& imageName,
    const Provenance& provenance, const std::string& stem, const TraceExportOptions& options)
{
    Json json = headJson(trace, imageName, provenance);
    json["substeps"] = Json::array();
    for (const auto& subStep : trace.subSteps)
        json["substeps"].push_back(subStepJson(*subStep, stem, options));
    return jsonText(json);
}

void makeFolder(const fs::path& folder)
{
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault)
        throw Error(
            ErrorKind::BadInput, "cannot create the folder", folder.string(), {}, fault.message());
}

} // namespace

std::string traceJson(const AttackTrace& trace, const std::string& imageName,
    const Provenance& provenance, const std::string& stem)
{
    return traceText(trace, imageName, provenance, stem, {});
}

std::vector<fs::path> writeTrace(const fs::path& directory, const std::string& stem,
    const AttackTrace& trace, const Provenance& provenance, const TraceExportOptions& options)
{
    const std::string& name = provenance.inputName.empty() ? stem : provenance.inputName;
    makeFolder(directory);
    std::vector<fs::path> written;
    for (const auto& subStep : trace.subSteps) {
        if (options.pictures) {
            written.push_back(directory / fileOf(stem, subStep->index, ".png"));
            writePng(written.back(), subStep->exported);
        }
        if (options.floats && subStep->floats) {
            written.push_back(directory / fileOf(stem, subStep->index, ".npy"));
            writeFileAtomically(written.back(), encodeNpy(*subStep->floats));
        }
    }
    // Last: whoever finds the JSON finds every file that it names.
    written.push_back(directory / (stem + ".trace.json"));
    writeFileAtomically(written.back(), traceText(trace, name, provenance, stem, options));
    return written;
}

std::vector<fs::path> writeResult(
    const fs::path& png, const AttackTrace& trace, const Provenance& provenance)
{
    if (png.has_parent_path())
        makeFolder(png.parent_path());
    const fs::path beside = png.parent_path() / (png.stem().string() + ".provenance.json");
    const std::string name =
        provenance.inputName.empty() ? png.stem().string() : provenance.inputName;
    Json json = headJson(trace, name, provenance);
    json["exported"] = png.filename().string();
    json["substep"] = trace.last().index;
    json["linf_exported"] = trace.last().linfExported;
    json["judges"] = judgesJson(trace.last());
    writePng(png, trace.last().exported);
    writeFileAtomically(beside, jsonText(json));
    return { png, beside };
}

} // namespace crossiter
