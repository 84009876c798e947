#pragma once

#include "ui/plot/Figure.h"
#include "ui/plot/TrajectoryData.h"
#include "ui/session/Theme.h"

#include <QStringList>
#include <QVector>

namespace crossiter::ui {

/// What stands beside a trajectory.
struct TrajectoryNotes
{
    QVector<LegendEntry> entries; ///< the heading, the lines' samples, the sentences
    QStringList sentences; ///< plain ("the true label is back: ...")
};

[[nodiscard]] TrajectoryNotes trajectoryNotes(const TrajectoryData& shown, const Theme& theme);

} // namespace crossiter::ui
