#pragma once

#include "core/attack/AttackTrace.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <string>

namespace crossiter::ui {

/// What a trajectory shows.
struct TrajectoryData
{
    QStringList ids; ///< of models
    QStringList names; ///< for people, one an id
    std::shared_ptr<const AttackTrace> trace; ///< null: nothing yet
    std::optional<int> trueLabel;
    bool assumed = false; ///< the true label is the joint top-1
    std::optional<int> target;
    bool running = false; ///< the trace still grows
    bool stale = false; ///< the trace is of former settings
    bool showTrue = true; ///< the three groups of lines
    bool showAttacked = true;
    bool showTarget = true;

    [[nodiscard]] QString nameOf(const std::string& id) const; ///< the id when it has no name
    [[nodiscard]] int sourceIndexOf(const std::string& id) const; ///< -1: a judge only
    [[nodiscard]] int lastComputed() const; ///< the newest sub-step; 0 without a trace
};

} // namespace crossiter::ui
