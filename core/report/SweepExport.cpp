#include "core/report/SweepExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/image/Codec.h"
#include "core/report/ColourMap.h"
#include "core/report/SweepCsv.h"

#include <algorithm>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr int kWantedWidth = 640; ///< pixels, roughly
constexpr int kWantedHeight = 320;
constexpr int kMostOfCell = 32;

std::string place(const SweepResult& result, const SweepCell& cell)
{
    return std::to_string(cell.subStep) + "," + std::to_string(cell.size) + ","
        + result.request.models.at(static_cast<std::size_t>(cell.model));
}

int cellSide(int wanted, std::size_t cells)
{
    return std::clamp(wanted / std::max(1, static_cast<int>(cells)), 1, kMostOfCell);
}

Json labelJson(const std::optional<int>& label)
{
    return label ? Json(*label) : Json(nullptr);
}

} // namespace

std::string sweepDrawsCsv(const SweepResult& result)
{
    std::string text = "substep,size,model,hits,draws,share,low,high,flip_rate\n";
    const std::string draws = std::to_string(result.request.defense.samples);
    for (const SweepCell& cell : result.cells) {
        const Proportion& hits = cell.trueTop1;
        const std::string known = std::to_string(hits.hits) + "," + draws + ","
            + numberText(hits.share) + "," + numberText(hits.low) + "," + numberText(hits.high);
        text += place(result, cell) + "," + (hits.total > 0 ? known : "," + draws + ",,,") + ","
            + numberText(cell.flipRate) + "\n";
    }
    return text;
}

Image sweepHeatMap(const SweepResult& result, int model)
{
    const SweepRequest& request = result.request;
    const int width = cellSide(kWantedWidth, request.sizes.size());
    const int height = cellSide(kWantedHeight, request.subSteps.size());
    Image picture(width * static_cast<int>(request.sizes.size()),
        height * static_cast<int>(request.subSteps.size()));
    std::ranges::fill(picture.rgb, std::uint8_t { 255 });
    for (std::size_t row = 0; row < request.subSteps.size(); ++row) {
        for (std::size_t column = 0; column < request.sizes.size(); ++column) {
            const SweepCell* cell =
                result.cell(request.subSteps[row], request.sizes[column], model);
            if (cell == nullptr)
                continue;
            const auto colour =
                heatColour(request.trueLabel ? cell->trueProbability : cell->probability);
            for (int y = 0; y < height; ++y) {
                for (int x = 0; x < width; ++x) {
                    const std::size_t at = picture.offset(
                        static_cast<int>(column) * width + x, static_cast<int>(row) * height + y);
                    std::ranges::copy(
                        colour, picture.rgb.begin() + static_cast<std::ptrdiff_t>(at));
                }
            }
        }
    }
    return picture;
}

Json sweepRequestJson(const SweepRequest& request)
{
    Json json;
    json["model"] = request.models;
    json["sizes"] = request.sizes;
    json["substeps"] = request.subSteps;
    json["defense"] = defenseText(request.defense);
    json["samples"] = request.defense.samples;
    json["seed"] = request.defense.seed;
    json["label"] = labelJson(request.trueLabel);
    json["target"] = labelJson(request.target);
    addCompute(json, request.compute);
    return json;
}

std::vector<fs::path> writeSweep(const fs::path& directory, const SweepResult& result,
    const std::string& image, const Provenance& provenance, const AttackRequest* attack)
{
    std::vector<fs::path> written;
    const auto write = [&](const std::string& name, const std::string& text) {
        written.push_back(directory / name);
        writeFileAtomically(written.back(), text);
    };
    const SweepRequest& request = result.request;
    written.push_back(directory / "sweep.csv");
    writeSweepCsv(written.back(), result);
    if (request.defense.random())
        write("sweep.draws.csv", sweepDrawsCsv(result));
    Json pictures = Json::object();
    for (std::size_t model = 0; model < request.models.size(); ++model) {
        const std::string name = "sweep." + request.models[model] + ".png";
        const Image picture = sweepHeatMap(result, static_cast<int>(model));
        written.push_back(directory / name);
        writePng(written.back(), picture);
        pictures[request.models[model]] = { { "file", name }, { "width", picture.width },
            { "height", picture.height } };
    }
    const std::optional<int> best = result.bestSize();
    Json json;
    json["version"] = provenance.version;
    json["image"] = image;
    json["request"] = sweepRequestJson(request);
    json["attack"] = attack == nullptr ? Json(nullptr) : requestJson(*attack);
    json["provenance"] = provenanceJson(provenance);
    json["cancelled"] = result.cancelled;
    addSweepCounts(json, result);
    json["best_size"] = labelJson(best);
    json["heat_map"] = { { "x", "size" }, { "y", "sub-step, the first on top" },
        { "value",
            request.trueLabel ? "probability of the true label" : "probability of the top-1" },
        { "range", { 0.0, 1.0 } }, { "colours", { "#00204d", "#ffea46" } },
        { "missing", "#ffffff" } };
    json["heat_map"]["pictures"] = pictures;
    write("sweep.json", jsonText(json));
    return written;
}

} // namespace crossiter
