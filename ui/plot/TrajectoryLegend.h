#pragma once

#include "ui/session/Theme.h"

#include <QPen>
#include <QString>
#include <QVector>
#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

/// One line beside the plot: a sample of what it explains, and a sentence.
struct LegendEntry
{
    enum class Sample
    {
        None,
        Line,
        Ring,
        Strip
    };
    Sample sample = Sample::None;
    QPen pen; ///< of the line or the ring; a strip has its own colours
    QString html;
};

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
    /// Where the entries begin: a picture of the legend leaves the chips out.
    [[nodiscard]] int chipsHeight() const;

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
