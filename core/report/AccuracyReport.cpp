#include "core/report/AccuracyReport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Numbers.h"
#include "core/report/JsonValues.h"
#include "core/report/SweepExport.h"

#include <map>

namespace crossiter {

namespace fs = std::filesystem;

std::optional<int> FolderSweepReport::bestSize(int model) const
{
    struct Sum
    {
        std::size_t right = 0;
        double probability = 0.0;
    };
    std::map<int, Sum> sums;
    for (const SizeAccuracy& row : rows) {
        if (model >= 0 && row.model != model)
            continue;
        sums[row.size].right += row.right.hits;
        sums[row.size].probability += row.meanTrueProbability;
    }
    std::optional<int> best;
    Sum highest;
    for (const auto& [size, sum] : sums) {
        const bool better = !best || sum.right > highest.right
            || (sum.right == highest.right && sum.probability >= highest.probability);
        if (images > 0 && better) {
            highest = sum;
            best = size;
        }
    }
    return best;
}

std::string accuracyCsv(const FolderSweepReport& report)
{
    std::string text = "size,model,right,total,share,low,high,mean_true_probability\n";
    for (const SizeAccuracy& row : report.rows) {
        text += std::to_string(row.size) + ","
            + report.request.models.at(static_cast<std::size_t>(row.model)) + ","
            + std::to_string(row.right.hits) + "," + std::to_string(row.right.total) + ","
            + numberText(row.right.share) + "," + numberText(row.right.low) + ","
            + numberText(row.right.high) + "," + numberText(row.meanTrueProbability) + "\n";
    }
    return text;
}

std::vector<fs::path> writeAccuracy(
    const fs::path& directory, const FolderSweepReport& report, const Provenance& origin)
{
    const SweepRequest& request = report.request;
    const auto sizeOrNull = [](const std::optional<int>& size) {
        return size ? Json(*size) : Json(nullptr);
    };
    Json json;
    json["version"] = origin.version;
    json["request"] = sweepRequestJson(request);
    json["provenance"] = provenanceJson(origin);
    json["images"] = report.images;
    json["unlabelled"] = report.unlabelled;
    json["errors"] = report.errors;
    json["best_size"] = sizeOrNull(report.bestSize());
    json["best_size_of"] = Json::object();
    for (std::size_t model = 0; model < request.models.size(); ++model)
        json["best_size_of"][request.models[model]] =
            sizeOrNull(report.bestSize(static_cast<int>(model)));
    std::vector<fs::path> written { directory / "accuracy.csv", directory / "accuracy.json" };
    writeFileAtomically(written[0], accuracyCsv(report));
    writeFileAtomically(written[1], jsonText(json));
    return written;
}

} // namespace crossiter
