#pragma once

#include "ui/plot/SweepChart.h"

#include <QPointF>
#include <QStringList>
#include <QVector>

#include <memory>
#include <optional>

namespace crossiter::ui {

/// Probability of one label behind the defense over the resize size, a line a model, for one
/// sub-step. The best size is marked. Click or drag: that size is taken. With the focus: Left and
/// Right by 1, with Shift by 10, Home and End to the ends of the sweep, B to the best size.
class SweepPlot final : public SweepChart
{
    Q_OBJECT

public:
    explicit SweepPlot(QWidget* parent = nullptr);
    ~SweepPlot() override;

    /// One name and one source index (-1: a judge) a model, in the order of the sweep's models.
    void setModels(const QStringList& names, const QVector<int>& sourceIndices);
    void setSubStep(int subStep);
    void setSize(int size); ///< the chosen size, 1..299
    void setBestSize(std::optional<int> size);

    [[nodiscard]] int size() const { return m_size; }
    /// What is drawn of a model: (size, probability), ascending.
    [[nodiscard]] QVector<QPointF> curve(int model) const;
    /// Where a size lies, widget coordinates.
    [[nodiscard]] QPointF positionOf(int size) const;

    [[nodiscard]] Figure figure() const override;

signals:
    void sizeClicked(int size); ///< 1..299

protected:
    void recolour() override;
    void rebuild() override;
    void pointAt(const QPoint& position) override;
    void explain(const QPoint& position, const QPoint& globalPosition) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct PlotItems;

    void build();
    void moveCursor();
    void go(int size);
    [[nodiscard]] int sizeAt(const QPoint& position) const;

    QStringList m_names;
    QVector<int> m_sources;
    int m_subStep = 0;
    int m_size = 200;
    std::optional<int> m_best;
    std::unique_ptr<PlotItems> m_items;
};

} // namespace crossiter::ui
