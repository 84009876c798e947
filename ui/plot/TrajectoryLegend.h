#pragma once

#include "ui/plot/Figure.h"

#include <QVector>
#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

/// The chips that switch series on and off, and the explanation of what is drawn.
class TrajectoryLegend : public QWidget
{
    Q_OBJECT

public:
    explicit TrajectoryLegend(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setEntries(const QVector<LegendEntry>& entries);
    void setSeries(bool trueLabel, bool attackedLabel, bool target);
    void setAvailable(bool trueLabel, bool attackedLabel, bool target);

signals:
    void seriesChanged(bool trueLabel, bool attackedLabel, bool target);

private:
    Theme m_theme;
    QVector<LegendEntry> m_shown;
    QToolButton* m_chips[3] = {};
    QWidget* m_chipRow = nullptr;
    QVBoxLayout* m_entries = nullptr;
};

} // namespace crossiter::ui
