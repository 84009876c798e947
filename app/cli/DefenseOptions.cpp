#include "app/cli/DefenseOptions.h"

#include "core/base/Error.h"
#include "core/defense/DefenseFields.h"

namespace crossiter::cli {

namespace {

constexpr const char* kGroup = "Defense (stages stand in the order typed)";

/// Of an item with an optional value CLI11's word for none.
constexpr const char* kNoValue = "true";

std::string presetNames()
{
    std::string names;
    for (const DefensePreset& preset : defensePresets())
        names += (names.empty() ? "" : ", ") + preset.name;
    return names;
}

} // namespace

void DefenseOptions::addTo(CLI::App& command)
{
    CLI::Option* whole = command.add_option("--defense", m_text,
        "all in one: items as in resize=200;dropout;batch-statistics, or a preset: "
            + presetNames());
    whole->type_name("TEXT")->group(kGroup);
    for (const DefenseField& field : defenseFields()) {
        const std::string key = field.key;
        if (key == "seed")
            continue; // one of every command's options
        const std::string name = "--" + key;
        CLI::Option* option = nullptr;
        if (key == "samples")
            option = command.add_option(name, m_samples, field.help)->type_name(field.type);
        else if (field.value == DefenseField::Value::Needed)
            option = command.add_option(name, m_typed[key], field.help)
                         ->allow_extra_args(false)
                         ->type_name(field.type);
        else if (field.value == DefenseField::Value::Optional)
            option = command.add_flag(name, m_flags[key], field.help);
        else
            option = command.add_flag(name)->description(field.help);
        option->group(kGroup);
        if (key != "samples")
            option->excludes(whole);
    }
}

void DefenseOptions::takeItem(
    DefenseRequest& request, const std::string& key, const std::string& value) const
{
    const DefenseField* field = findDefenseField(key);
    if (field == nullptr || key == "samples")
        return; // the whole text, and what is of every form
    const std::string name = "--" + key;
    if (field->isWhole())
        static_cast<void>(parseWhole(name, value, field->low, field->high));
    if (key == "resize-between"
        && (request.stages.empty() || request.stages.back().kind != StageKind::Resize))
        throw Error(ErrorKind::Usage, "nothing to resize between", name, "--resize SIZES before it",
            "none");
    const bool given = field->value == DefenseField::Value::Needed
        || (field->value == DefenseField::Value::Optional && value != kNoValue);
    field->take(*field, request, given ? std::optional(value) : std::nullopt);
}

DefenseRequest DefenseOptions::request(const CLI::App& command, std::uint64_t seed) const
{
    DefenseRequest request = parseDefense(m_text);
    std::map<const CLI::Option*, std::size_t> seen;
    for (const CLI::Option* option : command.parse_order()) {
        if (option->get_group() != kGroup)
            continue;
        const std::vector<std::string>& values = option->results();
        const std::size_t at = seen[option]++;
        takeItem(request, option->get_single_name(), at < values.size() ? values[at] : kNoValue);
    }
    if (!m_samples.empty()) {
        const DefenseField& samples = *findDefenseField("samples");
        request.samples = parseWhole("--samples", m_samples, samples.low, samples.high);
    }
    if (m_text.empty() || command.get_option("--seed")->count() > 0)
        request.seed = seed;
    checkDefense(request);
    return request;
}

} // namespace crossiter::cli
