#include "app/cli/DefenseOptions.h"

#include "core/base/Error.h"
#include "core/defense/DefenseSizes.h"

#include <map>

namespace crossiter::cli {

namespace {

constexpr const char* kGroup = "Defense (stages stand in the order typed)";

DefenseStage stageOf(StageKind kind, int value = 0)
{
    DefenseStage stage;
    stage.kind = kind;
    stage.value = value;
    return stage;
}

CLI::Option* addList(CLI::App& command, const std::string& name, std::vector<std::string>& values,
    const std::string& type, const std::string& help)
{
    return command.add_option(name, values, help)
        ->allow_extra_args(false)
        ->type_name(type)
        ->group(kGroup);
}

CLI::Option* addSwitch(CLI::App& command, const std::string& name, const std::string& help)
{
    return command.add_flag(name, help);
}

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
    std::vector<CLI::Option*> parts;
    parts.push_back(addList(command, "--resize", m_resize, "SIZES",
        "TensorFlow 1's bilinear resize 299 -> sizes -> 299: 200, or 250,200; 1..299 each"));
    parts.push_back(addSwitch(
        command, "--resize-between", "go back to 299 between the sizes of the --resize before it"));
    parts.push_back(addList(command, "--purify", m_purify, "ID", "a network that cleans pictures"));
    parts.push_back(
        addList(command, "--jpeg", m_jpeg, "Q", "encoded and decoded at a quality 1..100"));
    parts.push_back(addList(command, "--bits", m_bits, "B", "1..8 bits a channel"));
    parts.push_back(
        addList(command, "--median", m_median, "S", "median of S x S pixels, odd 3..15"));
    parts.push_back(addSwitch(command, "--random-pad",
        "nearest resize to a random side 310..330, zeros round it up to 331; the last stage"));
    parts.push_back(command.add_flag("--dropout", m_dropout,
        "dropout before the classifier; --dropout=KEEP: another keep probability than the "
        "network's own"));
    parts.push_back(addSwitch(command, "--batch-statistics",
        "batch norms on the statistics of batches of 16, the last one filled with mid-grey"));
    for (CLI::Option* part : parts)
        part->excludes(whole)->group(kGroup);
    command
        .add_option("--samples", m_samples,
            "draws a picture, 1..10000; the answer is the top-1 of their mean probabilities [1]")
        ->type_name("N")
        ->group(kGroup);
}

void DefenseOptions::takeStage(
    DefenseRequest& request, const std::string& name, const std::string& value) const
{
    std::vector<DefenseStage>& stages = request.stages;
    if (name == "resize") {
        DefenseStage stage;
        stage.sizes = parseStageSizes("--resize", value);
        stages.push_back(std::move(stage));
    } else if (name == "resize-between") {
        if (stages.empty() || stages.back().kind != StageKind::Resize)
            throw Error(ErrorKind::Usage, "nothing to resize between", "--resize-between",
                "--resize SIZES before it", "none");
        stages.back().backBetween = true;
    } else if (name == "purify") {
        stages.push_back(stageOf(StageKind::Purify));
        stages.back().model = value;
    } else if (name == "jpeg") {
        stages.push_back(stageOf(StageKind::Jpeg, parseWhole("--jpeg", value, 1, 100)));
    } else if (name == "bits") {
        stages.push_back(stageOf(StageKind::BitDepth, parseWhole("--bits", value, 1, 8)));
    } else if (name == "median") {
        stages.push_back(stageOf(StageKind::Median, parseWhole("--median", value, 3, 15)));
    } else if (name == "random-pad") {
        stages.push_back(stageOf(StageKind::RandomResizePad));
    } else if (name == "batch-statistics") {
        request.batchStatistics = true;
    } else if (name == "dropout") {
        request.dropout = true;
        if (value != "true") { // CLI11's word for a flag without a value
            request.keep = parseNumber("--dropout", value);
            if (!(request.keep > 0.0 && request.keep <= 1.0))
                throw Error(ErrorKind::Usage, "value out of range", "--dropout",
                    "a keep probability above 0, at most 1", value);
        }
    }
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
        takeStage(request, option->get_single_name(), at < values.size() ? values[at] : "true");
    }
    if (!m_samples.empty())
        request.samples = parseWhole("--samples", m_samples, 1, 10'000);
    if (m_text.empty() || command.get_option("--seed")->count() > 0)
        request.seed = seed;
    checkDefense(request);
    return request;
}

} // namespace crossiter::cli
