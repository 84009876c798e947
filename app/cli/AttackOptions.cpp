#include "app/cli/AttackOptions.h"

#include "core/attack/TargetChoice.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/defense/DefenseRequest.h"

#include <algorithm>
#include <array>

namespace crossiter::cli {

namespace {

std::string optionOf(const AttackField& field)
{
    return std::string("--") + field.key;
}

std::string helpOf(const AttackField& field)
{
    std::string choices;
    for (const std::string& name : field.choices())
        choices += (choices.empty() ? "" : ", ") + name;
    return choices + field.help;
}

/// A target goes by label, or by its rank for the sources.
CLI::Option* addTarget(CLI::App& command, const AttackField& field, AttackOptions& options)
{
    return addText(
        command, optionOf(field),
        helpOf(field)
            + "; second, least (likely) or random: by what the sources say of the clean image",
        [&field, &options](const std::string& text) {
            options.job.targetRank = findTargetRank(text);
            if (options.job.targetRank)
                return;
            static_cast<void>(parseLabel(field.key, text, 1, targetRankNames()));
            field.choose(options.choices, field.parse(text));
        })
        ->type_name(field.type)
        ->group(field.group);
}

void addTargets(CLI::App& command, CLI::Option* target, AttackOptions& options)
{
    command
        .add_option("--targets", options.job.labels.targetsCsv,
            "rows NAME.png,CLASS, the dataset's CSV (columns ImageId, TargetClass), or another "
            "table")
        ->type_name("CSV")
        ->excludes(target)
        ->group(target->get_group());
}

std::string stepText(Method method)
{
    switch (stepDefault(method)) {
    case StepDefault::Seed:
        return shortestText(kSeedStepPx);
    case StepDefault::One:
        return "1";
    case StepDefault::Epsilon:
        break;
    case StepDefault::EvenEpsilon:
        return "epsilon\n/ rounds"; // its second line stands below
    }
    return "epsilon";
}

using Cells = std::array<std::string, 6>;

std::string tableLine(const Cells& cells)
{
    constexpr std::size_t kWidths[] = { 24, 8, 9, 12, 15, 0 };
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        line.resize(std::max(line.size(), line.size() - cells[i].size() + kWidths[i]), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return "\n" + line;
}

} // namespace

AttackRequest requestOf(const AttackOptions& options)
{
    options.common.requirePrecision();
    AttackRequest request = resolve(options.choices, AttackRequest().epsilon255);
    request.seed = options.common.seed;
    request.compute = options.common.compute;
    const bool target = options.choices.target || options.job.targetRank;
    const bool targets = target || !options.job.labels.targetsCsv.empty();
    if (targets && request.labelRule != LabelRule::Target)
        throw Error(ErrorKind::Usage, "a target is not for this method and label rule",
            target ? "--target" : "--targets", "a targeted method and the rule target",
            toString(request.method) + " and " + toString(request.labelRule));
    if (options.job.floats && options.job.traceDir.empty())
        throw Error(ErrorKind::Usage, "float images belong to a trace", "--floats", "--trace DIR");
    return request;
}

CLI::Option* addField(
    CLI::App& command, const AttackField& field, AttackChoices& choices, const std::string& group)
{
    const std::string name = optionOf(field);
    CLI::Option* option = nullptr;
    if (field.kind == FieldKind::Flag) {
        option = command.add_flag_callback(
            name, [&field, &choices] { field.choose(choices, true); }, helpOf(field));
    } else if (field.kind == FieldKind::Ids) {
        option = command.add_option_function<std::vector<std::string>>(
            name,
            [&field, &choices](const std::vector<std::string>& ids) { field.choose(choices, ids); },
            helpOf(field));
        option->allow_extra_args(false)->type_name(field.type);
    } else {
        option = addText(
            command, name, helpOf(field),
            [&field, &choices](const std::string& text) {
                field.choose(choices,
                    field.parse(
                        field.kind == FieldKind::Defense ? defenseText(parseDefense(text)) : text));
            },
            field.shownDefault);
        option->type_name(field.type);
    }
    return option->group(group.empty() ? field.group : group);
}

CLI::Option* addAttackRule(CLI::App& command, AttackOptions& options)
{
    for (const AttackField& field : attackFields()) {
        const bool elsewhere = field.group == nullptr || field.kind == FieldKind::Ids
            || field.key == attackField("save").key;
        if (elsewhere)
            continue;
        if (field.kind == FieldKind::Label)
            addTargets(command, addTarget(command, field, options), options);
        else
            addField(command, field, options.choices);
    }
    return command.get_option(optionOf(attackField("method")));
}

void addAttackNetworks(CLI::App& command, AttackChoices& choices)
{
    for (const AttackField& field : attackFields())
        if (field.kind == FieldKind::Ids)
            addField(command, field, choices);
}

std::string typedField(const CLI::App& command, const std::string& except)
{
    for (const AttackField& field : attackFields()) {
        const CLI::Option* option = command.get_option_no_throw(optionOf(field));
        if (field.group != nullptr && field.key != except && option != nullptr
            && option->count() > 0)
            return optionOf(field);
    }
    return {};
}

std::string defaultsTable()
{
    std::string text = "Defaults by method:";
    text += tableLine({ "method", "rounds", "step", "projection", "label rule", "save" });
    for (const bool stepping : { true, false }) {
        for (const Method method : allMethods()) {
            if (usesSources(method) != stepping)
                continue;
            const AttackRequest row = defaultRequest(method);
            std::string step = stepping || stepFollowsEpsilon(method) ? stepText(method) : "-";
            const std::string below =
                step.find('\n') == std::string::npos ? "" : step.substr(step.find('\n') + 1);
            step = step.substr(0, step.find('\n'));
            const auto ofLoop = [stepping](
                                    const std::string& cell) { return stepping ? cell : "-"; };
            text += tableLine({ toString(method), ofLoop(std::to_string(row.rounds)), step,
                ofLoop(toString(row.projection)), ofLoop(toString(row.labelRule)),
                toString(row.save) });
            if (!below.empty())
                text += tableLine({ "", "", below, "", "", "" });
        }
    }
    return text;
}

} // namespace crossiter::cli
