#pragma once

#include "core/defense/DefendResult.h"
#include "ui/plot/ChartWidget.h"
#include "ui/plot/Figure.h"
#include "ui/session/DefenseSession.h"

#include <QImage>
#include <QString>

#include <memory>

class QCPItemText;

namespace crossiter::ui {

/// The probability that a cell holds of a label; below 0: not known.
[[nodiscard]] double quantityOf(const SweepCell& cell, SweepQuantity quantity);

/// What the two pictures of a sweep have in common: the sweep, the label whose probability is
/// shown, an axis of resize sizes, and their files.
class SweepChart : public ChartWidget
{
    Q_OBJECT

public:
    ~SweepChart() override;

    void setSweep(std::shared_ptr<const SweepResult> sweep); ///< null: empty
    void setQuantity(SweepQuantity quantity, const QString& labelName);

    [[nodiscard]] QImage grabImage();
    /// What is shown as a figure of its own size: no mark of what is chosen.
    [[nodiscard]] virtual Figure figure() const = 0;
    void savePlot(const QString& path, const FigureSize& size = {}) const; ///< saveFigure

protected:
    /// help: what mouse and keys do. yTitle: of the upright axis; empty: none. rightMargin: px.
    SweepChart(const QString& help, const QString& yTitle, int rightMargin, QWidget* parent);

    /// The same sweep, label and, in the figure's looks, everything that is to be seen.
    void showAsFigure(const SweepChart& other);

    [[nodiscard]] const SweepResult* sweep() const { return m_sweep.get(); } ///< null: none
    [[nodiscard]] SweepQuantity quantity() const { return m_quantity; }
    [[nodiscard]] const QString& shownLabel() const { return m_label; } ///< its name; may be empty
    [[nodiscard]] QString spokenLabel() const; ///< as a part of a sentence
    /// A figure's heading, with how much of the sweep is there unless all is.
    [[nodiscard]] QString figureHeading(const QString& html) const;

    void recolour() override;
    void resizeEvent(
        QResizeEvent* event) override; ///< no titles where they take the picture's room

private:
    void showTitles(bool shown);
    [[nodiscard]] QString missingText() const; ///< empty: all is there
    void showMissing(); ///< in words that fit

    std::shared_ptr<const SweepResult> m_sweep;
    SweepQuantity m_quantity = SweepQuantity::TrueLabel;
    QString m_label;
    QString m_yTitle;
    QCPItemText* m_missing = nullptr; ///< says how much of the sweep is there, unless all is
};

} // namespace crossiter::ui
