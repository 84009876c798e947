#include "core/report/TraceExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/TimeLeft.h"
#include "core/classify/Labels.h"
#include "core/image/Codec.h"
#include "core/report/JsonValues.h"
#include "core/report/NpyWriter.h"

#include <string_view>
#include <system_error>
#include <utility>

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
    if (!subStep.other.name.empty())
        json["made_elsewhere"] = subStep.other.name;
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

/// Files that belong together: unless all of them are there, none stays.
class WrittenFiles
{
public:
    WrittenFiles() = default;
    ~WrittenFiles()
    {
        std::error_code ignored; // what cannot be removed stays; no JSON names it
        for (const fs::path& path : m_paths)
            fs::remove(path, ignored);
    }
    WrittenFiles(const WrittenFiles&) = delete;
    WrittenFiles& operator=(const WrittenFiles&) = delete;
    WrittenFiles(WrittenFiles&&) = delete;
    WrittenFiles& operator=(WrittenFiles&&) = delete;

    void add(fs::path path) { m_paths.push_back(std::move(path)); }
    [[nodiscard]] std::vector<fs::path> keep() { return std::exchange(m_paths, {}); }

private:
    std::vector<fs::path> m_paths;
};

/// How far the writing of a trace is, with the time that it still takes.
class WritingProgress
{
public:
    WritingProgress(const ProgressSink& sink, std::size_t total)
        : m_sink(sink)
        , m_total(total)
    {
    }

    void report(std::size_t done, const std::string& stage) const
    {
        if (!m_sink)
            return;
        m_sink({ stage, done, m_total, secondsLeft(m_clock.seconds(), done, m_total - done) });
    }

private:
    const ProgressSink& m_sink;
    std::size_t m_total;
    Stopwatch m_clock;
};

void removeFile(const fs::path& path)
{
    std::error_code fault;
    fs::remove(path, fault);
    if (fault)
        throw Error(
            ErrorKind::BadInput, "cannot replace the file", path.string(), {}, fault.message());
}

/// The trace's head; the image goes by its file's name, else by the picture's.
Json headBeside(const fs::path& picture, const AttackTrace& trace, const Provenance& provenance)
{
    const std::string name =
        provenance.inputName.empty() ? picture.stem().string() : provenance.inputName;
    return headJson(trace, name, provenance);
}

/// What the trace's last sub-step came to.
void addOutcome(Json& json, const AttackTrace& trace)
{
    json["substep"] = trace.last().index;
    json["linf_exported"] = trace.last().linfExported;
    json["judges"] = judgesJson(trace.last());
}

Json viewJson(const fs::path& picture, const AttackTrace& trace, const Provenance& provenance,
    const std::string& defense)
{
    Json json = headBeside(picture, trace, provenance);
    if (!defense.empty())
        json["defense"] = defense;
    addOutcome(json, trace);
    return json;
}

} // namespace

std::vector<fs::path> writeTrace(const fs::path& directory, const std::string& stem,
    const AttackTrace& trace, const Provenance& provenance, const TraceExportOptions& options,
    const ProgressSink& progress, const std::stop_token& stop)
{
    const std::string& name = provenance.inputName.empty() ? stem : provenance.inputName;
    makeFolder(directory);
    const fs::path json = directory / (stem + ".trace.json");
    const std::size_t total = trace.subSteps.size();
    const WritingProgress writing(progress, total);
    WrittenFiles written;
    // A file counts as ours only once it is there: one that could not be replaced stays as it was.
    const auto add = [&](const SubStep& subStep, std::string_view ending, const auto& write) {
        const fs::path path = directory / fileOf(stem, subStep.index, ending);
        write(path);
        written.add(path);
    };
    for (std::size_t i = 0; i < total; ++i) {
        if (stop.stop_requested())
            return {};
        writing.report(
            i, "writing sub-step " + std::to_string(i) + " of " + std::to_string(total - 1));
        if (i == 0)
            removeFile(json); // an older trace's, whose pictures are about to be replaced
        const SubStep& subStep = *trace.subSteps[i];
        if (options.pictures)
            add(subStep, ".png", [&](const fs::path& path) { writePng(path, subStep.exported); });
        if (options.floats && subStep.floats)
            add(subStep, ".npy", [&](const fs::path& path) {
                writeFileAtomically(path, encodeNpy(*subStep.floats));
            });
    }
    if (stop.stop_requested())
        return {};
    // Last: whoever finds the JSON finds every file that it names.
    writeFileAtomically(json, traceText(trace, name, provenance, stem, options));
    written.add(json);
    writing.report(total, "trace written");
    return written.keep();
}

std::optional<std::string> stemOfTraceFile(const std::string& name, int last)
{
    constexpr std::string_view kJson = ".trace.json";
    constexpr std::string_view kSubStep = ".sub-step-";
    if (name.ends_with(kJson))
        return name.substr(0, name.size() - kJson.size());
    if (!name.ends_with(".png") && !name.ends_with(".npy"))
        return std::nullopt;
    const std::size_t at = name.rfind(kSubStep);
    if (at == std::string::npos)
        return std::nullopt;
    const std::size_t begin = at + kSubStep.size();
    const std::size_t end = name.size() - 4;
    const auto subStep =
        parseNumber<int>(std::string_view(name).substr(begin, end - std::min(begin, end)));
    if (!subStep || *subStep < 0 || *subStep > last)
        return std::nullopt;
    return name.substr(0, at);
}

std::vector<fs::path> writeResult(
    const fs::path& png, const AttackTrace& trace, const Provenance& provenance)
{
    if (png.has_parent_path())
        makeFolder(png.parent_path());
    const fs::path beside = provenanceBeside(png);
    Json json = headBeside(png, trace, provenance);
    json["exported"] = png.filename().string();
    addOutcome(json, trace);
    writePng(png, trace.last().exported);
    writeFileAtomically(beside, jsonText(json));
    return { png, beside };
}

fs::path provenanceBeside(const fs::path& picture)
{
    return picture.parent_path() / (picture.stem().string() + ".provenance.json");
}

fs::path provenanceOfFigure(const fs::path& file)
{
    return file.extension() == ".csv"
        ? provenanceBeside(file)
        : file.parent_path() / (file.filename().string() + ".provenance.json");
}

fs::path writeViewProvenance(const fs::path& picture, const AttackTrace& trace,
    const Provenance& provenance, const std::string& defense, const SweepResult* sweep)
{
    fs::path beside = provenanceOfFigure(picture);
    Json json = viewJson(picture, trace, provenance, defense);
    if (sweep != nullptr)
        addSweepCounts(json, *sweep);
    writeFileAtomically(beside, jsonText(json));
    return beside;
}

fs::path writeComparisonProvenance(const fs::path& picture,
    const std::vector<std::shared_ptr<const AttackTrace>>& traces,
    const std::function<Provenance(const AttackTrace&)>& originOf)
{
    fs::path beside = provenanceOfFigure(picture);
    Json json;
    json["traces"] = Json::array();
    for (const auto& trace : traces)
        json["traces"].push_back(viewJson(picture, *trace, originOf(*trace), {}));
    writeFileAtomically(beside, jsonText(json));
    return beside;
}

} // namespace crossiter
