#pragma once

#include "core/base/Error.h"

#include <CLI/CLI.hpp>

namespace crossiter {

/// The parser's complaint in the form of all our errors: what is wrong in our words, and the
/// nearest known command, option or choice where a word is not known. `app` is the one that
/// parsed; its name is the program's.
[[nodiscard]] Error usageError(
    const CLI::ParseError& problem, const CLI::App& app, int count, char** arguments);

/// Core names an option by its key ("rounds"): a usage error about an option of the command that
/// was typed, the way it is typed ("--rounds"); others as they are.
[[nodiscard]] Error asTyped(const Error& error, const CLI::App& app);

} // namespace crossiter
