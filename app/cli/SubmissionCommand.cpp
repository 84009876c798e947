#include "app/cli/DefenseOptions.h"
#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/attack/AttackExtras.h"
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
    std::optional<Method> method;
    std::vector<std::string> sources;
    std::optional<int> rounds;
    std::optional<double> step;
    std::optional<Projection> projection;
    std::optional<LabelRule> labelRule;
    std::optional<SaveRule> save;
    std::optional<Ensemble> ensemble;
    std::optional<double> momentum;
    std::optional<double> diversity;
    std::optional<int> translation;
    std::optional<int> scales;
    bool nesterov = false;
    std::optional<std::string> through;
    std::optional<int> throughDraws;
    std::string model;
    DefenseOptions defense;
    const CLI::App* command = nullptr; ///< what was typed of the defense is read from it

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
        return std::find_if(presets.begin(), presets.end(),
            [&name](const SubmissionPreset& preset) { return preset.spec.name == name; });
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
    if (!options.sources.empty())
        attack.sources = options.sources;
    attack.rounds = options.rounds.value_or(attack.rounds);
    if (options.step) {
        attack.stepPx = *options.step;
        spec.stepFollowsEpsilon = false;
    }
    attack.projection = options.projection.value_or(attack.projection);
    attack.labelRule = options.labelRule.value_or(attack.labelRule);
    attack.save = options.save.value_or(attack.save);
    attack.ensemble = options.ensemble.value_or(attack.ensemble);
    attack.momentum = options.momentum.value_or(attack.momentum);
    attack.diversity = options.diversity.value_or(attack.diversity);
    attack.translation = options.translation.value_or(attack.translation);
    attack.scales = options.scales.value_or(attack.scales);
    attack.nesterov = attack.nesterov || options.nesterov;
    if (options.through)
        attack.through = defenseText(parseDefense(*options.through));
    attack.throughDraws = options.throughDraws.value_or(attack.throughDraws);
    attack.numerics = options.common.numerics;
    attack.seed = options.common.seed;
}

void applyToDefense(const ExportOptions& options, bool preset, SubmissionSpec& spec)
{
    const bool ofAttacks = options.method || !options.sources.empty() || options.rounds
        || options.step || options.projection || options.labelRule || options.save
        || options.ensemble || options.momentum || options.diversity || options.translation
        || options.scales || options.nesterov || options.through || options.throughDraws;
    if (ofAttacks)
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
    spec.numerics = options.common.numerics;
}

SubmissionSpec specOf(const ExportOptions& options, const ModelStore& store)
{
    const std::optional<SubmissionPreset> preset = presetOf(options, store);
    SubmissionSpec spec =
        preset ? preset->spec : defaultSubmission(parseSubmissionKind(options.kindOrPreset));
    if (spec.kind != SubmissionKind::Defense && options.method) {
        if (preset)
            throw Error(ErrorKind::Usage, "a preset has its method", "--method", "no preset");
        spec = attackSubmission(spec.kind, *options.method);
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
    const auto add = [&](const char* name, const char* type, const char* help,
                         const std::function<void(const std::string&)>& take) {
        addText(command, name, help, take)->type_name(type)->group(group);
    };
    add("--method", "METHOD", "the attack [cross-iterative, cross-iterative-target]",
        [&options](const std::string& text) { options.method = parseMethod(text); });
    command
        .add_option("--source", options.sources,
            "stepped network, repeatable, in order [the embedded pair; of a preset the seed's]")
        ->allow_extra_args(false)
        ->type_name("ID")
        ->group(group);
    add("--rounds", "N", "passes over all sources, 0..1000", [&options](const std::string& text) {
        options.rounds = parseWhole("--rounds", text, 0, 1000);
    });
    add("--step", "PX", "grey levels a sub-step",
        [&options](const std::string& text) { options.step = parseNumber("--step", text); });
    add("--projection", "NAME", "none or ball",
        [&options](const std::string& text) { options.projection = parseProjection(text); });
    add("--label-rule", "RULE", "which label a sub-step attacks; not true",
        [&options](const std::string& text) { options.labelRule = parseLabelRule(text); });
    add("--save", "RULE", "floor, round or legacy-stretch",
        [&options](const std::string& text) { options.save = parseSaveRule(text); });
    add("--ensemble", "NAME", "alternate or mean-logits",
        [&options](const std::string& text) { options.ensemble = parseEnsemble(text); });
    add("--momentum", "MU", "0..10", [&options](const std::string& text) {
        options.momentum = parseNumber("--momentum", text);
    });
    add("--diversity", "P", "0..1", [&options](const std::string& text) {
        options.diversity = parseNumber("--diversity", text);
    });
    add("--translation", "N", "0 or odd 3..31", [&options](const std::string& text) {
        options.translation = parseWhole("--translation", text, 0, 31);
    });
    add("--scales", "N", "1..10", [&options](const std::string& text) {
        options.scales = parseWhole("--scales", text, 1, 10);
    });
    command.add_flag("--nesterov", options.nesterov, "gradient ahead of the step")->group(group);
    add("--through", "DEFENSE", "a defense in front of every source",
        [&options](const std::string& text) { options.through = text; });
    add("--through-draws", "N", "gradients averaged a sub-step, 1..1000",
        [&options](const std::string& text) {
            options.throughDraws = parseWhole("--through-draws", text, 1, 1000);
        });
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
    command->callback([options, &chosen] {
        chosen.run = [options](const std::stop_token& stop) { return exportIt(*options, stop); };
    });
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
    addText(
        *command, "--images", "of the sample run, 1..1000 (the official validator takes 100)",
        [options](const std::string& text) {
            options->request.images = parseWhole("--images", text, 1, 1000);
        },
        "10")
        ->type_name("N");
    addText(*command, "--epsilon", "of the sample run [one of 4, 8, 12, 16, by the seed]",
        [options](const std::string& text) {
            options->request.epsilon255 = parseWhole("--epsilon", text, 1, 255);
        })
        ->type_name("N");
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
    command->callback([options, &chosen] {
        chosen.run = [options](const std::stop_token& stop) { return validateIt(*options, stop); };
    });
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
