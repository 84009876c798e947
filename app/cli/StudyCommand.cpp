#include "app/cli/AttackOptions.h"
#include "app/cli/Terminal.h"
#include "core/base/Contains.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"
#include "core/jobs/StudyJobs.h"

#include <memory>

namespace crossiter::cli {

namespace {

constexpr const char* kJournalName = "study.journal.jsonl";
constexpr const char* kCompared = "What is compared";

struct StudyOptions
{
    CommonOptions common;
    StudyInput input;
    std::filesystem::path output;
    AttackChoices choices; ///< its judges: held-out ones, or sources again
    std::vector<std::string> rules; ///< names, as typed
    std::vector<std::string> projections;
    std::vector<std::string> orders;
    bool resume = false;
    bool compareNumerics = false;
};

AttackRequest attackOf(const StudyOptions& options, AttackRequest attack)
{
    options.common.requirePrecision();
    const std::vector<std::string> further = options.choices.judges.empty()
        ? std::vector<std::string> { defaultJudge() }
        : options.choices.judges;
    apply(options.choices, attack);
    attack.judges = attack.sources;
    for (const std::string& id : further)
        if (!contains(attack.judges, id))
            attack.judges.push_back(id);
    attack.seed = options.common.seed;
    attack.compute = options.common.compute;
    return attack;
}

template <typename T>
std::vector<T> parsed(const std::vector<std::string>& names, T (*parse)(const std::string&))
{
    std::vector<T> values;
    values.reserve(names.size());
    for (const std::string& name : names)
        values.push_back(parse(name));
    return values;
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
        request.attack.labelRule = parseLabelRule(options.rules.front());
    if (!options.projections.empty())
        request.attack.projection = parseProjection(options.projections.front());
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
    for (const auto& path : writeNumerics(output.path(), *result, provenance))
        if (!options.common.quiet && !options.common.json)
            print(oneLine(path.string()) + "\n");
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
        request.rules = parsed(options.rules, parseLabelRule);
    if (!options.projections.empty())
        request.projections = parsed(options.projections, parseProjection);
    if (!options.orders.empty())
        request.orders = parsed(options.orders, parseSourceOrder);
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

void addList(CLI::App& command, const std::string& name, std::vector<std::string>& values,
    const std::vector<std::string>& known, const std::string& help, const std::string& shownDefault)
{
    command.add_option(name, values, help)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(known).description(""))
        ->default_str(shownDefault)
        ->type_name("LIST")
        ->group(kCompared);
}

void addStudied(CLI::App& command, StudyOptions& options)
{
    addList(command, "--rules", options.rules, attackField("label-rule").choices(),
        "label rules, by comma", "own-refreshed,own-clean,true,joint-clean,least-likely");
    addList(command, "--projections", options.projections, attackField("projection").choices(),
        "none, ball", "none,ball");
    addList(command, "--orders", options.orders,
        { toString(SourceOrder::Given), toString(SourceOrder::Reversed) },
        "orders of the sources: given, reversed", "given");
    addField(command, attackField("rounds"), options.choices, kCompared)
        ->check(CLI::Range(1, 100).description(""))
        ->description("measured after 0, 1, ... N rounds, 1..100")
        ->default_str("10, with --compare-numerics 5");
    addField(command, attackField("epsilon"), options.choices, kCompared);
    addField(command, attackField("step"), options.choices, kCompared)->default_str("6.375");
    addField(command, attackField("save"), options.choices, kCompared)->default_str("floor");
    command
        .add_flag("--compare-numerics", options.compareNumerics,
            "instead: the first rule and projection in fast, reference and exact, sub-step by "
            "sub-step; writes numerics.csv and numerics.json")
        ->group(kCompared);
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
    addWhole(*command, "--limit", "only the first N labelled photos, by name", options->input.limit,
        1, 1000000);
    command->add_flag("--resume", options->resume, "go on with a study that was stopped or killed");
    addStudied(*command, *options);
    addAttackNetworks(*command, options->choices);
    command->get_option("--judge")->description(
        "further network that only predicts, repeatable; the sources always judge "
        "[efficientnet-lite2]");
    addLabelOptions(*command, options->input.labels);
    addReadOptions(*command, options->input.read);
    addCommonOptions(*command, options->common);
    command->footer("Definitions and how to read the results: docs/label-leaking.md.");
    onChosen(*command, chosen, options, study);
}

} // namespace crossiter::cli
