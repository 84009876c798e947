#pragma once

#include "ui/session/Theme.h"

#include <QFont>
#include <QImage>
#include <QPen>
#include <QSize>
#include <QString>
#include <QVector>

#include <functional>

class QCPPainter;
class QCustomPlot;
class QPainter;

namespace crossiter::ui {

/// One line of a legend: a sample of what it explains, and a sentence.
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

constexpr int kSampleWidth = 22; ///< px of a legend's sample

/// The sample of `entry` from x = 0 on, its middle at `y`; nothing for None.
void paintLegendSample(QPainter& painter, const LegendEntry& entry, double y, const Theme& theme);

/// How large a figure is, in 1/96 inch, and how many pixels an inch of it has as a picture. As it
/// stands: 1600 x 900 pixels, 8.33 x 4.69 inches on paper.
struct FigureSize
{
    int width = 800; ///< 100..10000
    int height = 450; ///< 100..10000; grows where the legend or the rows need more
    int dpi = 192; ///< 24..1200, of pictures
};

/// What is written of a plot: title, the plot itself and its whole legend; no chips, no scroll
/// bars, no marks of where the window is. It does not depend on the window's size, focus or theme.
struct Figure
{
    QString title; ///< of the file, plain
    QString headingHtml; ///< above the plot; may be empty
    QVector<LegendEntry> legend; ///< at the right
    Theme theme; ///< figureTheme()
    QSize own; ///< not empty: the body's size; FigureSize gives the dpi only, and nothing is around
               ///< it
    int leastHeight = 0; ///< of the body
    /// Paints from (0, 0) on, in the size it is given.
    std::function<void(QCPPainter&, const QSize&)> body;
};

/// The light colours: figures are for paper, whatever the window's theme is.
[[nodiscard]] Theme figureTheme();
/// The application's font at 13/96 inch, without hinting: the same on every screen.
[[nodiscard]] QFont figureFont();
/// A plot as a body paints it.
void paintPlot(QCustomPlot& plot, QCPPainter& painter, const QSize& size);

/// Throws Error(BadInput) for a size out of its range.
[[nodiscard]] QImage figureImage(const Figure& figure, const FigureSize& size = {});

/// By extension: .pdf and .svg (vector) or an image format of Qt (.png). The same figure gives the
/// same bytes as PNG and as SVG; a PDF holds its date. Written to a temporary name and renamed.
/// Throws Error(BadInput) that names the path.
void saveFigure(const Figure& figure, const QString& path, const FigureSize& size = {});

} // namespace crossiter::ui
