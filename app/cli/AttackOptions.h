#pragma once

#include "app/cli/Options.h"

#include <optional>
#include <string>
#include <vector>

namespace crossiter::cli {

/// What was typed of an attack; nothing = the method's default.
struct AttackOptions
{
    CommonOptions common;
    AttackJob job;
    Method method = Method::CrossIterative;
    int epsilon = 16;
    std::vector<std::string> sources;
    std::vector<std::string> judges;
    std::optional<int> rounds;
    std::optional<double> step;
    std::optional<Projection> projection;
    std::optional<LabelRule> labelRule;
    std::optional<SaveRule> save;
    std::optional<int> target;
    std::string through; ///< canonical; empty: none
    int throughDraws = 1;
    std::optional<double> momentum;
    std::optional<Ensemble> ensemble;
    double diversity = 0.0;
    int translation = 0;
    int scales = 1;
    bool nesterov = false;
};

/// Throws Error(Usage): options that do not fit each other.
[[nodiscard]] AttackRequest requestOf(const AttackOptions& options);

/// --method and what decides the steps; returns --method.
CLI::Option* addAttackRule(CLI::App& command, AttackOptions& options);
/// --source and --judge.
void addAttackNetworks(CLI::App& command, AttackOptions& options);

} // namespace crossiter::cli
