#pragma once

#include "ui/plot/Figure.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/StudyCurves.h"

#include <QImage>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <memory>

namespace crossiter::ui {

/// Curves over the rounds, one a label rule and projection, each with a band; they grow while a
/// study runs. The list beside them switches each on and off; the chosen one's band is strong.
/// Hovering says the numbers of a round.
class StudyPlot : public QWidget
{
    Q_OBJECT

public:
    explicit StudyPlot(QWidget* parent = nullptr);
    ~StudyPlot() override;

    void setTheme(const Theme& theme);
    /// Replaces what is drawn; lastRound: the axis' end. top 0: the axis fits the bands, at most 1.
    void setCurves(const QVector<BandCurve>& curves, const QString& valueName, int lastRound,
        double top = 0.0);
    void setCurveShown(int curve, bool shown); ///< all are at first; remembered by name
    [[nodiscard]] bool isCurveShown(int curve) const;

    [[nodiscard]] const QVector<BandCurve>& curves() const { return m_curves; }
    [[nodiscard]] QString describe(int round) const; ///< every curve's numbers of that round
    /// Widget coordinates of a point: for tests.
    [[nodiscard]] QPointF positionOf(int curve, int round) const;
    [[nodiscard]] QImage grabImage();
    /// The curves that are shown as a figure of its own size, with a legend instead of the list.
    [[nodiscard]] Figure figure() const;
    void savePlot(const QString& path, const FigureSize& size = {}) const; ///< saveFigure

    [[nodiscard]] QSize sizeHint() const override { return { 420, 240 }; }
    [[nodiscard]] QSize minimumSizeHint() const override { return { 220, 110 }; }

private:
    struct PlotItems;
    void rebuild();
    void fillList();
    void explain(const QPoint& position, const QPoint& global);

    Theme m_theme;
    QVector<BandCurve> m_curves;
    QString m_valueName;
    int m_lastRound = 1;
    double m_top = 0.0;
    QStringList m_hidden; ///< names
    QString m_chosen; ///< a name
    std::unique_ptr<PlotItems> m_items;
};

/// The colour of a label rule: the true label's green for the rule "true", else told apart with the
/// common colour-vision deficiencies.
[[nodiscard]] QColor ruleColor(const Theme& theme, LabelRule rule);

} // namespace crossiter::ui
