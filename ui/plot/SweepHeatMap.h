#pragma once

#include "ui/plot/SweepChart.h"

#include <QPointF>

#include <memory>
#include <optional>

namespace crossiter::ui {

/// Sub-step x resize size of one model: the probability of a label as a colour map
/// (core's heatColour: lightness rises evenly, so it reads with any colour vision and in grey).
/// Cells that were not computed are empty. Click or drag: that sub-step and size are taken. With
/// the focus: Left and Right to the next size of the sweep, Up and Down to the next sub-step, Home
/// and End to the first and the last size.
class SweepHeatMap final : public SweepChart
{
    Q_OBJECT

public:
    explicit SweepHeatMap(QWidget* parent = nullptr);
    ~SweepHeatMap() override;

    void setModel(int model, const QString& name); ///< index into the sweep's models
    void setCurrent(int subStep, int size); ///< the cell nearest to it is framed

    [[nodiscard]] int model() const { return m_model; }
    [[nodiscard]] int subStep() const { return m_subStep; }
    [[nodiscard]] int size() const { return m_size; }
    /// What is drawn there; nothing: an empty cell or none.
    [[nodiscard]] std::optional<double> valueAt(int subStep, int size) const;
    /// The middle of a cell, widget coordinates.
    [[nodiscard]] QPointF positionOf(int subStep, int size) const;

    [[nodiscard]] Figure figure() const override;

signals:
    void cellClicked(int subStep, int size);

protected:
    void recolour() override;
    void rebuild() override;
    void pointAt(const QPoint& position) override;
    void explain(const QPoint& position, const QPoint& globalPosition) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct PlotItems;

    void build();
    void labelAxes();
    void moveFrame();
    void go(int column, int subStep);
    [[nodiscard]] QPoint cellAt(const QPoint& position) const; ///< (column, sub-step), unclamped
    [[nodiscard]] int columnOf(int size) const; ///< of the nearest size; -1: none
    [[nodiscard]] int columns() const;
    [[nodiscard]] int rows() const;

    int m_model = 0;
    QString m_name;
    int m_subStep = 0;
    int m_size = 200;
    std::unique_ptr<PlotItems> m_items;
};

} // namespace crossiter::ui
