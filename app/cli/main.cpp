#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Error.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <string>

namespace crossiter::cli {

namespace {

/// The deepest command that the arguments name, and the first argument after it.
struct Typed
{
    const CLI::App* command = nullptr;
    std::string path = "crossiter";
    std::string next;
};

Typed typedCommand(const CLI::App& app, int count, char** arguments)
{
    Typed typed { &app };
    for (int i = 1; i < count; ++i) {
        const auto named = typed.command->get_subcommands(
            [&](const CLI::App* candidate) { return candidate->get_name() == arguments[i]; });
        const CLI::App* deeper = named.empty() ? nullptr : named.front();
        if (deeper == nullptr) {
            typed.next = arguments[i];
            break;
        }
        typed.command = deeper;
        typed.path += std::string(" ") + arguments[i];
    }
    return typed;
}

/// CLI11's complaint in the form of all our errors.
Error usageError(const CLI::ParseError& problem, const Typed& typed)
{
    const std::string name = problem.get_name();
    const std::string text = problem.what();
    const std::string help = "what '" + typed.path + " --help' lists";
    const bool wantsCommand =
        !typed.command->get_subcommands([](const CLI::App*) { return true; }).empty();
    if (wantsCommand) {
        return typed.next.empty()
            ? Error(ErrorKind::Usage, "command missing", typed.path, help)
            : Error(ErrorKind::Usage, "unknown command or option", typed.path, help, typed.next);
    }
    if (name == "ExtrasError")
        return Error(ErrorKind::Usage, "unknown argument", typed.path, help,
            text.substr(text.rfind(": ") == std::string::npos ? 0 : text.rfind(": ") + 2));
    if (name == "RequiredError")
        return Error(ErrorKind::Usage, "argument missing", typed.path,
            text.substr(0, text.find(" is required")));
    return Error(ErrorKind::Usage, "wrong arguments", typed.path, help, text);
}

int run(int count, char** arguments, const std::stop_token& stop)
{
    CLI::App app(
        "CrossIter: cross-iterative adversarial perturbations, step by step.", "crossiter");
    app.footer(
        "Exit codes: 0 done, 1 bad input, 2 usage, 3 device, 4 some of several inputs failed, "
        "130 cancelled.\n'crossiter COMMAND --help' explains a command.");
    app.set_version_flag("--version", std::string("crossiter ") + version());
    app.require_subcommand(1);
    app.get_formatter()->column_width(28);
    Chosen chosen;
    addPredictCommand(app, chosen);
    addAttackCommand(app, chosen);
    addDefendCommand(app, chosen);
    addSweepCommand(app, chosen);
    addScoreCommand(app, chosen);
    addModelsCommand(app, chosen);
    addBenchCommand(app, chosen);
    addSelfTestCommand(app, chosen);
    addDatasetCommand(app, chosen);
    addStudyCommand(app, chosen);
    addSubmissionCommand(app, chosen);
    addTournamentCommand(app, chosen);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& outcome) {
        if (outcome.get_exit_code() == 0)
            return app.exit(outcome); // --help, --version
        throw usageError(outcome, typedCommand(app, count, arguments));
    }
    return chosen.run(stop);
}

} // namespace

} // namespace crossiter::cli

int main(int argc, char** argv)
{
    using namespace crossiter;
    int code = 1;
    const std::stop_token stop = cli::watchInterrupts();
    try {
        code = cli::run(argc, argv, stop);
    } catch (const Error& error) {
        const bool ours = error.kind() == ErrorKind::Internal;
        cli::printError(
            (ours ? "internal error, please report it: " : "") + std::string(error.what()));
        code = exitCodeOf(error.kind());
    } catch (const std::bad_alloc&) {
        cli::printError("out of memory");
    } catch (const std::exception& error) {
        cli::printError("internal error, please report it: " + oneLine(error.what()));
    }
    return cli::finishOutput(code);
}
