#pragma once

#include "core/base/Error.h"

#include <CLI/CLI.hpp>

namespace crossiter {

/// The parser's complaint in the form of all our errors: what is wrong in our words, and the
/// nearest known command, option or choice where a word is not known. `app` is the one that
/// parsed; its name is the program's.
[[nodiscard]] Error usageError(
    const CLI::ParseError& problem, const CLI::App& app, int count, char** arguments);

} // namespace crossiter
