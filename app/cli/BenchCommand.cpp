#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct BenchOptions
{
    CommonOptions common;
    BenchRequest request;
};

/// What 100 draws of dropout cost, per network: seconds of a forward pass with them over those of
/// one without.
Json drawsOverForward(const BenchResult& result)
{
    const std::string forward = " forward";
    const std::string drawn = " forward, 100 dropout draws";
    Json ratios = Json::object();
    for (const BenchEntry& entry : result.entries) {
        if (!entry.name.ends_with(drawn))
            continue;
        const std::string id = entry.name.substr(0, entry.name.size() - drawn.size());
        for (const BenchEntry& plain : result.entries)
            if (plain.name == id + forward)
                ratios[id] = jsonNumber(entry.seconds / plain.seconds);
    }
    return ratios;
}

int bench(const BenchOptions& options, const std::stop_token& stop)
{
    BenchRequest request = options.request;
    options.common.requirePrecision();
    request.compute = options.common.compute;
    Engine engine(options.common.engineOptions());
    engine.requireModels(request.models);
    std::shared_ptr<const BenchResult> result;
    {
        ProgressLine line(options.common.quiet);
        result = engine.bench(request, line.sink(), stop);
    }
    Json output;
    output["version"] = version();
    output["device"] = engine.describeDevice(request.compute);
    output["numerics"] = toString(request.compute.numerics);
    output["cancelled"] = result->cancelled;
    output["draws_over_forward"] = drawsOverForward(*result);
    output["entries"] = Json::array();
    for (const BenchEntry& entry : result->entries) {
        Json row;
        row["name"] = entry.name;
        row["seconds"] = jsonNumber(entry.seconds);
        row["gflops"] = entry.gflops > 0.0 ? jsonNumber(entry.gflops) : Json(nullptr);
        row["runs"] = entry.runs;
        if (request.roofline) {
            row["of_convolution_peak"] =
                entry.ofConvolutionPeak > 0.0 ? jsonNumber(entry.ofConvolutionPeak) : Json(nullptr);
        }
        output["entries"].push_back(std::move(row));
    }
    if (request.roofline) {
        const auto measured = [](double value) {
            return value > 0.0 ? jsonNumber(value) : Json(nullptr);
        };
        output["roofline"] = { { "matrix_product_gflops", measured(result->matrixGflops) },
            { "convolution_gflops", measured(result->convolutionGflops) },
            { "memory_bytes_per_second", measured(result->bytesPerSecond) } };
    }
    print(jsonText(output));
    return exitCodeOfJob(result->cancelled, 0, 0);
}

struct SelfTestOptions
{
    CommonOptions common;
};

int selfTest(const SelfTestOptions& options, const std::stop_token& stop)
{
    options.common.requirePrecision();
    Engine engine(options.common.engineOptions());
    SelfTestResult result;
    {
        ProgressLine line(options.common.quiet);
        result = engine.selfTest(options.common.compute, line.sink(), stop);
    }
    Json output;
    output["version"] = version();
    output["device"] = result.device;
    output["kernels_built"] = result.kernels;
    output["cancelled"] = result.cancelled;
    output["entries"] = Json::array();
    std::size_t failed = 0;
    for (const SelfTestEntry& entry : result.entries) {
        output["entries"].push_back(
            { { "name", entry.name }, { "difference", jsonNumber(entry.difference) },
                { "bound", jsonNumber(entry.bound) }, { "passed", entry.passed } });
        failed += entry.passed ? 0U : 1U;
    }
    output["failed"] = failed;
    print(jsonText(output));
    if (result.cancelled)
        return exitCodeOfJob(true, 0, 0);
    return failed == 0 ? 0 : exitCodeOf(ErrorKind::Device);
}

} // namespace

void addSelfTestCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<SelfTestOptions>();
    CLI::App* command = app.add_subcommand("selftest",
        "Each operation on a device against its body on the CPU, as JSON; exit code 3 when one "
        "differs by more than its bound");
    addCommonOptions(*command, options->common, 1);
    onChosen(*command, chosen, options, selfTest);
}

void addBenchCommand(CLI::App& app, Chosen& chosen)
{
    auto options = std::make_shared<BenchOptions>();
    CLI::App* command =
        app.add_subcommand("bench", "Seconds per operation on this machine, as JSON");
    command
        ->add_option(
            "--model", options->request.models, "model id, repeatable [the default pair and judge]")
        ->allow_extra_args(false)
        ->type_name("ID");
    addWhole(*command, "--runs", "runs of each operation; the median is reported",
        options->request.runs, 1, 10'000, "5");
    command->add_flag("--roofline", options->request.roofline,
        "also measure this machine's best matrix product, 3x3 convolution and memory copy, and say "
        "which share of the convolution peak each operation reaches");
    addCommonOptions(*command, options->common, 1);
    onChosen(*command, chosen, options, bench);
}

} // namespace crossiter::cli
