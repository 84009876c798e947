#include "ui/plot/Figure.h"

#include "core/base/Error.h"

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QFileInfo>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QTextDocument>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace crossiter::ui {

namespace {

constexpr double kUnitsPerInch = 96.0;
constexpr double kFontUnits = 13.0;
constexpr int kMargin = 14;
constexpr int kGap = 18; ///< between plot and legend
constexpr int kSampleGap = 6;
constexpr double kLineGap = 5.0; ///< between two entries
constexpr double kMetresPerInch = 0.0254;

[[noreturn]] void fail(const QString& path, const QString& why)
{
    throw Error(ErrorKind::BadInput, "cannot write the figure", path.toStdString(),
        "a writable place and .pdf, .svg or .png", why.toStdString());
}

/// What Qt measures fonts for: pictures, vectors and layouts all take it, so that they agree.
int fontDotsPerInch()
{
    return QImage(1, 1, QImage::Format_RGB32).logicalDpiY();
}

QFont scaled(QFont font, double scale)
{
    font.setPointSizeF(font.pointSizeF() * scale);
    return font;
}

std::unique_ptr<QTextDocument> textOf(
    const QString& html, const QColor& colour, const QFont& font, double width)
{
    auto text = std::make_unique<QTextDocument>();
    text->setDocumentMargin(0);
    text->setDefaultFont(font);
    text->setHtml(QStringLiteral("<span style='color:%1'>%2</span>").arg(colour.name(), html));
    text->setTextWidth(width);
    return text;
}

struct LegendLayout
{
    std::vector<std::unique_ptr<QTextDocument>> texts;
    double scale = 1.0;
    double width = 0.0;
    double height = 0.0;
};

double indentOf(const LegendEntry& entry)
{
    return entry.sample == LegendEntry::Sample::None ? 0.0 : kSampleWidth + kSampleGap;
}

LegendLayout layOut(const Figure& figure, double width, double scale)
{
    LegendLayout layout;
    layout.scale = scale;
    const QFont font = scaled(figureFont(), scale);
    for (const LegendEntry& entry : figure.legend) {
        const double indent = indentOf(entry);
        auto text = textOf(entry.html, figure.theme.text, font, width - indent);
        layout.width =
            std::max({ layout.width, indent + std::ceil(text->idealWidth()) + 1.0, 1.0 });
        layout.height += (layout.texts.empty() ? 0.0 : kLineGap * scale) + text->size().height();
        layout.texts.push_back(std::move(text));
    }
    return layout;
}

/// The widest letters, then the narrowest column, that show the whole legend; else the last try:
/// the figure grows to it.
LegendLayout fitLegend(const Figure& figure, double width, double height)
{
    LegendLayout layout;
    for (const double scale : { 1.0, 0.9, 0.8, 0.72 }) {
        for (const double share : { 0.28, 0.35, 0.42 }) {
            layout = layOut(figure, std::max(60.0, width * share), scale);
            if (layout.height <= height)
                return layout;
        }
    }
    return layout;
}

/// Where everything stands, in 1/96 inch.
struct Composition
{
    QSize size;
    std::unique_ptr<QTextDocument> heading;
    LegendLayout legend;
    QRect body;
};

Composition compose(const Figure& figure, const FigureSize& wanted)
{
    Composition out;
    if (!figure.own.isEmpty()) {
        out.size = figure.own;
        out.body = QRect(QPoint(0, 0), figure.own);
        return out;
    }
    const double inner = wanted.width - 2.0 * kMargin;
    double top = kMargin;
    if (!figure.headingHtml.isEmpty()) {
        out.heading =
            textOf(figure.headingHtml, figure.theme.text, scaled(figureFont(), 1.1), inner);
        top += out.heading->size().height() + 8.0;
    }
    out.legend = fitLegend(figure, inner, wanted.height - top - kMargin);
    const int right = out.legend.texts.empty() ? 0 : qCeil(out.legend.width) + kGap;
    const int height = std::max(
        { wanted.height - qCeil(top) - kMargin, qCeil(out.legend.height), figure.leastHeight, 60 });
    out.body = QRect(kMargin, qCeil(top), std::max(60, qFloor(inner) - right), height);
    out.size = QSize(wanted.width, out.body.bottom() + 1 + kMargin);
    return out;
}

void paintText(QPainter& painter, const QTextDocument& text, const QPointF& at)
{
    painter.save();
    painter.translate(at);
    text.documentLayout()->draw(&painter, QAbstractTextDocumentLayout::PaintContext());
    painter.restore();
}

void paintLegend(QPainter& painter, const Figure& figure, const Composition& composition)
{
    const LegendLayout& layout = composition.legend;
    const double left = composition.body.right() + 1.0 + kGap;
    double y = composition.body.top();
    const QFontMetricsF metrics(scaled(figureFont(), layout.scale));
    for (std::size_t i = 0; i < layout.texts.size(); ++i) {
        const LegendEntry& entry = figure.legend.at(static_cast<qsizetype>(i));
        painter.save();
        painter.translate(left, 0.0);
        painter.setRenderHint(QPainter::Antialiasing);
        paintLegendSample(painter, entry, y + metrics.height() / 2.0, figure.theme);
        painter.restore();
        paintText(painter, *layout.texts[i], QPointF(left + indentOf(entry), y));
        y += layout.texts[i]->size().height() + kLineGap * layout.scale;
    }
}

void paintFigure(QCPPainter& painter, const Figure& figure, const Composition& composition)
{
    painter.fillRect(QRect(QPoint(0, 0), composition.size), figure.theme.window);
    painter.setFont(figureFont());
    if (composition.heading)
        paintText(painter, *composition.heading, QPointF(kMargin, kMargin));
    paintLegend(painter, figure, composition);
    painter.save();
    painter.translate(composition.body.topLeft());
    figure.body(painter, composition.body.size());
    painter.restore();
}

void checkSize(const FigureSize& size)
{
    const auto in = [](int value, int low, int high) { return value >= low && value <= high; };
    if (!in(size.width, 100, 10000) || !in(size.height, 100, 10000) || !in(size.dpi, 24, 1200)) {
        throw Error(ErrorKind::BadInput, "a figure of this size cannot be drawn", "figure",
            "100..10000 x 100..10000 at 24..1200 dpi",
            std::to_string(size.width) + " x " + std::to_string(size.height) + " at "
                + std::to_string(size.dpi) + " dpi");
    }
}

void beginVector(QCPPainter& painter, QPaintDevice& device, const QString& path)
{
    if (!painter.begin(&device))
        fail(path, QFileInfo(path).suffix());
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmNonCosmetic);
}

void writePdf(const Figure& figure, QIODevice& device, const QString& path, const FigureSize& size)
{
    const Composition composition = compose(figure, size);
    QPdfWriter writer(&device);
    writer.setResolution(fontDotsPerInch());
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setPageSize(QPageSize(
        QSizeF(composition.size) / kUnitsPerInch, QPageSize::Inch, {}, QPageSize::ExactMatch));
    writer.setTitle(figure.title);
    QCPPainter painter;
    beginVector(painter, writer, path);
    const double scale = fontDotsPerInch() / kUnitsPerInch;
    painter.scale(scale, scale);
    paintFigure(painter, figure, composition);
    painter.end();
}

void writeSvg(const Figure& figure, QIODevice& device, const QString& path, const FigureSize& size)
{
    const Composition composition = compose(figure, size);
    QSvgGenerator generator;
    generator.setOutputDevice(&device);
    generator.setResolution(fontDotsPerInch());
    generator.setSize(composition.size);
    generator.setViewBox(QRect(QPoint(0, 0), composition.size));
    generator.setTitle(figure.title);
    QCPPainter painter;
    beginVector(painter, generator, path);
    paintFigure(painter, figure, composition);
    painter.end();
}

} // namespace

void paintLegendSample(QPainter& painter, const LegendEntry& entry, double y, const Theme& theme)
{
    switch (entry.sample) {
    case LegendEntry::Sample::Line:
        painter.setPen(entry.pen);
        painter.drawLine(QPointF(1.0, y), QPointF(kSampleWidth, y));
        break;
    case LegendEntry::Sample::Ring:
        painter.setPen(entry.pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(QPointF(kSampleWidth / 2.0, y), 5.0, 5.0);
        break;
    case LegendEntry::Sample::Strip:
        painter.fillRect(QRectF(1.0, y - 3.0, 9.5, 6.0), theme.trueLabel);
        painter.fillRect(QRectF(12.5, y - 3.0, 9.5, 6.0), theme.wrongLabel);
        break;
    case LegendEntry::Sample::None:
        break;
    }
}

Theme figureTheme()
{
    return makeTheme(ThemeKind::Light);
}

QFont figureFont()
{
    QFont font = QApplication::font();
    font.setPointSizeF(kFontUnits * 72.0 / fontDotsPerInch());
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

void paintPlot(QCustomPlot& plot, QCPPainter& painter, const QSize& size)
{
    plot.toPainter(&painter, size.width(), size.height());
}

QImage figureImage(const Figure& figure, const FigureSize& size)
{
    checkSize(size);
    const Composition composition = compose(figure, size);
    const double scale = size.dpi / kUnitsPerInch;
    QImage image((QSizeF(composition.size) * scale).toSize(), QImage::Format_RGB32);
    if (image.isNull()) {
        throw Error(ErrorKind::BadInput, "a figure of this size does not fit into memory", "figure",
            "a smaller size or fewer dots an inch");
    }
    image.fill(figure.theme.window);
    {
        QCPPainter painter;
        painter.begin(&image);
        painter.scale(scale, scale);
        painter.setMode(QCPPainter::pmNoCaching);
        painter.setMode(QCPPainter::pmNonCosmetic);
        painter.setRenderHints(QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
        paintFigure(painter, figure, composition);
    }
    image.setDotsPerMeterX(qRound(size.dpi / kMetresPerInch));
    image.setDotsPerMeterY(qRound(size.dpi / kMetresPerInch));
    return image;
}

void saveFigure(const Figure& figure, const QString& path, const FigureSize& size)
{
    checkSize(size);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        fail(path, file.errorString());
    const QByteArray format = QFileInfo(path).suffix().toLatin1().toLower();
    if (format == "pdf")
        writePdf(figure, file, path, size);
    else if (format == "svg")
        writeSvg(figure, file, path, size);
    else if (!figureImage(figure, size).save(&file, format.isEmpty() ? "png" : format.constData()))
        fail(path, QStringLiteral(".") + QString::fromLatin1(format));
    if (!file.commit())
        fail(path, file.errorString());
}

} // namespace crossiter::ui
