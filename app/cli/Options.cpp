#include "app/cli/Options.h"

#include "app/cli/Terminal.h"
#include "core/attack/AttackFields.h"
#include "core/base/ByteCount.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"

#include <cmath>
#include <utility>

namespace crossiter::cli {

EngineOptions CommonOptions::engineOptions() const
{
    return { defaultStorePaths(store), memoryBytes };
}

void CommonOptions::requirePrecision() const
{
    if (precision != "fp32")
        throw Error(ErrorKind::Device, "precision not there on this device",
            "--precision with --device " + toString(compute.device), "fp32", precision);
}

PredictRequest CommonOptions::predictRequest(std::vector<std::string> models) const
{
    requirePrecision();
    return { std::move(models), compute };
}

CLI::Option* addText(CLI::App& command, const std::string& name, const std::string& help,
    const std::function<void(const std::string&)>& take, const std::string& shownDefault)
{
    CLI::Option* option = command.add_option_function<std::string>(name, take, help);
    if (!shownDefault.empty())
        option->default_str(shownDefault);
    return option;
}

void addCommonOptions(CLI::App& command, CommonOptions& options, int defaultThreads)
{
    options.compute.threads = defaultThreads;
    const std::string group = "Common options";
    addText(
        command, "--device", "auto, cpu or cuda[:N]",
        [&options](const std::string& text) { options.compute.device = parseDevice(text); }, "auto")
        ->type_name("DEVICE")
        ->group(group);
    addText(
        command, "--threads", "processor threads, 0 = all cores",
        [&options](const std::string& text) {
            options.compute.threads = parseWhole("--threads", text, 0, kMostThreads);
        },
        std::to_string(defaultThreads))
        ->type_name("N")
        ->group(group);
    addText(
        command, "--numerics", "fast, reference or exact (float64: the same bytes everywhere)",
        [&options](const std::string& text) { options.compute.numerics = parseNumerics(text); },
        "fast")
        ->type_name("NAME")
        ->group(group);
    addText(
        command, "--precision", "fp32, tf32 or bf16 (a processor has fp32)",
        [&options](const std::string& text) { options.precision = text; }, "fp32")
        ->check(CLI::IsMember({ "fp32", "tf32", "bf16" }).description(""))
        ->type_name("NAME")
        ->group(group);
    addText(
        command, "--memory", "budget for loaded networks: 512M, 4G; 0 = no limit",
        [&options](
            const std::string& text) { options.memoryBytes = parseByteCount("--memory", text); },
        "0")
        ->type_name("SIZE")
        ->group(group);
    addText(
        command, "--seed", "of everything random",
        [&options](const std::string& text) { options.seed = parseSeed(text); }, "1")
        ->type_name("N")
        ->group(group);
    command
        .add_option("--store", options.store,
            "folder of models [$CROSSITER_STORE, else the user's data folder]")
        ->type_name("DIR")
        ->group(group);
    command.add_flag("--json", options.json, "JSON where else a table is printed")->group(group);
    auto* quiet = command.add_flag("--quiet", options.quiet, "results and errors only");
    quiet->group(group);
    command.add_flag("--verbose", options.verbose, "say more on stderr")
        ->group(group)
        ->excludes(quiet);
}

void addReadOptions(CLI::App& command, ReadOptions& options)
{
    const std::string group = "Reading images";
    addText(
        command, "--crop", "how a photo becomes 299x299: whole or centre",
        [&options](const std::string& text) {
            options.crop = text == "whole" ? CropRule::Whole : CropRule::CentreCrop;
        },
        "whole")
        ->check(CLI::IsMember({ "whole", "centre" }).description(""))
        ->type_name("RULE")
        ->group(group);
    command
        .add_flag_callback(
            "--contest", [&options] { options.decode = DecodeRule::Contest; },
            "as the competition's toolkit: alpha dropped, EXIF rotation ignored")
        ->group(group);
    addText(
        command, "--colour", "colour profiles in pictures: ignore, or srgb to convert by them",
        [&options](const std::string& text) {
            if (text != "ignore" && text != "srgb")
                throw Error(ErrorKind::Usage, "unknown choice", "--colour", "ignore or srgb",
                    foundWord(text, { "ignore", "srgb" }, false));
            options.colour = text == "srgb" ? ColourRule::Srgb : ColourRule::Ignore;
        },
        "ignore")
        ->type_name("RULE")
        ->group(group);
}

void addArrayOptions(CLI::App& command, NpyReading& arrays)
{
    const std::string group = "Arrays (.npy)";
    addText(
        command, "--range", "of floats: 0..1 or -1..1; else negative values say -1..1",
        [&arrays](const std::string& text) { arrays.range = parseNpyRange(text); })
        ->type_name("RANGE")
        ->group(group);
    addText(command, "--layout", "nhwc or nchw; else the axis of length 3 says it",
        [&arrays](const std::string& text) { arrays.layout = parseNpyLayout(text); })
        ->type_name("LAYOUT")
        ->group(group);
}

void addModelOption(CLI::App& command, std::vector<std::string>& models)
{
    command.add_option("--model", models, "model id, repeatable")
        ->required()
        ->allow_extra_args(false)
        ->type_name("ID");
}

void addLabelOptions(CLI::App& command, LabelSources& labels)
{
    const std::string group = "True labels (else from a file name imagenet_NN_LABEL or a parent "
                              "folder named as a class)";
    addText(command, "--label", "true label of every image: 0..1000 or a name",
        [&labels](const std::string& text) { labels.trueLabel = parseLabel("--label", text); })
        ->type_name("LABEL")
        ->group(group);
    command
        .add_option("--labels", labels.labelsCsv,
            "the dataset's CSV (columns ImageId, TrueLabel), rows NAME.png,LABEL, or another table "
            "(docs/formats.md)")
        ->type_name("CSV")
        ->group(group);
    addText(command, "--label-base",
        "number of the first class (tench) in the tables, 0 or 1: where their header does not tell",
        [&labels](
            const std::string& text) { labels.base = parseWhole("--label-base", text, 0, 1); })
        ->type_name("N")
        ->group(group);
}

std::function<void(const LabelReport&)> labelNotes(const CommonOptions& options)
{
    return [&options](const LabelReport& labels) {
        for (const LabelMatch& match : labels.tables)
            if (!options.quiet)
                printNote(describe(match));
    };
}

void printSuspicion(const LabelReport& labels, const CommonOptions& options)
{
    if (!options.quiet && !labels.suspicion.empty())
        printNote(labels.suspicion);
}

int parseWhole(const std::string& option, const std::string& text, int low, int high)
{
    const auto value = crossiter::parseNumber<int>(text);
    if (!value || *value < low || *value > high)
        throw Error(ErrorKind::Usage, "wrong value", option,
            "a whole number " + std::to_string(low) + ".." + std::to_string(high), text);
    return *value;
}

double parseNumber(const std::string& option, const std::string& text)
{
    const auto value = crossiter::parseNumber<double>(text);
    if (!value || !std::isfinite(*value))
        throw Error(ErrorKind::Usage, "wrong value", option, "a number", text);
    return *value;
}

std::uint64_t parseSeed(const std::string& text)
{
    const auto value = crossiter::parseNumber<std::uint64_t>(text);
    if (!value)
        throw Error(ErrorKind::Usage, "wrong value", "--seed", "a whole number from 0", text);
    return *value;
}

int exitCodeOfJob(bool cancelled, std::size_t failed, std::size_t inputs)
{
    if (cancelled)
        return 130;
    if (failed == 0)
        return 0;
    return failed == inputs ? 1 : 4;
}

} // namespace crossiter::cli
