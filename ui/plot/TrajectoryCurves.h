#pragma once

#include "ui/plot/TrajectoryData.h"
#include "ui/session/Theme.h"

#include <QList>
#include <QVector>

class QCPAxis;
class QCPAxisRect;
class QCPBars;
class QCPGraph;
class QCPItemStraightLine;
class QCustomPlot;

namespace crossiter::ui {

/// A trajectory's lines over a strip that says what each sub-step attacked, with one x axis, and
/// the mark of the shown sub-step; laid out in a plot that has a layer "cursor".
class TrajectoryCurves
{
public:
    /// plot must outlive this; what it holds is replaced.
    explicit TrajectoryCurves(QCustomPlot& plot);

    void recolour(const Theme& theme); ///< what is not styled as an axis
    void show(const TrajectoryData& shown, const Theme& theme); ///< all lines anew
    void moveCursor(int subStep, bool visible);
    void hideCursor();
    void setValueTitle(const QString& title); ///< of the axis at the left
    [[nodiscard]] QList<QCPAxis*> axes() const;
    [[nodiscard]] QRect area() const; ///< of the lines, coordinates of the plot
    [[nodiscard]] double positionOf(int subStep) const; ///< x there
    [[nodiscard]] double subStepAt(double x) const; ///< not rounded, not clamped

private:
    void fillStrip(const TrajectoryData& shown);

    QCustomPlot& m_plot; ///< owns what the pointers point to
    QCPAxisRect* m_main = nullptr;
    QCPAxisRect* m_strip = nullptr;
    QCPBars* m_trueBars = nullptr; ///< sub-steps that attacked the true label
    QCPBars* m_otherBars = nullptr; ///< another one
    QCPBars* m_targetBars = nullptr; ///< that stepped towards a target
    QCPGraph* m_rings = nullptr;
    QCPItemStraightLine* m_cursor = nullptr;
    QCPItemStraightLine* m_stripCursor = nullptr;
    QVector<QCPGraph*> m_lines; ///< made anew when the judges change
};

} // namespace crossiter::ui
