#pragma once

#include "app/cli/Options.h"
#include "core/attack/AttackFields.h"

#include <string>

namespace crossiter::cli {

/// What was typed of an attack.
struct AttackOptions
{
    CommonOptions common;
    AttackJob job;
    AttackChoices choices;
};

/// Throws Error(Usage): options that do not fit each other.
[[nodiscard]] AttackRequest requestOf(const AttackOptions& options);

/// The row as an option of a command; what is typed goes into `choices`, which outlives the
/// command. group: of the help, instead of the row's own.
CLI::Option* addField(CLI::App& command, const AttackField& field, AttackChoices& choices,
    const std::string& group = {});

/// --method and what decides the steps; returns --method.
CLI::Option* addAttackRule(CLI::App& command, AttackOptions& options);
/// --source and --judge.
void addAttackNetworks(CLI::App& command, AttackChoices& choices);

/// The first option of an attack, but the key `except`, that was typed, with its dashes; empty:
/// none was.
[[nodiscard]] std::string typedField(const CLI::App& command, const std::string& except = {});

/// What the methods differ in, as a table for the end of a help.
[[nodiscard]] std::string defaultsTable();

} // namespace crossiter::cli
