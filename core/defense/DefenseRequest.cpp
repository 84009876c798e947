#include "core/defense/DefenseRequest.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/base/Words.h"
#include "core/defense/DefenseFields.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

namespace crossiter {

namespace {

constexpr std::size_t kMaxStages = 16;

/// "resize=200, ..., or a preset's name": what may stand in a text.
std::string itemsText()
{
    std::string text;
    for (const DefenseField& field : defenseFields())
        text += std::string(field.written) + ", ";
    return text + "or a preset's name";
}

void checkStage(const DefenseStage& stage)
{
    if (stage.kind != StageKind::Resize && (!stage.sizes.empty() || stage.backBetween))
        throw Error(ErrorKind::Internal, "only a resize has sizes", "DefenseStage");
    const DefenseField& field = defenseField(stage.kind);
    field.checkStage(field, stage);
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
    for (const DefensePreset& preset : defensePresets())
        if (preset.name == name)
            return &preset;
    return nullptr;
}

/// Every word that may begin an item, and the presets' names.
std::vector<std::string> knownItems()
{
    std::vector<std::string> names { "none" };
    for (const DefenseField& field : defenseFields())
        names.emplace_back(field.key);
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
        const std::optional<std::string> value = equals == std::string_view::npos
            ? std::nullopt
            : std::optional(std::string(trimmed(item.substr(equals + 1))));
        const DefenseField* field = findDefenseField(name);
        if (field == nullptr)
            throw Error(ErrorKind::Usage, "unknown item of a defense", "defense", itemsText(),
                foundWord(name, knownItems()));
        if (!value && field->value == DefenseField::Value::Needed)
            throw Error(ErrorKind::Usage, "value missing", "defense", itemsText(), name);
        if (value && field->value == DefenseField::Value::None)
            throw Error(
                ErrorKind::Usage, "this item takes no value", "defense", name, name + "=" + *value);
        field->take(*field, m_request, value);
        if (isOfTheWhole(*field) && !m_seen.insert(name).second)
            throw Error(ErrorKind::Usage, "item given twice", "defense", "each once", name);
    }

    void start(const DefenseRequest& preset) { m_request = preset; }
    [[nodiscard]] const DefenseRequest& request() const { return m_request; }

private:
    static bool isOfTheWhole(const DefenseField& field)
    {
        return !field.stage && field.key != std::string("resize-between");
    }

    DefenseRequest m_request;
    std::set<std::string> m_seen;
};

std::string stageText(const DefenseStage& stage)
{
    const DefenseField& field = defenseField(stage.kind);
    return field.stageText(field, stage);
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
    return dropout
        || std::ranges::any_of(
            stages,
            [](const DefenseStage& stage) { return stage.kind == StageKind::RandomResizePad; });
}

void checkDefense(const DefenseRequest& defense)
{
    if (defense.stages.size() > kMaxStages)
        throw Error(ErrorKind::Usage, "value out of range", "defense",
            "at most " + std::to_string(kMaxStages) + " stages",
            std::to_string(defense.stages.size()));
    for (const DefenseStage& stage : defense.stages) {
        checkStage(stage);
        if (stage.kind == StageKind::RandomResizePad && &stage != &defense.stages.back())
            throw Error(ErrorKind::Usage, "a random resize and pad must be the last stage",
                defenseField(stage.kind).key, "no stage behind it: it makes pictures of 331 pixels",
                stageText(defense.stages.back()));
    }
    for (const DefenseField& field : defenseFields())
        field.checkRequest(field, defense);
}

DefenseRequest parseDefense(const std::string& text)
{
    Reader reader;
    const std::string_view whole = trimmed(text);
    if (whole.empty() || whole == "none")
        return {};
    bool first = true;
    for (const std::string_view part : splitAt(whole, ';')) {
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
    for (const DefenseField& field : defenseFields())
        if (const std::string item = field.requestText(field, defense); !item.empty())
            add(item);
    return text;
}

const std::vector<DefensePreset>& defensePresets()
{
    static const std::vector<DefensePreset> kPresets = makePresets();
    return kPresets;
}

std::vector<std::string> purifiersOf(const DefenseRequest& defense)
{
    std::vector<std::string> ids;
    for (const DefenseStage& stage : defense.stages)
        if (stage.kind == StageKind::Purify && !contains(ids, stage.model))
            ids.push_back(stage.model);
    return ids;
}

} // namespace crossiter
