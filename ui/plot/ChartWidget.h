#pragma once

#include "ui/session/Theme.h"

#include <QPoint>
#include <QWidget>

class QCPAxis;
class QCustomPlot;

namespace crossiter::ui {

/// What every plot that one points at has in common: one QCustomPlot, a frame while it has the
/// focus, and the mouse. Pressing and dragging with the left button takes a place, hovering
/// explains one. The plot itself never has the focus: the keys are this widget's.
class ChartWidget : public QWidget
{
    Q_OBJECT

public:
    ~ChartWidget() override;

    void setTheme(const Theme& theme);

signals:
    void draggingChanged(bool dragging); ///< the left button went down on the plot or was let go

protected:
    /// The plot is made, and the subclass lays it out; recolour() and rebuild() are the subclass's
    /// to call first.
    explicit ChartWidget(QWidget* parent);

    [[nodiscard]] QCustomPlot* plot() const { return m_plot; }
    [[nodiscard]] const Theme& theme() const { return m_theme; }
    [[nodiscard]] QFont axisFont() const; ///< small, digits of one width
    /// Colours and fonts of an axis' numbers, title and grid; its own two pens stay.
    void styleAxis(QCPAxis& axis) const;
    /// "cursor", above all lines: moving what is on it repaints nothing else.
    void addCursorLayer();
    void replotCursor();

    virtual void recolour() = 0; ///< the theme is another one
    virtual void rebuild() = 0; ///< what is drawn is another thing
    /// Pressed or dragged there, coordinates of the plot.
    virtual void pointAt(const QPoint& position) = 0;
    /// The mouse has stood still there: shows a tooltip, or none.
    virtual void explain(const QPoint& position, const QPoint& globalPosition) = 0;

    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    Theme m_theme;
    QCustomPlot* m_plot = nullptr;
};

} // namespace crossiter::ui
