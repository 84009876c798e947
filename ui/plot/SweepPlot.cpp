#include "ui/plot/SweepPlot.h"

#include "core/image/Image.h"
#include "ui/plot/StepTicker.h"
#include "ui/session/ShownText.h"

#include <QKeyEvent>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {

struct SweepPlot::PlotItems
{
    QVector<QCPGraph*> lines; ///< one a model
    QCPGraph* best = nullptr; ///< a ring on each line at the best size
    QCPItemStraightLine* bestLine = nullptr;
    QCPItemText* bestText = nullptr;
    QCPItemStraightLine* cursor = nullptr;
};

SweepPlot::SweepPlot(QWidget* parent)
    : SweepChart(tr("Click: that size. Keys: Left and Right by 1, with Shift by 10, Home and End, "
                    "B to the best size."),
        {}, 12, parent)
    , m_items(std::make_unique<PlotItems>())
{
    build();
    recolour();
    rebuild();
}

SweepPlot::~SweepPlot() = default;

void SweepPlot::build()
{
    PlotItems& items = *m_items;
    QCPAxis* x = plot()->xAxis;
    QCPAxis* y = plot()->yAxis;
    x->setTickLengthOut(3);
    y->setTickLengthOut(0);
    x->setTicker(StepTicker::create(5, StepTicker::Numbers::Whole));
    y->setTicker(StepTicker::create(4));
    items.best = plot()->addGraph();
    items.best->setLineStyle(QCPGraph::lsNone);
    items.bestLine = new QCPItemStraightLine(plot());
    items.bestText = new QCPItemText(plot());
    items.bestText->position->setTypeX(QCPItemPosition::ptPlotCoords);
    items.bestText->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    items.bestText->setPadding(QMargins(4, 0, 4, 0));
    items.cursor = new QCPItemStraightLine(plot());
    items.cursor->setLayer(QStringLiteral("cursor"));
}

void SweepPlot::recolour()
{
    PlotItems& items = *m_items;
    SweepChart::recolour();
    QCPAxis* x = plot()->xAxis;
    x->setBasePen(QPen(theme().line, 1.0));
    x->setTickPen(QPen(theme().muted, 1.0));
    plot()->yAxis->setTickPen(Qt::NoPen);
    items.best->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(theme().trueLabel, 2.0), Qt::NoBrush, 9.0));
    items.bestLine->setPen(QPen(theme().trueLabel, 1.0, Qt::DotLine));
    items.bestText->setColor(theme().trueLabel);
    items.bestText->setFont(axisFont());
    items.bestText->setBrush(QBrush(theme().window));
    items.cursor->setPen(QPen(theme().accent, 1.5, Qt::DashLine));
}

void SweepPlot::setModels(const QStringList& names, const QVector<int>& sourceIndices)
{
    if (names != m_names || sourceIndices != m_sources) {
        m_names = names;
        m_sources = sourceIndices;
        rebuild();
    }
}

void SweepPlot::setSubStep(int subStep)
{
    if (subStep != m_subStep) {
        m_subStep = subStep;
        rebuild();
    }
}

void SweepPlot::setBestSize(std::optional<int> size)
{
    if (size != m_best) {
        m_best = size;
        rebuild();
    }
}

void SweepPlot::setSize(int size)
{
    if (size != m_size) {
        m_size = size;
        moveCursor();
    }
}

QVector<QPointF> SweepPlot::curve(int model) const
{
    QVector<QPointF> points;
    if (sweep() == nullptr)
        return points;
    for (const SweepCell& cell : sweep()->cells) {
        const double value = quantityOf(cell, quantity());
        if (cell.subStep == m_subStep && cell.model == model && value >= 0.0)
            points.append(QPointF(cell.size, value));
    }
    return points;
}

void SweepPlot::rebuild()
{
    PlotItems& items = *m_items;
    const int models = sweep() == nullptr ? 0 : static_cast<int>(sweep()->request.models.size());
    while (items.lines.size() > models)
        plot()->removeGraph(items.lines.takeLast());
    while (items.lines.size() < models)
        items.lines.append(plot()->addGraph());
    double highest = 0.0;
    QVector<double> ringX;
    QVector<double> ringY;
    const bool marksBest = m_best && quantity() == SweepQuantity::TrueLabel;
    for (int model = 0; model < models; ++model) {
        QCPGraph* line = items.lines.at(model);
        const int source = m_sources.value(model, -1);
        QPen pen(theme().sourceColor(source), source < 0 ? 1.5 : 2.0,
            source < 0 ? Qt::DashLine : Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
        line->setPen(pen);
        QVector<double> keys;
        QVector<double> values;
        for (const QPointF& point : curve(model)) {
            keys.append(point.x());
            values.append(point.y());
            highest = std::max(highest, point.y());
            if (marksBest && qRound(point.x()) == *m_best) {
                ringX.append(point.x());
                ringY.append(point.y());
            }
        }
        line->setScatterStyle(keys.size() == 1
                ? QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 5.0)
                : QCPScatterStyle(QCPScatterStyle::ssNone));
        line->setData(keys, values, true);
    }
    items.best->setData(ringX, ringY, true);
    double from = 1.0;
    if (sweep() != nullptr && !sweep()->request.sizes.empty())
        from = sweep()->request.sizes.front();
    plot()->xAxis->setRange(from - 3.0, kImageSide + 3.0);
    plot()->yAxis->setRange(
        0.0, std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0) + 0.02);
    items.bestLine->setVisible(marksBest);
    items.bestText->setVisible(marksBest);
    if (marksBest) {
        items.bestLine->point1->setCoords(*m_best, 0.0);
        items.bestLine->point2->setCoords(*m_best, 1.0);
        items.bestText->setText(tr("best %1").arg(*m_best));
        const bool right = *m_best > (from + kImageSide) / 2.0;
        items.bestText->setPositionAlignment(
            (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        // Below the note that cells are missing, which stands at the top.
        const double note = sweep() != nullptr && !sweep()->complete()
            ? 1.4 * plot()->fontMetrics().height() / std::max(1, plot()->axisRect()->height())
            : 0.0;
        items.bestText->position->setCoords(*m_best, std::min(note, 0.6));
    }
    setAccessibleName(tr("Sweep curve: probability of %1 over the resize size, sub-step %2")
                          .arg(spokenLabel())
                          .arg(m_subStep));
    moveCursor();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void SweepPlot::moveCursor()
{
    PlotItems& items = *m_items;
    items.cursor->point1->setCoords(m_size, 0.0);
    items.cursor->point2->setCoords(m_size, 1.0);
    replotCursor();
}

Figure SweepPlot::figure() const
{
    const auto copy = std::make_shared<SweepPlot>(); // never shown
    copy->m_names = m_names;
    copy->m_sources = m_sources;
    copy->m_subStep = m_subStep;
    copy->m_best = m_best;
    copy->showAsFigure(*this);
    copy->m_items->cursor->setVisible(false);
    copy->plot()->yAxis->setLabel(tr("probability"));
    Figure figure;
    figure.title = copy->accessibleName();
    figure.headingHtml =
        figureHeading(tr("Probability of <b>%1</b> behind the defense, sub-step %2")
                          .arg(spokenLabel().toHtmlEscaped())
                          .arg(m_subStep));
    figure.theme = figureTheme();
    for (int model = 0; model < copy->m_items->lines.size(); ++model) {
        const int source = m_sources.value(model, -1);
        const QString name = m_names.value(model).toHtmlEscaped();
        figure.legend.append({ LegendEntry::Sample::Line, copy->m_items->lines[model]->pen(),
            source >= 0 ? tr("%1 (source %2)").arg(name).arg(source + 1)
                        : tr("%1 (judge only)").arg(name) });
    }
    if (copy->m_items->bestLine->visible()) {
        figure.legend.append({ LegendEntry::Sample::Ring, QPen(figure.theme.trueLabel, 2.0),
            tr("best size, %1 px").arg(*m_best) });
    }
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        paintPlot(*copy->plot(), painter, size);
    };
    return figure;
}

QPointF SweepPlot::positionOf(int size) const
{
    return QPointF(plot()->pos())
        + QPointF(plot()->xAxis->coordToPixel(size), plot()->axisRect()->rect().center().y());
}

int SweepPlot::sizeAt(const QPoint& position) const
{
    const double x = plot()->xAxis->pixelToCoord(position.x());
    return std::clamp(static_cast<int>(std::lround(x)), 1, kImageSide);
}

void SweepPlot::go(int size)
{
    const int wanted = std::clamp(size, 1, kImageSide);
    if (wanted != m_size) {
        setSize(wanted);
        emit sizeClicked(wanted);
    }
}

void SweepPlot::pointAt(const QPoint& position)
{
    go(sizeAt(position));
}

void SweepPlot::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (sweep() == nullptr || !plot()->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const std::vector<int>& sizes = sweep()->request.sizes;
    const int at = sizeAt(position);
    const auto nearest = std::ranges::min_element(
        sizes, [at](int a, int b) { return std::abs(a - at) < std::abs(b - at); });
    QStringList lines { tr("resized to %1 px").arg(*nearest) };
    for (int model = 0; model < m_names.size(); ++model) {
        if (const SweepCell* cell = sweep()->cell(m_subStep, *nearest, model)) {
            QString line =
                tr("%1: %2, top-1 %3 (%4)")
                    .arg(m_names.at(model), probabilityText(quantityOf(*cell, quantity())),
                        labelText(cell->label), probabilityText(cell->probability));
            if (cell->trueTop1.total > 1) {
                line += tr(", true in %1 of %2 draws")
                            .arg(cell->trueTop1.hits)
                            .arg(cell->trueTop1.total);
            }
            lines << line;
        }
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), plot());
}

void SweepPlot::keyPressEvent(QKeyEvent* event)
{
    const int step = (event->modifiers() & Qt::ShiftModifier) != 0U ? 10 : 1;
    const bool has = sweep() != nullptr && !sweep()->request.sizes.empty();
    switch (event->key()) {
    case Qt::Key_Left:
        go(m_size - step);
        break;
    case Qt::Key_Right:
        go(m_size + step);
        break;
    case Qt::Key_Home:
        go(has ? sweep()->request.sizes.front() : 1);
        break;
    case Qt::Key_End:
        go(has ? sweep()->request.sizes.back() : kImageSide);
        break;
    case Qt::Key_B:
        go(m_best.value_or(m_size));
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

} // namespace crossiter::ui
