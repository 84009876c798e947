#pragma once

#include "ui/plot/TrajectoryLegend.h"
#include "ui/plot/TrajectoryPlot.h"

#include <QScrollArea>
#include <QVector>
#include <qcustomplot.h>

namespace crossiter::ui {

/// What TrajectoryPlot is made of; apart, so that its header needs no QCustomPlot.
struct TrajectoryPlot::Parts
{
    QCPAxisRect* main = nullptr;
    QCPAxisRect* strip = nullptr;
    QCPBars* trueBars = nullptr; ///< sub-steps that attacked the true label
    QCPBars* otherBars = nullptr; ///< another one
    QCPBars* targetBars = nullptr; ///< that stepped towards a target
    QCPGraph* rings = nullptr;
    QCPItemStraightLine* cursor = nullptr;
    QCPItemStraightLine* stripCursor = nullptr;
    QVector<QCPGraph*> lines; ///< made anew when the judges change
    QScrollArea* legendArea = nullptr;
    TrajectoryLegend* legend = nullptr;
};

} // namespace crossiter::ui
