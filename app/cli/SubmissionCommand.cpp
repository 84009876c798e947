#include "app/cli/AttackOptions.h"
#include "app/cli/DefenseOptions.h"
#include "app/cli/Terminal.h"
#include "core/base/Suggestion.h"
#include "core/contest/SubmissionExport.h"
#include "core/contest/Validator.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace crossiter::cli {

namespace {

/// What was typed; nothing = the kind's, the preset's or the method's default.
struct ExportOptions
{
    CommonOptions common;
    std::string kindOrPreset;
    std::string preset;
    std::filesystem::path output;
    bool zip = false;
    bool tar = false;
    bool noProgram = false;
    std::string name;
    AttackChoices attack;
    std::string model;
    DefenseOptions defense;
    const CLI::App* command = nullptr; ///< what was typed of the defense is read from it

    [[nodiscard]] bool typedMethod() const { return command->get_option("--method")->count() > 0; }
    /// Nothing: no defense option was typed.
    [[nodiscard]] std::optional<DefenseRequest> typedDefense() const
    {
        DefenseRequest typed = defense.request(*command, common.seed);
        DefenseRequest untouched;
        untouched.seed = typed.seed;
        if (typed == untouched && command->get_option("--defense")->count() == 0)
            return std::nullopt;
        return typed;
    }
};

[[noreturn]] void refuse(const char* option, const std::string& expected)
{
    throw Error(ErrorKind::Usage, "not for this type of submission", option, expected);
}

/// The named preset, or nothing when KIND is one of the three types and no preset is wanted.
std::optional<SubmissionPreset> presetOf(const ExportOptions& options, const ModelStore& store)
{
    const std::vector<SubmissionPreset> presets = submissionPresets(store);
    const auto find = [&presets](const std::string& name) {
        return std::ranges::find_if(
            presets, [&name](const SubmissionPreset& preset) { return preset.spec.name == name; });
    };
    if (const auto found = find(options.kindOrPreset); found != presets.end()) {
        if (!options.preset.empty() && options.preset != options.kindOrPreset)
            throw Error(
                ErrorKind::Usage, "two presets", "--preset", options.kindOrPreset, options.preset);
        return *found;
    }
    std::string names;
    std::vector<std::string> known;
    for (const SubmissionPreset& preset : presets) {
        names += (names.empty() ? "" : ", ") + preset.spec.name;
        known.push_back(preset.spec.name);
    }
    if (options.kindOrPreset != "attack" && options.kindOrPreset != "targeted_attack"
        && options.kindOrPreset != "defense") {
        for (const char* kind : { "attack", "targeted_attack", "defense" })
            known.emplace_back(kind);
        throw Error(ErrorKind::Usage, "unknown type of submission", "KIND",
            "attack, targeted_attack, defense, or a preset: " + names,
            foundWord(options.kindOrPreset, known, false));
    }
    if (options.preset.empty())
        return std::nullopt;
    const auto found = find(options.preset);
    if (found == presets.end())
        throw Error(ErrorKind::Usage, "unknown preset", "--preset", names,
            foundWord(options.preset, known, false));
    if (options.kindOrPreset != nameOf(found->spec.kind))
        throw Error(ErrorKind::Usage, "the preset is of another type", "--preset",
            options.kindOrPreset, nameOf(found->spec.kind));
    return *found;
}

void applyToAttack(const ExportOptions& options, SubmissionSpec& spec)
{
    if (!options.model.empty() || options.typedDefense())
        refuse("defense options", "--source, --through");
    AttackRequest& attack = spec.attack;
    apply(options.attack, attack);
    if (options.attack.stepPx)
        spec.stepFollowsEpsilon = false;
    attack.compute.numerics = options.common.compute.numerics;
    attack.seed = options.common.seed;
}

void applyToDefense(const ExportOptions& options, bool preset, SubmissionSpec& spec)
{
    if (!typedField(*options.command).empty())
        refuse("attack options", "--model, --defense");
    const auto typed = options.typedDefense();
    if (!options.model.empty())
        spec.model = options.model;
    if (typed) {
        spec.defense = *typed;
    } else if (!preset && !options.model.empty()) {
        spec.defense = DefenseRequest(); // a network was named and no stage: the network alone
        spec.defense.seed = options.common.seed;
    } else {
        spec.defense.seed = options.common.seed;
    }
    if (!preset && (typed || !options.model.empty()))
        spec.name = nameOfDefense(spec.model, spec.defense);
    spec.numerics = options.common.compute.numerics;
}

SubmissionSpec specOf(const ExportOptions& options, const ModelStore& store)
{
    const std::optional<SubmissionPreset> preset = presetOf(options, store);
    SubmissionSpec spec =
        preset ? preset->spec : defaultSubmission(parseSubmissionKind(options.kindOrPreset));
    if (spec.kind != SubmissionKind::Defense && options.typedMethod()) {
        if (preset)
            throw Error(ErrorKind::Usage, "a preset has its method", "--method", "no preset");
        spec = attackSubmission(spec.kind, options.attack.method);
    }
    if (spec.kind == SubmissionKind::Defense)
        applyToDefense(options, preset.has_value(), spec);
    else
        applyToAttack(options, spec);
    if (!options.name.empty())
        spec.name = options.name;
    return spec;
}

int exportIt(const ExportOptions& options, const std::stop_token& stop)
{
    const ModelStore store(defaultStorePaths(options.common.store));
    SubmissionExportRequest request;
    request.spec = specOf(options, store);
    request.output = options.output;
    request.program = !options.noProgram;
    if (options.zip)
        request.archive = ArchiveKind::Zip;
    else if (options.tar)
        request.archive = ArchiveKind::TarGz;
    SubmissionExportResult result;
    {
        ProgressLine line(options.common.quiet);
        result = exportSubmission(store, request, line.sink(), stop);
    }
    if (result.cancelled) {
        printError("cancelled; nothing was written");
        return 130;
    }
    const bool defense = request.spec.kind == SubmissionKind::Defense;
    if (options.common.json) {
        Json json;
        json["path"] = result.path.string();
        json["type"] = nameOf(request.spec.kind);
        json["name"] = request.spec.name;
        json["container"] = containerName();
        json["models"] = result.models;
        json["command"] = commandOf(request.spec);
        json["defense"] = defense ? Json(defenseText(request.spec.defense)) : Json(nullptr);
        json["files"] = result.files;
        print(jsonText(json));
    } else if (!options.common.quiet) {
        std::string models;
        for (const std::string& id : result.models)
            models += (models.empty() ? "" : ", ") + id;
        print(request.spec.name + " (" + nameOf(request.spec.kind) + "): "
            + oneLine(result.path.string()) + "\n  runs: crossiter " + commandOf(request.spec)
            + (defense && isPlainNetwork(request.spec.defense) ? "\n  no stages: the plain network"
                                                               : "")
            + "\n  networks " + models + "; container " + containerName()
            + ", made by 'docker build -t " + containerName() + " .' in it\n");
    }
    return 0;
}

struct ValidateOptions
{
    CommonOptions common;
    ValidationRequest request;
    bool noRun = false;
};

int validateIt(const ValidateOptions& options, const std::stop_token& stop)
{
    ValidationRequest request = options.request;
    request.run = !options.noRun;
    request.seed = options.common.seed;
    ValidationReport report;
    {
        ProgressLine line(options.common.quiet);
        report = validateSubmission(request, line.sink(), stop);
    }
    if (options.common.json) {
        Json json;
        json["submission"] = request.submission.string();
        json["type"] = nameOf(request.kind);
        json["valid"] = report.valid();
        json["cancelled"] = report.cancelled;
        json["checks"] = Json::array();
        for (const SubmissionCheck& check : report.checks) {
            Json one;
            one["check"] = check.name;
            one["status"] = nameOf(check.status);
            one["text"] = check.text;
            json["checks"].push_back(std::move(one));
        }
        json["run_output"] = report.runOutput;
        print(jsonText(json));
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const SubmissionCheck& check : report.checks)
            rows.push_back({ nameOf(check.status), check.name, check.text });
        print(textTable(rows));
        print(report.cancelled ? "cancelled\n" : (report.valid() ? "valid\n" : "not valid\n"));
    }
    if (options.common.verbose && !report.runOutput.empty())
        printNote(report.runOutput);
    if (report.cancelled)
        return 130;
    return report.valid() ? 0 : 1;
}

void addAttackOptions(CLI::App& command, ExportOptions& options)
{
    const std::string group = "Of attacks (defaults: the method's, see 'crossiter attack --help')";
    for (const AttackField* field : attackFields(FieldFormat::Script))
        if (field->group != nullptr && field->key != std::string("judge"))
            addField(command, *field, options.attack, group)->default_str("");
    command.get_option("--method")
        ->description("the attack [cross-iterative, cross-iterative-target]: "
            + command.get_option("--method")->get_description());
    command.get_option("--source")
        ->description(
            "stepped network, repeatable, in order [the embedded pair; of a preset the seed's]");
}

void addExport(CLI::App& submission, Chosen& chosen)
{
    auto options = std::make_shared<ExportOptions>();
    CLI::App* command = submission.add_subcommand(
        "export", "Write an attack or a defense as the competition takes it");
    command
        ->add_option(
            "KIND", options->kindOrPreset, "attack, targeted_attack or defense; or a preset's name")
        ->required()
        ->type_name("KIND");
    command
        ->add_option("--output", options->output,
            "the submission's folder; with --zip or --tar the folder of NAME.zip or NAME.tar.gz")
        ->required()
        ->type_name("DIR");
    auto* zip = command->add_flag("--zip", options->zip, "an archive NAME.zip");
    command->add_flag("--tar", options->tar, "an archive NAME.tar.gz")->excludes(zip);
    command->add_flag(
        "--no-program", options->noProgram, "leave program/ out: the container exists already");
    command
        ->add_option("--preset", options->preset,
            "CrossIterative_3, CrossIterative_target_20 or "
            "ens_adv_inception_resnet_v2_DropOutFocus_200: the seed's submissions and networks")
        ->type_name("NAME");
    command->add_option("--name", options->name, "of the submission [the preset's or the method's]")
        ->type_name("NAME");
    addAttackOptions(*command, *options);
    const std::string group = "Of defenses";
    command
        ->add_option(
            "--model", options->model, "network [efficientnet-lite1; of a preset the seed's]")
        ->type_name("ID")
        ->group(group);
    options->defense.addTo(*command);
    options->command = command;
    addCommonOptions(*command, options->common);
    onChosen(*command, chosen, options, exportIt);
}

void addValidate(CLI::App& submission, Chosen& chosen)
{
    auto options = std::make_shared<ValidateOptions>();
    CLI::App* command = submission.add_subcommand(
        "validate", "The official validator's checks that need no Docker, and its sample run");
    command->add_option("PATH", options->request.submission, ".zip, .tar, .tar.gz or a folder")
        ->required()
        ->type_name("PATH");
    addText(*command, "--type", "attack, targeted_attack or defense",
        [options](const std::string& text) { options->request.kind = parseSubmissionKind(text); })
        ->required()
        ->type_name("T");
    addWhole(*command, "--images", "of the sample run, 1..1000 (the official validator takes 100)",
        options->request.images, 1, 1000, "10");
    addWhole(*command, "--epsilon", "of the sample run [one of 4, 8, 12, 16, by the seed]",
        options->request.epsilon255, 1, 255);
    addText(
        *command, "--time-limit", "of the sample run, in seconds",
        [options](const std::string& text) {
            options->request.timeoutSeconds = parseWhole("--time-limit", text, 1, 1'000'000);
        },
        "500")
        ->type_name("S");
    command->add_flag("--no-run", options->noRun, "leave the sample run out");
    addCommonOptions(*command, options->common);
    command->footer(
        "The sample run starts the submission's entry point on this machine, outside of any "
        "container: validate only what you trust, or use --no-run. Exit code 1: not valid.");
    onChosen(*command, chosen, options, validateIt);
}

} // namespace

void addSubmissionCommand(CLI::App& app, Chosen& chosen)
{
    CLI::App* submission = app.add_subcommand("submission", "Competition submissions");
    submission->require_subcommand(1);
    addExport(*submission, chosen);
    addValidate(*submission, chosen);
}

} // namespace crossiter::cli
