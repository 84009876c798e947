#pragma once

#include "core/defense/DefendResult.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/Theme.h"

#include <QImage>
#include <QPointF>
#include <QString>
#include <QWidget>

#include <memory>
#include <optional>

namespace crossiter::ui {

/// Sub-step x resize size of one model: the probability of a label as a colour map
/// (core's heatColour: lightness rises evenly, so it reads with any colour vision and in grey).
/// Cells that were not computed are empty. Click or drag: that sub-step and size are taken. With
/// the focus: Left and Right to the next size of the sweep, Up and Down to the next sub-step, Home
/// and End to the first and the last size.
class SweepHeatMap : public QWidget
{
    Q_OBJECT

public:
    explicit SweepHeatMap(QWidget* parent = nullptr);
    ~SweepHeatMap() override;

    void setTheme(const Theme& theme);
    void setSweep(std::shared_ptr<const SweepResult> sweep); ///< null: empty
    void setModel(int model, const QString& name); ///< index into the sweep's models
    void setQuantity(SweepQuantity quantity, const QString& labelName);
    void setCurrent(int subStep, int size); ///< the cell nearest to it is framed

    [[nodiscard]] int model() const { return m_model; }
    [[nodiscard]] int subStep() const { return m_subStep; }
    [[nodiscard]] int size() const { return m_size; }
    /// What is drawn there; nothing: an empty cell or none.
    [[nodiscard]] std::optional<double> valueAt(int subStep, int size) const;
    /// The middle of a cell, widget coordinates.
    [[nodiscard]] QPointF positionOf(int subStep, int size) const;

    [[nodiscard]] QImage grabImage();
    void savePlot(const QString& path); ///< PNG or PDF; throws Error

signals:
    void cellClicked(int subStep, int size);
    void draggingChanged(bool dragging);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Parts;

    void build();
    void recolour();
    void rebuild();
    void labelAxes();
    void moveFrame();
    void go(int column, int subStep);
    void goTo(const QPoint& position);
    void explain(const QPoint& position, const QPoint& globalPosition);
    [[nodiscard]] int columnOf(int size) const; ///< of the nearest size; -1: none
    [[nodiscard]] int columns() const;
    [[nodiscard]] int rows() const;

    Theme m_theme;
    std::shared_ptr<const SweepResult> m_sweep;
    int m_model = 0;
    QString m_name;
    SweepQuantity m_quantity = SweepQuantity::TrueLabel;
    QString m_label;
    int m_subStep = 0;
    int m_size = 200;
    std::unique_ptr<Parts> m_parts;
};

} // namespace crossiter::ui
