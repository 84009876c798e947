#pragma once

#include "core/classify/ModelStore.h"
#include "core/engine/Engine.h"
#include "core/image/NpyFile.h"
#include "core/jobs/AttackFolder.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter::cli {

/// What every command understands.
struct CommonOptions
{
    Compute compute;
    std::string precision = "fp32";
    std::uint64_t memoryBytes = 0; ///< 0 = no limit
    std::uint64_t seed = 1;
    std::string store;
    bool json = false;
    bool quiet = false;
    bool verbose = false;

    [[nodiscard]] EngineOptions engineOptions() const;
    /// Throws Error(Device) for a precision that is not there.
    [[nodiscard]] PredictRequest predictRequest(std::vector<std::string> models) const;
    void requirePrecision() const;
};

/// The chosen command's work, set while the arguments are read; returns the exit code.
struct Chosen
{
    std::function<int(std::stop_token)> run;
};

/// When `command` is the one that was typed, `work` with its options is what is done.
template <typename Options>
void onChosen(CLI::App& command, Chosen& chosen, const std::shared_ptr<Options>& options,
    int (*work)(const Options&, const std::stop_token&))
{
    command.callback([=, &chosen] {
        chosen.run = [=](const std::stop_token& stop) { return work(*options, stop); };
    });
}

/// The options stay alive as long as `options`; defaultThreads 0 = all cores.
void addCommonOptions(CLI::App& command, CommonOptions& options, int defaultThreads = 0);
/// --crop, --contest and --colour.
void addReadOptions(CLI::App& command, ReadOptions& options);
/// --model ID, repeatable and required.
void addModelOption(CLI::App& command, std::vector<std::string>& models);
/// --label, --labels and --label-base.
void addLabelOptions(CLI::App& command, LabelSources& labels);

/// --range and --layout of .npy files.
void addArrayOptions(CLI::App& command, NpyReading& arrays);

/// For LabelSources::onMatched: each line on stderr; nothing under --quiet. `options` outlives it.
[[nodiscard]] std::function<void(const LabelReport&)> labelNotes(const CommonOptions& options);
/// What the networks' answers say of the labels, once the job is over.
void printSuspicion(const LabelReport& labels, const CommonOptions& options);

/// An option with one text value that `take` reads; it may throw Error(Usage).
CLI::Option* addText(CLI::App& command, const std::string& name, const std::string& help,
    const std::function<void(const std::string&)>& take, const std::string& shownDefault = {});

/// Throw Error(Usage) that names the option.
[[nodiscard]] int parseWhole(const std::string& option, const std::string& text, int low, int high);
/// An option of a whole number within bounds.
template <typename Value>
void addWhole(CLI::App& command, const std::string& name, const std::string& help, Value& value,
    int low, int high, const std::string& shownDefault = {})
{
    const auto take = [&value, name, low, high](const std::string& text) {
        value = Value(parseWhole(name, text, low, high));
    };
    addText(command, name, help, take, shownDefault)->type_name("N");
}
[[nodiscard]] double parseNumber(const std::string& option, const std::string& text);
[[nodiscard]] std::uint64_t parseSeed(const std::string& text);

/// One of each command: adds it to `app`, and sets `chosen` when it is the one that was typed.
void addModelsCommand(CLI::App& app, Chosen& chosen);
void addPredictCommand(CLI::App& app, Chosen& chosen);
void addAttackCommand(CLI::App& app, Chosen& chosen);
void addDefendCommand(CLI::App& app, Chosen& chosen);
void addSweepCommand(CLI::App& app, Chosen& chosen);
void addScoreCommand(CLI::App& app, Chosen& chosen);
void addTraceCommand(CLI::App& app, Chosen& chosen);
void addBenchCommand(CLI::App& app, Chosen& chosen);
void addSelfTestCommand(CLI::App& app, Chosen& chosen);
void addDatasetCommand(CLI::App& app, Chosen& chosen);
void addStudyCommand(CLI::App& app, Chosen& chosen);
void addSubmissionCommand(CLI::App& app, Chosen& chosen);
void addTournamentCommand(CLI::App& app, Chosen& chosen);

/// 130 when cancelled, 0 without failures, 1 when everything failed, else 4.
[[nodiscard]] int exitCodeOfJob(bool cancelled, std::size_t failed, std::size_t inputs);

} // namespace crossiter::cli
