#include "core/batch/MatrixProvenance.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/TournamentFolders.h"
#include "core/batch/TournamentReport.h"
#include "core/report/JsonValues.h"
#include "core/report/TraceExport.h"

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// What the finished run says of itself; nulls where nothing is finished.
Json runJson(const TournamentSnapshot& snapshot)
{
    Json run;
    for (const char* key : { "version", "device", "weights_sha256" })
        run[key] = nullptr;
    const fs::path path = snapshot.folder / "report.json";
    std::error_code fault;
    if (!snapshot.complete || !fs::exists(path, fault)) // the report comes last
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

fs::path writeMatrixProvenance(const fs::path& figure, const TournamentSnapshot& snapshot,
    const std::string& matrix, const std::string& version)
{
    Json json;
    json["version"] = version;
    json["tournament"] = snapshot.folder.filename().string();
    json["matrix"] = matrix;
    json["complete"] = snapshot.complete;
    addPlan(json, snapshot.plan, sha256File(TournamentFolders(snapshot.folder).plan()));
    json["images"] = snapshot.images.size();
    json["adversarial_images"] = snapshot.outcome.examples.size();
    json["run"] = runJson(snapshot);
    fs::path beside = provenanceOfFigure(figure);
    writeFileAtomically(beside, jsonText(json));
    return beside;
}

} // namespace crossiter
