#pragma once

#include "core/defense/DefendResult.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/Theme.h"

#include <QImage>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <memory>
#include <optional>

namespace crossiter::ui {

/// The probability that a cell holds of a label; below 0: not known.
[[nodiscard]] double quantityOf(const SweepCell& cell, SweepQuantity quantity);

/// Probability of one label behind the defense over the resize size, a line a model, for one
/// sub-step. The best size is marked. Click or drag: that size is taken. With the focus: Left and
/// Right by 1, with Shift by 10, Home and End to the ends of the sweep, B to the best size.
class SweepPlot : public QWidget
{
    Q_OBJECT

public:
    explicit SweepPlot(QWidget* parent = nullptr);
    ~SweepPlot() override;

    void setTheme(const Theme& theme);
    /// One name and one source index (-1: a judge) a model, in the order of the sweep's models.
    void setModels(const QStringList& names, const QVector<int>& sourceIndices);
    void setSweep(std::shared_ptr<const SweepResult> sweep); ///< null: empty
    void setSubStep(int subStep);
    void setQuantity(SweepQuantity quantity, const QString& labelName);
    void setSize(int size); ///< the chosen size, 1..299
    void setBestSize(std::optional<int> size);

    [[nodiscard]] int size() const { return m_size; }
    /// What is drawn of a model: (size, probability), ascending.
    [[nodiscard]] QVector<QPointF> curve(int model) const;
    /// Where a size lies, widget coordinates.
    [[nodiscard]] QPointF positionOf(int size) const;

    [[nodiscard]] QImage grabImage();
    void savePlot(const QString& path); ///< PNG or PDF; throws Error

signals:
    void sizeClicked(int size); ///< 1..299
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
    void moveCursor();
    void go(int size);
    void explain(const QPoint& position, const QPoint& globalPosition);
    [[nodiscard]] int sizeAt(const QPoint& position) const;

    Theme m_theme;
    QStringList m_names;
    QVector<int> m_sources;
    std::shared_ptr<const SweepResult> m_sweep;
    int m_subStep = 0;
    SweepQuantity m_quantity = SweepQuantity::TrueLabel;
    QString m_label;
    int m_size = 200;
    std::optional<int> m_best;
    std::unique_ptr<Parts> m_parts;
};

} // namespace crossiter::ui
