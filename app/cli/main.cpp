#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "app/common/UsageError.h"
#include "core/base/Error.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <string>

namespace crossiter::cli {

namespace {

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
    addTraceCommand(app, chosen);
    addModelsCommand(app, chosen);
    addBenchCommand(app, chosen);
    addSelfTestCommand(app, chosen);
    addDatasetCommand(app, chosen);
    addStudyCommand(app, chosen);
    addSubmissionCommand(app, chosen);
    addTournamentCommand(app, chosen);
    try {
        app.parse(count, arguments);
        return chosen.run(stop);
    } catch (const CLI::ParseError& outcome) {
        if (outcome.get_exit_code() == 0)
            return app.exit(outcome); // --help, --version
        throw usageError(outcome, app, count, arguments);
    } catch (const Error& error) {
        throw asTyped(error, app);
    }
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
