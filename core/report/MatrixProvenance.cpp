#include "core/report/MatrixProvenance.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/JsonKinds.h"
#include "core/report/JsonValues.h"
#include "core/report/TournamentReport.h"
#include "core/report/TraceExport.h"

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// What the finished run says of itself; nulls where nothing is finished.
Json runJson(const MatrixSource& source)
{
    Json run;
    for (const char* key : { "version", "device", "weights_sha256" })
        run[key] = nullptr;
    const fs::path path = source.folder / "report.json";
    std::error_code fault;
    if (!source.complete || !fs::exists(path, fault)) // the report comes last
        return run;
    const Json report = readJsonFile(path, kReportJson);
    for (auto& [key, value] : run.items()) {
        if (!report.is_object() || !report.contains(key))
            throw Error(ErrorKind::BadInput, "not a tournament's report", path.string(),
                "JSON with \"" + key + "\"");
        value = report.at(key);
    }
    return run;
}

} // namespace

fs::path writeMatrixProvenance(const fs::path& figure, const MatrixSource& source,
    const std::string& matrix, const std::string& version)
{
    Json json;
    json["version"] = version;
    json["tournament"] = source.folder.filename().string();
    json["matrix"] = matrix;
    json["complete"] = source.complete;
    addPlan(json, source.facts);
    json["images"] = source.images;
    json["adversarial_images"] = source.adversarialImages;
    json["run"] = runJson(source);
    fs::path beside = provenanceOfFigure(figure);
    writeFileAtomically(beside, jsonText(json));
    return beside;
}

} // namespace crossiter
