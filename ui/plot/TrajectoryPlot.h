#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/plot/ChartWidget.h"
#include "ui/plot/Figure.h"
#include "ui/plot/TrajectoryNotes.h"

#include <QImage>
#include <QString>
#include <QStringList>
#include <QVector>

#include <memory>
#include <optional>

namespace crossiter::ui {

class TrajectoryCurves;
class TrajectoryLegend;

/// Probability of the true, the attacked and the target label on the exported image over the
/// sub-steps, a line a model; below it whether each sub-step attacked the true label; rings where
/// the true label returns. Click or drag on it: go there. With the focus: Left, Right, Home, End.
class TrajectoryPlot final : public ChartWidget
{
    Q_OBJECT

public:
    explicit TrajectoryPlot(QWidget* parent = nullptr);
    ~TrajectoryPlot() override;

    /// Names for people instead of ids; one name an id.
    void setModelNames(const QStringList& ids, const QStringList& names);
    void setTrace(
        std::shared_ptr<const AttackTrace> trace); ///< null: empty; a longer one: it grows
    void setTrueLabel(std::optional<int> label, bool assumed = false);
    void setTarget(std::optional<int> label);
    void setCurrent(int subStep);
    void setRunning(bool running); ///< the trace still grows: it is not said to be cancelled
    void setStale(bool stale); ///< the trace is of former settings, and the notes say so
    void setSeries(bool trueLabel, bool attackedLabel, bool target); ///< all shown at first

    [[nodiscard]] int current() const { return m_current; }
    /// Where a sub-step lies, widget coordinates: for tests and for the keyboard.
    [[nodiscard]] QPointF positionOf(int subStep) const;
    /// The sentences beside the plot, as shown ("the true label is back: ...").
    [[nodiscard]] QStringList notes() const;

    /// The plot with its legend, at the screen's resolution.
    [[nodiscard]] QImage grabImage();
    /// What is shown as a figure of its own size: no chips, no mark of the shown sub-step.
    [[nodiscard]] Figure figure() const;
    void savePlot(const QString& path, const FigureSize& size = {}) const; ///< saveFigure

signals:
    void subStepClicked(int subStep); ///< 0..the last computed one
    void seriesChanged(bool trueLabel, bool attackedLabel, bool target); ///< by the user

protected:
    void recolour() override;
    void rebuild() override;
    void pointAt(const QPoint& position) override;
    void explain(const QPoint& position, const QPoint& globalPosition) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void build();
    void moveCursor();
    void updateNotes();
    [[nodiscard]] int subStepAt(const QPoint& position) const;
    void go(int subStep);

    TrajectoryData m_shown;
    int m_current = 0;
    TrajectoryNotes m_notes; ///< as shown
    TrajectoryLegend* m_legend = nullptr;
    std::unique_ptr<TrajectoryCurves> m_curves;
};

} // namespace crossiter::ui
