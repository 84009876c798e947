#include "ui/plot/SweepHeatMap.h"

#include "core/report/ColourMap.h"
#include "ui/plot/StepTicker.h"
#include "ui/session/ShownText.h"

#include <QKeyEvent>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace crossiter::ui {

namespace {

constexpr int kStops = 32;

/// The colours of the command line's heat maps.
QCPColorGradient heatColours()
{
    QCPColorGradient gradient;
    gradient.clearColorStops();
    for (int i = 0; i <= kStops; ++i) {
        const double at = static_cast<double>(i) / kStops;
        const auto colour = heatColour(at);
        gradient.setColorStopAt(at, QColor(colour[0], colour[1], colour[2]));
    }
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    return gradient;
}

constexpr double kPixelsALabel = 46.0;

} // namespace

struct SweepHeatMap::PlotItems
{
    QCPColorMap* map = nullptr;
    QCPColorScale* scale = nullptr;
    QCPItemRect* frame = nullptr; ///< light, inside of a dark one: seen on every colour
    QCPItemRect* outline = nullptr;
    QSharedPointer<QCPAxisTickerText> sizes;
    QSharedPointer<QCPAxisTickerText> subSteps;
};

SweepHeatMap::SweepHeatMap(QWidget* parent)
    : SweepChart(tr("Click: that sub-step and size. Keys: Left and Right to the next size, "
                    "Up and Down to the next sub-step, Home and End."),
        tr("sub-step"), 4, parent)
    , m_items(std::make_unique<PlotItems>())
{
    build();
    recolour();
    rebuild();
}

SweepHeatMap::~SweepHeatMap() = default;

void SweepHeatMap::build()
{
    PlotItems& items = *m_items;
    items.sizes = QSharedPointer<QCPAxisTickerText>::create();
    items.subSteps = QSharedPointer<QCPAxisTickerText>::create();
    plot()->xAxis->setTicker(items.sizes);
    plot()->yAxis->setTicker(items.subSteps);
    for (QCPAxis* axis : { plot()->xAxis, plot()->yAxis }) {
        axis->setTickLengthOut(2);
        axis->grid()->setVisible(false);
    }
    items.map = new QCPColorMap(plot()->xAxis, plot()->yAxis);
    items.map->setInterpolate(false);
    items.map->setTightBoundary(false);
    items.scale = new QCPColorScale(plot());
    items.scale->setType(QCPAxis::atRight);
    items.scale->setBarWidth(8);
    items.scale->setRangeDrag(false);
    items.scale->setRangeZoom(false);
    items.scale->axis()->setSubTicks(false);
    items.scale->axis()->setTicker(StepTicker::create(3));
    plot()->plotLayout()->addElement(0, 1, items.scale);
    plot()->plotLayout()->setColumnSpacing(4);
    items.map->setColorScale(items.scale);
    items.map->setGradient(heatColours());
    auto* sides = new QCPMarginGroup(plot());
    plot()->axisRect()->setMarginGroup(QCP::msBottom | QCP::msTop, sides);
    items.scale->setMarginGroup(QCP::msBottom | QCP::msTop, sides);
    // Half of the highest number of the scale stands above its end.
    plot()->axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom | QCP::msTop);
    for (QCPLayoutElement* element : { static_cast<QCPLayoutElement*>(plot()->axisRect()),
             static_cast<QCPLayoutElement*>(items.scale) }) {
        QMargins least = element->minimumMargins();
        least.setTop(10);
        element->setMinimumMargins(least);
    }

    for (QCPItemRect** item : { &items.outline, &items.frame }) {
        *item = new QCPItemRect(plot());
        (*item)->setLayer(QStringLiteral("cursor"));
        (*item)->setBrush(Qt::NoBrush);
        (*item)->setClipToAxisRect(false);
    }
    items.outline->setPen(QPen(Qt::black, 4.0));
    items.frame->setPen(QPen(Qt::white, 2.0));
}

void SweepHeatMap::recolour()
{
    PlotItems& items = *m_items;
    SweepChart::recolour();
    plot()->axisRect()->setBackground(QBrush(theme().panel));
    styleAxis(*items.scale->axis());
    for (QCPAxis* axis : { plot()->xAxis, plot()->yAxis, items.scale->axis() })
        axis->setTickPen(QPen(theme().muted, 1.0));
    for (QCPAxis* axis : items.scale->axis()->axisRect()->axes())
        axis->setBasePen(Qt::NoPen);
}

int SweepHeatMap::columns() const
{
    return sweep() == nullptr ? 0 : static_cast<int>(sweep()->request.sizes.size());
}

int SweepHeatMap::rows() const
{
    return sweep() == nullptr ? 0 : static_cast<int>(sweep()->request.subSteps.size());
}

int SweepHeatMap::columnOf(int size) const
{
    if (columns() == 0)
        return -1;
    const std::vector<int>& sizes = sweep()->request.sizes;
    return static_cast<int>(std::ranges::min_element(sizes, [size](int a, int b) {
        return std::abs(a - size) < std::abs(b - size);
    }) - sizes.begin());
}

void SweepHeatMap::setModel(int model, const QString& name)
{
    if (model != m_model || name != m_name) {
        m_model = model;
        m_name = name;
        rebuild();
    }
}

void SweepHeatMap::setCurrent(int subStep, int size)
{
    if (subStep != m_subStep || size != m_size) {
        m_subStep = subStep;
        m_size = size;
        moveFrame();
    }
}

std::optional<double> SweepHeatMap::valueAt(int subStep, int size) const
{
    if (sweep() == nullptr)
        return std::nullopt;
    const auto& sizes = sweep()->request.sizes;
    const auto found = std::ranges::find(sizes, size);
    if (found == sizes.end() || subStep < 0 || subStep >= rows())
        return std::nullopt;
    const double value =
        m_items->map->data()->cell(static_cast<int>(found - sizes.begin()), subStep);
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

void SweepHeatMap::rebuild()
{
    PlotItems& items = *m_items;
    QCPColorMapData* cells = items.map->data();
    const int width = std::max(1, columns());
    const int height = std::max(1, rows());
    cells->setSize(width, height);
    cells->setRange(QCPRange(0, std::max(1, width - 1)), QCPRange(0, std::max(1, height - 1)));
    cells->fill(std::numeric_limits<double>::quiet_NaN());
    double highest = 0.0;
    if (sweep() != nullptr) {
        const std::vector<int>& sizes = sweep()->request.sizes;
        for (const SweepCell& cell : sweep()->cells) {
            const double value = quantityOf(cell, quantity());
            const auto at = std::ranges::lower_bound(sizes, cell.size);
            if (cell.model == m_model && value >= 0.0 && at != sizes.end()) {
                cells->setCell(static_cast<int>(at - sizes.begin()), cell.subStep, value);
                highest = std::max(highest, value);
            }
        }
    }
    const double top = std::clamp(std::ceil(highest * 10.0) / 10.0, 0.1, 1.0);
    items.scale->setDataRange(QCPRange(0.0, top));
    plot()->xAxis->setRange(-0.5, width - 0.5);
    plot()->yAxis->setRange(-0.5, height - 0.5);
    labelAxes();
    setAccessibleName(tr("Heat map: probability of %1 by %2 over sub-step and resize size")
                          .arg(spokenLabel(), m_name));
    moveFrame();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void SweepHeatMap::labelAxes()
{
    PlotItems& items = *m_items;
    items.sizes->clear();
    items.subSteps->clear();
    if (sweep() == nullptr)
        return;
    const int room = std::max(1, static_cast<int>((width() - 90) / kPixelsALabel));
    const int every = std::max(1, (columns() + room - 1) / room);
    for (int column = 0; column < columns(); column += every) {
        items.sizes->addTick(
            column, QString::number(sweep()->request.sizes[static_cast<std::size_t>(column)]));
    }
    const int lines = std::max(1, (height() - 45) / 16);
    const int everyRow = std::max(1, (rows() + lines - 1) / lines);
    for (int row = 0; row < rows(); row += everyRow)
        items.subSteps->addTick(row, QString::number(row));
}

void SweepHeatMap::moveFrame()
{
    PlotItems& items = *m_items;
    const int column = columnOf(m_size);
    const bool there = column >= 0 && m_subStep < rows();
    for (QCPItemRect* item : { items.outline, items.frame }) {
        item->setVisible(there);
        item->topLeft->setCoords(column - 0.5, m_subStep + 0.5);
        item->bottomRight->setCoords(column + 0.5, m_subStep - 0.5);
    }
    replotCursor();
}

Figure SweepHeatMap::figure() const
{
    const auto copy = std::make_shared<SweepHeatMap>(); // never shown
    copy->m_model = m_model;
    copy->m_name = m_name;
    copy->showAsFigure(*this);
    copy->m_items->outline->setVisible(false);
    copy->m_items->frame->setVisible(false);
    copy->m_items->scale->setBarWidth(14);
    copy->m_items->scale->axis()->setLabelPadding(6);
    copy->m_items->scale->axis()->setTicker(StepTicker::create(5));
    copy->m_items->scale->setLabel(tr("probability"));
    copy->plot()->plotLayout()->setColumnSpacing(12);
    Figure figure;
    figure.title = copy->accessibleName();
    figure.headingHtml =
        figureHeading(tr("Probability of <b>%1</b> by %2 behind the defense")
                          .arg(spokenLabel().toHtmlEscaped(), m_name.toHtmlEscaped()));
    figure.theme = figureTheme();
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        copy->resize(size);
        copy->labelAxes();
        paintPlot(*copy->plot(), painter, size);
    };
    return figure;
}

QPointF SweepHeatMap::positionOf(int subStep, int size) const
{
    return QPointF(plot()->pos())
        + QPointF(
            plot()->xAxis->coordToPixel(columnOf(size)), plot()->yAxis->coordToPixel(subStep));
}

void SweepHeatMap::go(int column, int subStep)
{
    if (columns() == 0)
        return;
    const int at = std::clamp(column, 0, columns() - 1);
    const int row = std::clamp(subStep, 0, rows() - 1);
    const int size = sweep()->request.sizes[static_cast<std::size_t>(at)];
    if (row != m_subStep || size != m_size) {
        setCurrent(row, size);
        emit cellClicked(row, size);
    }
}

QPoint SweepHeatMap::cellAt(const QPoint& position) const
{
    return { qRound(plot()->xAxis->pixelToCoord(position.x())),
        qRound(plot()->yAxis->pixelToCoord(position.y())) };
}

void SweepHeatMap::pointAt(const QPoint& position)
{
    const QPoint cell = cellAt(position);
    go(cell.x(), cell.y());
}

void SweepHeatMap::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (columns() == 0 || !plot()->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const QPoint at = cellAt(position);
    const int column = std::clamp(at.x(), 0, columns() - 1);
    const int row = std::clamp(at.y(), 0, rows() - 1);
    const int size = sweep()->request.sizes[static_cast<std::size_t>(column)];
    QStringList lines { tr("sub-step %1, resized to %2 px").arg(row).arg(size) };
    if (const SweepCell* cell = sweep()->cell(row, size, m_model)) {
        lines << tr("%1: %2").arg(shownLabel(), probabilityText(quantityOf(*cell, quantity())));
        lines
            << tr("top-1: %1 (%2)").arg(labelText(cell->label), probabilityText(cell->probability));
        if (cell->trueTop1.total > 1) {
            lines << tr("true in %1 of %2 draws, 95 %: %3 to %4")
                         .arg(cell->trueTop1.hits)
                         .arg(cell->trueTop1.total)
                         .arg(cell->trueTop1.low, 0, 'f', 2)
                         .arg(cell->trueTop1.high, 0, 'f', 2);
        }
    } else {
        lines << tr("not computed yet");
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), plot());
}

void SweepHeatMap::keyPressEvent(QKeyEvent* event)
{
    const int column = columnOf(m_size);
    switch (event->key()) {
    case Qt::Key_Left:
        go(column - 1, m_subStep);
        break;
    case Qt::Key_Right:
        go(column + 1, m_subStep);
        break;
    case Qt::Key_Up:
        go(column, m_subStep + 1);
        break;
    case Qt::Key_Down:
        go(column, m_subStep - 1);
        break;
    case Qt::Key_Home:
        go(0, m_subStep);
        break;
    case Qt::Key_End:
        go(columns() - 1, m_subStep);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

void SweepHeatMap::resizeEvent(QResizeEvent* event)
{
    SweepChart::resizeEvent(event);
    labelAxes();
}

} // namespace crossiter::ui
