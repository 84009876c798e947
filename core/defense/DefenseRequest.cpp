#include "core/defense/DefenseRequest.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"
#include "core/classify/ModelManifest.h"
#include "core/defense/DefenseSizes.h"
#include "core/image/Image.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace crossiter {

namespace {

constexpr std::size_t kMaxStages = 16;
constexpr std::size_t kMaxSizes = 8;
constexpr int kMaxSamples = 10'000;

constexpr const char* kItems =
    "resize=200, resize=250,200, resize-between, random-pad, jpeg=1..100, bits=1..8, median=3..15, "
    "purify=ID, dropout, dropout=KEEP, batch-statistics, samples=1..10000, seed=N, or a preset's "
    "name";

[[noreturn]] void outOfRange(
    const std::string& place, const std::string& range, const std::string& found)
{
    throw Error(ErrorKind::Usage, "value out of range", place, range, found);
}

void requireWhole(const std::string& place, int value, int low, int high, const char* unit = "")
{
    if (value < low || value > high)
        outOfRange(
            place, std::to_string(low) + ".." + std::to_string(high) + unit, std::to_string(value));
}

int wholeIn(
    const std::string& place, std::string_view text, int low, int high, const char* unit = "")
{
    const std::optional<int> value = parseNumber<int>(text);
    if (!value || *value < low || *value > high)
        outOfRange(place,
            "a whole number " + std::to_string(low) + ".." + std::to_string(high) + unit,
            "'" + std::string(text) + "'");
    return *value;
}

std::vector<std::string_view> split(std::string_view text, char mark)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(mark);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void checkStage(const DefenseStage& stage)
{
    const bool takesSizes = stage.kind == StageKind::Resize;
    if (!takesSizes && (!stage.sizes.empty() || stage.backBetween))
        throw Error(ErrorKind::Internal, "only a resize has sizes", "DefenseStage");
    switch (stage.kind) {
    case StageKind::Resize:
        if (stage.sizes.empty() || stage.sizes.size() > kMaxSizes)
            outOfRange("--resize", "1 to " + std::to_string(kMaxSizes) + " sizes",
                std::to_string(stage.sizes.size()));
        for (const int size : stage.sizes)
            requireWhole("--resize", size, 1, kImageSide, " pixels");
        return;
    case StageKind::RandomResizePad:
        return;
    case StageKind::Jpeg:
        requireWhole("--jpeg", stage.value, 1, 100);
        return;
    case StageKind::BitDepth:
        requireWhole("--bits", stage.value, 1, 8);
        return;
    case StageKind::Median:
        if (stage.value < 3 || stage.value > 15 || stage.value % 2 == 0)
            outOfRange("--median", "an odd number 3..15 pixels", std::to_string(stage.value));
        return;
    case StageKind::Purify:
        if (!isModelId(stage.model))
            throw Error(ErrorKind::Usage, "not a model id", "--purify", "[a-z0-9][a-z0-9._-]*",
                "'" + stage.model + "'");
        return;
    }
}

DefenseStage resizeStage(std::vector<int> sizes, bool backBetween = false)
{
    DefenseStage stage;
    stage.kind = StageKind::Resize;
    stage.sizes = std::move(sizes);
    stage.backBetween = backBetween;
    return stage;
}

DefenseStage stageOf(StageKind kind, int value = 0)
{
    DefenseStage stage;
    stage.kind = kind;
    stage.value = value;
    return stage;
}

const DefensePreset* findPreset(std::string_view name)
{
    for (const DefensePreset& preset : defensePresets()) {
        if (preset.name == name)
            return &preset;
    }
    return nullptr;
}

/// Every word that may begin an item, and the presets' names.
std::vector<std::string> knownItems()
{
    std::vector<std::string> names { "none", "resize", "resize-between", "random-pad", "jpeg",
        "bits", "median", "purify", "dropout", "batch-statistics", "samples", "seed" };
    for (const DefensePreset& preset : defensePresets())
        names.push_back(preset.name);
    return names;
}

/// Reads one item after the other into a request.
class Reader
{
public:
    void take(std::string_view item)
    {
        const std::size_t equals = item.find('=');
        const std::string name(trimmed(item.substr(0, equals)));
        const std::optional<std::string_view> value = equals == std::string_view::npos
            ? std::nullopt
            : std::optional(trimmed(item.substr(equals + 1)));
        if (!takeStage(name, value) && !takeSwitch(name, value))
            throw Error(ErrorKind::Usage, "unknown item of a defense", "defense", kItems,
                foundWord(name, knownItems()));
    }

    void start(const DefenseRequest& preset) { m_request = preset; }
    [[nodiscard]] const DefenseRequest& request() const { return m_request; }

private:
    static std::string_view wanted(
        const std::string& name, const std::optional<std::string_view>& value)
    {
        if (!value)
            throw Error(ErrorKind::Usage, "value missing", "defense", kItems, name);
        return *value;
    }

    static void none(const std::string& name, const std::optional<std::string_view>& value)
    {
        if (value)
            throw Error(ErrorKind::Usage, "this item takes no value", "defense", name,
                name + "=" + std::string(*value));
    }

    void once(const std::string& name)
    {
        if (!m_seen.insert(name).second)
            throw Error(ErrorKind::Usage, "item given twice", "defense", "each once", name);
    }

    bool takeStage(const std::string& name, const std::optional<std::string_view>& value)
    {
        auto& stages = m_request.stages;
        if (name == "resize") {
            stages.push_back(
                resizeStage(parseStageSizes("resize", std::string(wanted(name, value)))));
        } else if (name == "resize-between") {
            none(name, value);
            if (stages.empty() || stages.back().kind != StageKind::Resize
                || stages.back().backBetween)
                throw Error(ErrorKind::Usage, "nothing to resize between", "defense",
                    "resize-between once behind a resize", "none before it");
            stages.back().backBetween = true;
        } else if (name == "random-pad") {
            none(name, value);
            stages.push_back(stageOf(StageKind::RandomResizePad));
        } else if (name == "jpeg") {
            stages.push_back(stageOf(StageKind::Jpeg, wholeIn(name, wanted(name, value), 1, 100)));
        } else if (name == "bits") {
            stages.push_back(
                stageOf(StageKind::BitDepth, wholeIn(name, wanted(name, value), 1, 8)));
        } else if (name == "median") {
            stages.push_back(
                stageOf(StageKind::Median, wholeIn(name, wanted(name, value), 3, 15, ", odd")));
        } else if (name == "purify") {
            stages.push_back(stageOf(StageKind::Purify));
            stages.back().model = wanted(name, value);
        } else {
            return false;
        }
        return true;
    }

    bool takeSwitch(const std::string& name, const std::optional<std::string_view>& value)
    {
        if (name == "dropout") {
            m_request.dropout = true;
            if (value) {
                const std::optional<double> keep = parseNumber<double>(*value);
                if (!keep || !(*keep > 0.0 && *keep <= 1.0)) // NaN compares false
                    outOfRange("dropout", "a keep probability above 0, at most 1",
                        "'" + std::string(*value) + "'");
                m_request.keep = *keep;
            }
        } else if (name == "batch-statistics") {
            none(name, value);
            m_request.batchStatistics = true;
        } else if (name == "samples") {
            m_request.samples = wholeIn(name, wanted(name, value), 1, kMaxSamples);
        } else if (name == "seed") {
            const auto seed = parseNumber<std::uint64_t>(wanted(name, value));
            if (!seed)
                outOfRange("seed", "a whole number from 0", "'" + std::string(*value) + "'");
            m_request.seed = *seed;
        } else {
            return false;
        }
        once(name);
        return true;
    }

    DefenseRequest m_request;
    std::set<std::string> m_seen;
};

std::string stageText(const DefenseStage& stage)
{
    switch (stage.kind) {
    case StageKind::Resize: {
        std::string text = "resize=";
        for (std::size_t i = 0; i < stage.sizes.size(); ++i)
            text += (i == 0 ? "" : ",") + std::to_string(stage.sizes[i]);
        return text + (stage.backBetween ? ";resize-between" : "");
    }
    case StageKind::RandomResizePad:
        return "random-pad";
    case StageKind::Jpeg:
        return "jpeg=" + std::to_string(stage.value);
    case StageKind::BitDepth:
        return "bits=" + std::to_string(stage.value);
    case StageKind::Median:
        return "median=" + std::to_string(stage.value);
    case StageKind::Purify:
        return "purify=" + stage.model;
    }
    throw Error(ErrorKind::Internal, "stage without a name", "DefenseStage");
}

std::vector<DefensePreset> makePresets()
{
    std::vector<DefensePreset> presets;
    const auto seedRow = [&](const std::string& prefix, const std::string& model,
                             const std::string& size, std::vector<int> sizes) {
        DefensePreset preset;
        preset.name = prefix + size;
        preset.defense.stages = { resizeStage(std::move(sizes)) };
        preset.defense.dropout = true;
        preset.defense.batchStatistics = true;
        preset.model = model;
        if (size == "_250_200")
            preset.note = "The original of this row is in no published file: 299 -> 250 -> 200 -> "
                          "299 is taken; resize-between goes back to 299 between the two.";
        presets.push_back(std::move(preset));
    };
    for (const auto& [prefix, model] :
        { std::pair("ens_adv_inception_resnet_v2_DropOutFocus", "inception-resnet-v2-ens-adv"),
            std::pair("base_inception_model_drop_resize", "inception-v3") }) {
        seedRow(prefix, model, "_100", { 100 });
        seedRow(prefix, model, "_200", { 200 });
        seedRow(prefix, model, "_250", { 250 });
        seedRow(prefix, model, "_250_200", { 250, 200 });
    }
    const auto compared = [&](const char* name, DefenseStage stage, const char* note,
                              int samples = 1) {
        DefensePreset preset;
        preset.name = name;
        preset.defense.stages = { std::move(stage) };
        preset.defense.samples = samples;
        preset.note = note;
        presets.push_back(std::move(preset));
    };
    compared("resize_200", resizeStage({ 200 }), "The resize alone.");
    compared("random_resize_pad_30", stageOf(StageKind::RandomResizePad),
        "Xie et al. 2018 (arXiv:1711.01991) with 30 passes, without the entry's random flips and "
        "auxiliary head.",
        30);
    compared("jpeg_75", stageOf(StageKind::Jpeg, 75), "JPEG of quality 75.");
    compared("bit_depth_3", stageOf(StageKind::BitDepth, 3),
        "3 bits a channel: feature squeezing (Xu, Evans and Qi 2017, arXiv:1704.01155).");
    compared("median_3", stageOf(StageKind::Median, 3), "Median of 3 x 3 pixels: the same paper.");
    return presets;
}

} // namespace

bool DefenseRequest::random() const
{
    return dropout || std::any_of(stages.begin(), stages.end(), [](const DefenseStage& stage) {
        return stage.kind == StageKind::RandomResizePad;
    });
}

void checkDefense(const DefenseRequest& defense)
{
    if (defense.stages.size() > kMaxStages)
        outOfRange("defense", "at most " + std::to_string(kMaxStages) + " stages",
            std::to_string(defense.stages.size()));
    for (const DefenseStage& stage : defense.stages) {
        checkStage(stage);
        if (stage.kind == StageKind::RandomResizePad && &stage != &defense.stages.back())
            throw Error(ErrorKind::Usage, "a random resize and pad must be the last stage",
                "--random-pad", "no stage behind it: it makes pictures of 331 pixels",
                stageText(defense.stages.back()));
    }
    if (!defense.dropout && defense.keep != 0.0)
        throw Error(ErrorKind::Usage, "a keep probability without dropout", "--dropout",
            "dropout=" + shortestText(defense.keep), "no dropout");
    if (defense.keep != 0.0 && !(defense.keep > 0.0 && defense.keep <= 1.0)) // NaN compares false
        outOfRange(
            "--dropout", "a keep probability above 0, at most 1", shortestText(defense.keep));
    requireWhole("--samples", defense.samples, 1, kMaxSamples, " draws");
}

DefenseRequest parseDefense(const std::string& text)
{
    Reader reader;
    const std::string_view whole = trimmed(text);
    if (whole.empty() || whole == "none")
        return {};
    bool first = true;
    for (const std::string_view part : split(whole, ';')) {
        const std::string_view item = trimmed(part);
        const DefensePreset* preset = first ? findPreset(item) : nullptr;
        first = false;
        if (preset != nullptr)
            reader.start(preset->defense);
        else
            reader.take(item);
    }
    checkDefense(reader.request());
    return reader.request();
}

std::string defenseText(const DefenseRequest& defense)
{
    std::string text;
    const auto add = [&](const std::string& item) { text += (text.empty() ? "" : ";") + item; };
    for (const DefenseStage& stage : defense.stages)
        add(stageText(stage));
    if (defense.dropout)
        add(defense.keep > 0.0 ? "dropout=" + shortestText(defense.keep) : "dropout");
    if (defense.batchStatistics)
        add("batch-statistics");
    if (defense.samples != 1)
        add("samples=" + std::to_string(defense.samples));
    if (defense.seed != 1)
        add("seed=" + std::to_string(defense.seed));
    return text;
}

const std::vector<DefensePreset>& defensePresets()
{
    static const std::vector<DefensePreset> kPresets = makePresets();
    return kPresets;
}

DefenseRequest withSize(const DefenseRequest& defense, int size)
{
    requireWhole("--sizes", size, 1, kImageSide, " pixels");
    DefenseRequest changed = defense;
    for (DefenseStage& stage : changed.stages) {
        if (stage.kind == StageKind::Resize) {
            stage.sizes.back() = size;
            return changed;
        }
    }
    changed.stages.insert(changed.stages.begin(), resizeStage({ size }));
    return changed;
}

int sizeOf(const DefenseRequest& defense)
{
    for (const DefenseStage& stage : defense.stages) {
        if (stage.kind == StageKind::Resize)
            return stage.sizes.back();
    }
    return kImageSide;
}

std::vector<int> parseStageSizes(const std::string& place, const std::string& text)
{
    std::vector<int> sizes;
    for (const std::string_view part : split(text, ','))
        sizes.push_back(wholeIn(place, trimmed(part), 1, kImageSide, " pixels"));
    if (sizes.size() > kMaxSizes)
        outOfRange(
            place, "1 to " + std::to_string(kMaxSizes) + " sizes", std::to_string(sizes.size()));
    return sizes;
}

std::vector<int> parseSweepSizes(const std::string& place, const std::string& text)
{
    std::set<int> sizes;
    for (const std::string_view part : split(text, ',')) {
        const std::vector<std::string_view> range = split(part, ':');
        if (range.size() > 3)
            throw Error(ErrorKind::Usage, "wrong range of sizes", place, "FIRST:LAST:STEP",
                "'" + std::string(part) + "'");
        const int first = wholeIn(place, trimmed(range[0]), 1, kImageSide, " pixels");
        const int last =
            range.size() < 2 ? first : wholeIn(place, trimmed(range[1]), 1, kImageSide, " pixels");
        const int step =
            range.size() < 3 ? 1 : wholeIn(place + ", step", trimmed(range[2]), 1, kImageSide);
        if (last < first)
            throw Error(ErrorKind::Usage, "wrong range of sizes", place, "FIRST:LAST:STEP, rising",
                "'" + std::string(part) + "'");
        for (int size = first; size <= last; size += step)
            sizes.insert(size);
    }
    return { sizes.begin(), sizes.end() };
}

std::vector<std::string> purifiersOf(const DefenseRequest& defense)
{
    std::vector<std::string> ids;
    for (const DefenseStage& stage : defense.stages) {
        if (stage.kind == StageKind::Purify
            && std::find(ids.begin(), ids.end(), stage.model) == ids.end())
            ids.push_back(stage.model);
    }
    return ids;
}

} // namespace crossiter
