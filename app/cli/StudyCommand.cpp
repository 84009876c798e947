#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"
#include "core/jobs/StudyJobs.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace crossiter::cli {

namespace {

constexpr const char* kJournalName = "study.journal.jsonl";

struct StudyOptions
{
    CommonOptions common;
    StudyInput input;
    std::filesystem::path output;
    std::vector<std::string> sources;
    std::vector<std::string> judges; ///< held-out ones, or sources again
    std::vector<LabelRule> rules;
    std::vector<Projection> projections;
    std::vector<SourceOrder> orders;
    int epsilon = 16;
    std::optional<int> rounds;
    double step = kSeedStepPx;
    SaveRule save = SaveRule::Floor;
    bool resume = false;
    bool compareNumerics = false;
};

AttackRequest attackOf(const StudyOptions& options, AttackRequest attack)
{
    options.common.requirePrecision();
    if (!options.sources.empty())
        attack.sources = options.sources;
    attack.judges = attack.sources;
    const std::vector<std::string> further =
        !options.judges.empty() ? options.judges : std::vector<std::string> { defaultJudge() };
    for (const std::string& id : further) {
        if (std::find(attack.judges.begin(), attack.judges.end(), id) == attack.judges.end())
            attack.judges.push_back(id);
    }
    attack.epsilon255 = options.epsilon;
    attack.rounds = options.rounds.value_or(attack.rounds);
    attack.stepPx = options.step;
    attack.save = options.save;
    attack.seed = options.common.seed;
    attack.numerics = options.common.numerics;
    attack.threads = options.common.threads;
    attack.device = options.common.device;
    return attack;
}

std::string share(const Proportion& p)
{
    return p.total == 0 ? "-"
                        : fixedText(100.0 * p.share, 1) + " % (" + fixedText(100.0 * p.low, 1)
            + " to " + fixedText(100.0 * p.high, 1) + ")";
}

std::string summaryText(const StudyResult& result)
{
    std::vector<std::vector<std::string>> rows { { "CURVE", "JUDGE", "CLEAN", "LEAST ACCURACY",
        "AFTER ROUND", "LAST ROUND" } };
    for (const StudyCurve& curve : result.curves) {
        for (std::size_t judge = 0; judge < curve.cells.size(); ++judge) {
            const auto& cells = curve.cells[judge];
            std::size_t best = 1;
            for (std::size_t k = 1; k < cells.size(); ++k)
                best = cells[k].right.hits < cells[best].right.hits ? k : best;
            rows.push_back({ describe(curve.variant), result.request.attack.judges[judge],
                share(cells.front().right), share(cells[best].right), std::to_string(best),
                share(cells.back().right) });
        }
    }
    std::string text = textTable(rows) + "\n";
    for (const StudyVerdict& verdict : result.verdicts)
        text += verdict.id + " " + verdict.finding + ": " + verdict.claim + "\n";
    return text;
}

void printFailures(const std::vector<std::string>& failed)
{
    for (const std::string& line : failed)
        printError(oneLine(line));
}

void tellPhotos(const StudyOptions& options, const StudyPhotos& photos)
{
    if (options.common.quiet)
        return;
    if (photos.unlabelled > 0)
        printNote("photos without a true label, left out: " + std::to_string(photos.unlabelled));
    printLitter(photos.litter);
    if (options.common.verbose && photos.skipped > 0)
        printNote("other files, skipped: " + std::to_string(photos.skipped));
}

StudyPhotos photosOf(const StudyOptions& options, bool attacksTrueLabels)
{
    StudyInput input = options.input;
    input.labels.onMatched = labelNotes(options.common);
    return studyPhotos(input, attacksTrueLabels);
}

int numericsStudy(const StudyOptions& options, const std::stop_token& stop)
{
    NumericsStudyRequest request { attackOf(options, defaultNumericsStudy().attack) };
    if (!options.rules.empty())
        request.attack.labelRule = options.rules.front();
    if (!options.projections.empty())
        request.attack.projection = options.projections.front();
    checkNumericsStudy(request);
    const StudyPhotos photos = photosOf(options, request.attack.labelRule == LabelRule::True);
    Engine engine(options.common.engineOptions());
    requireStudyOutput(engine, options.input, request.attack, options.output);
    const OutputFolder output(options.output);
    std::shared_ptr<const NumericsResult> result;
    {
        ProgressLine line(options.common.quiet);
        result = compareNumerics(engine, request, photos, line.sink(), stop);
    }
    tellPhotos(options, photos);
    printFailures(result->failed);
    const Provenance provenance = studyProvenance(engine, request.attack, options.input, photos);
    for (const auto& path : writeNumerics(output.path(), *result, provenance)) {
        if (!options.common.quiet && !options.common.json)
            print(oneLine(path.string()) + "\n");
    }
    if (options.common.json)
        print(numericsJson(*result, provenance));
    return exitCodeOfJob(result->cancelled, result->failed.size(), photos.photos.size());
}

int study(const StudyOptions& options, const std::stop_token& stop)
{
    if (options.compareNumerics)
        return numericsStudy(options, stop);
    StudyRequest request = defaultStudy();
    request.attack = attackOf(options, request.attack);
    if (!options.rules.empty())
        request.rules = options.rules;
    if (!options.projections.empty())
        request.projections = options.projections;
    if (!options.orders.empty())
        request.orders = options.orders;
    checkStudy(request);
    StudyPhotos photos = photosOf(options, attacksTrueLabels(request));
    Engine engine(options.common.engineOptions());
    requireStudyOutput(engine, options.input, request.attack, options.output);
    const OutputFolder output(options.output);
    std::shared_ptr<const StudyResult> result;
    {
        ProgressLine line(options.common.quiet);
        result = studyFolder(engine, request, photos,
            { output.path() / kJournalName, options.resume }, {}, line.sink(), stop);
    }
    judgeLabels(photos, *result);
    printSuspicion(photos.labels, options.common);
    tellPhotos(options, photos);
    printFailures(result->failed);
    if (result->cancelled) {
        printError("cancelled, " + options.output.string() + ": " + std::to_string(result->done)
            + " of " + counted(result->photos, "photo") + " in the journal; --resume goes on");
        return exitCodeOfJob(true, 0, result->photos);
    }
    const Provenance provenance = studyProvenance(engine, request.attack, options.input, photos);
    const auto written = writeStudy(output.path(), *result, provenance);
    if (options.common.json) {
        print(studyJson(*result, provenance));
    } else if (!options.common.quiet) {
        print(summaryText(*result) + "\n");
        for (const auto& path : written)
            print(oneLine(path.string()) + "\n");
    }
    if (options.common.verbose)
        printNote(counted(result->work.gradients, "sub-step") + " computed, "
            + std::to_string(result->work.gradientsReused) + " shared; "
            + counted(result->work.predictions, "prediction") + " computed, "
            + std::to_string(result->work.predictionsReused) + " shared");
    return exitCodeOfJob(false, result->failed.size(), result->photos);
}

/// "a,b,c" through `parse`.
template <typename T, typename Parse>
std::vector<T> parseList(const std::string& text, const Parse& parse)
{
    std::vector<T> values;
    std::size_t from = 0;
    while (from <= text.size()) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        values.push_back(parse(text.substr(from, comma - from)));
        from = comma + 1;
    }
    return values;
}

/// Parsers throw with their own option's name: here the list's, whose choices are `known`.
template <typename T>
T parseListed(const char* option, T (*parse)(const std::string&),
    const std::vector<std::string>& known, const std::string& text)
{
    try {
        return parse(text);
    } catch (const Error&) {
        std::string choices;
        for (const std::string& name : known)
            choices += (choices.empty() ? "" : ", ") + name;
        throw Error(
            ErrorKind::Usage, "unknown choice in a list", option, choices, foundWord(text, known));
    }
}

std::vector<std::string> labelRuleNames()
{
    std::vector<std::string> names;
    for (const LabelRule rule : allLabelRules())
        names.push_back(toString(rule));
    return names;
}

void addStudied(CLI::App& command, StudyOptions& options)
{
    const std::string group = "What is compared";
    addText(
        command, "--rules", "label rules, by comma",
        [&options](const std::string& text) {
            options.rules = parseList<LabelRule>(text, [](const std::string& name) {
                return parseListed<LabelRule>("--rules", parseLabelRule, labelRuleNames(), name);
            });
        },
        "own-refreshed,own-clean,true,joint-clean,least-likely")
        ->type_name("LIST")
        ->group(group);
    addText(
        command, "--projections", "none, ball",
        [&options](const std::string& text) {
            options.projections = parseList<Projection>(text, [](const std::string& name) {
                return parseListed<Projection>(
                    "--projections", parseProjection, { "none", "ball" }, name);
            });
        },
        "none,ball")
        ->type_name("LIST")
        ->group(group);
    addText(
        command, "--orders", "orders of the sources: given, reversed",
        [&options](const std::string& text) {
            options.orders = parseList<SourceOrder>(text, [](const std::string& name) {
                return parseListed<SourceOrder>(
                    "--orders", parseSourceOrder, { "given", "reversed" }, name);
            });
        },
        "given")
        ->type_name("LIST")
        ->group(group);
    addText(
        command, "--rounds", "measured after 0, 1, ... N rounds, 1..100",
        [&options](
            const std::string& text) { options.rounds = parseWhole("--rounds", text, 1, 100); },
        "10, with --compare-numerics 5")
        ->type_name("N")
        ->group(group);
    addText(
        command, "--epsilon", "L-infinity budget in grey levels, 0..255",
        [&options](
            const std::string& text) { options.epsilon = parseWhole("--epsilon", text, 0, 255); },
        "16")
        ->type_name("N")
        ->group(group);
    addText(
        command, "--step", "grey levels a sub-step",
        [&options](const std::string& text) { options.step = parseNumber("--step", text); },
        "6.375")
        ->type_name("PX")
        ->group(group);
    addText(
        command, "--save", "floor, round or legacy-stretch",
        [&options](const std::string& text) { options.save = parseSaveRule(text); }, "floor")
        ->type_name("RULE")
        ->group(group);
    command
        .add_flag("--compare-numerics", options.compareNumerics,
            "instead: the first rule and projection in fast, reference and exact, sub-step by "
            "sub-step; writes numerics.csv and numerics.json")
        ->group(group);
}

} // namespace

void addStudyCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<StudyOptions>();
    CLI::App* command = app.add_subcommand(
        "study", "Label leaking over a folder of labelled photos, round by round");
    command->add_option("FOLDER", options->input.folder, "photos, any size")
        ->required()
        ->type_name("DIR");
    command
        ->add_option("--output", options->output,
            "study.csv, study.json, study.html and the journal go here")
        ->required()
        ->type_name("DIR");
    addText(*command, "--limit", "only the first N labelled photos, by name",
        [options](const std::string& text) {
            options->input.limit =
                static_cast<std::size_t>(parseWhole("--limit", text, 1, 1000000));
        })
        ->type_name("N");
    command->add_flag("--resume", options->resume, "go on with a study that was stopped or killed");
    addStudied(*command, *options);
    command
        ->add_option("--source", options->sources,
            "stepped network, repeatable, in order [efficientnet-lite1, efficientnet-lite0]")
        ->allow_extra_args(false)
        ->type_name("ID")
        ->group("Networks");
    command
        ->add_option("--judge", options->judges,
            "further network that only predicts, repeatable; the sources always judge "
            "[efficientnet-lite2]")
        ->allow_extra_args(false)
        ->type_name("ID")
        ->group("Networks");
    addLabelOptions(*command, options->input.labels);
    addReadOptions(*command, options->input.read);
    addCommonOptions(*command, options->common);
    command->footer("Definitions and how to read the results: docs/label-leaking.md.");
    command->callback([options, &chosen] {
        chosen.run = [options](const std::stop_token& stop) { return study(*options, stop); };
    });
}

} // namespace crossiter::cli
