#include "ui/plot/SweepHeatMap.h"

#include "core/classify/Labels.h"
#include "core/report/ColourMap.h"
#include "ui/plot/PlotFiles.h"

#include <QKeyEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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

constexpr int kLeastWithTitles = 110; // lower, the axes' titles would take the map's room
constexpr double kPixelsALabel = 46.0;

} // namespace

struct SweepHeatMap::Parts
{
    QCustomPlot* plot = nullptr;
    QCPColorMap* map = nullptr;
    QCPColorScale* scale = nullptr;
    QCPItemRect* frame = nullptr; ///< light, inside of a dark one: seen on every colour
    QCPItemRect* outline = nullptr;
    QSharedPointer<QCPAxisTickerText> sizes;
    QSharedPointer<QCPAxisTickerText> subSteps;
};

SweepHeatMap::SweepHeatMap(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_parts(std::make_unique<Parts>())
{
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(100, 70);
    const QString help = tr("Click: that sub-step and size. Keys: Left and Right to the next size, "
                            "Up and Down to the next sub-step, Home and End.");
    setAccessibleDescription(help);
    setWhatsThis(help);
    build();
    recolour();
    rebuild();
}

SweepHeatMap::~SweepHeatMap() = default;

void SweepHeatMap::build()
{
    Parts& parts = *m_parts;
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    parts.plot = new QCustomPlot(this);
    parts.plot->setFocusPolicy(Qt::NoFocus);
    parts.plot->setMouseTracking(true);
    parts.plot->setCursor(Qt::PointingHandCursor);
    parts.plot->setMinimumSize(90, 60);
    layout->addWidget(parts.plot);
    QCPAxisRect* rect = parts.plot->axisRect();
    rect->setRangeDrag({});
    rect->setRangeZoom({});
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMargins(QMargins(0, 6, 4, 0));
    parts.sizes = QSharedPointer<QCPAxisTickerText>::create();
    parts.subSteps = QSharedPointer<QCPAxisTickerText>::create();
    parts.plot->xAxis->setTicker(parts.sizes);
    parts.plot->yAxis->setTicker(parts.subSteps);
    parts.plot->xAxis->setLabel(tr("resize size, px"));
    parts.plot->yAxis->setLabel(tr("sub-step"));
    for (QCPAxis* axis : { parts.plot->xAxis, parts.plot->yAxis }) {
        axis->setSubTicks(false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(2);
        axis->setLabelPadding(1);
        axis->grid()->setVisible(false);
    }
    parts.map = new QCPColorMap(parts.plot->xAxis, parts.plot->yAxis);
    parts.map->setInterpolate(false);
    parts.map->setTightBoundary(false);
    parts.scale = new QCPColorScale(parts.plot);
    parts.scale->setType(QCPAxis::atRight);
    parts.scale->setBarWidth(8);
    parts.scale->setRangeDrag(false);
    parts.scale->setRangeZoom(false);
    parts.scale->axis()->setSubTicks(false);
    parts.scale->axis()->ticker()->setTickCount(3);
    parts.scale->axis()->setNumberFormat(QStringLiteral("f"));
    parts.scale->axis()->setNumberPrecision(1);
    parts.plot->plotLayout()->addElement(0, 1, parts.scale);
    parts.plot->plotLayout()->setColumnSpacing(4);
    parts.map->setColorScale(parts.scale);
    parts.map->setGradient(heatColours());
    auto* sides = new QCPMarginGroup(parts.plot);
    rect->setMarginGroup(QCP::msBottom | QCP::msTop, sides);
    parts.scale->setMarginGroup(QCP::msBottom | QCP::msTop, sides);

    parts.plot->addLayer(QStringLiteral("cursor"), parts.plot->layer(QStringLiteral("main")));
    parts.plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    for (QCPItemRect** item : { &parts.outline, &parts.frame }) {
        *item = new QCPItemRect(parts.plot);
        (*item)->setLayer(QStringLiteral("cursor"));
        (*item)->setBrush(Qt::NoBrush);
        (*item)->setClipToAxisRect(false);
    }
    parts.outline->setPen(QPen(Qt::black, 4.0));
    parts.frame->setPen(QPen(Qt::white, 2.0));

    connect(parts.plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            setFocus(Qt::MouseFocusReason);
            emit draggingChanged(true);
            goTo(event->pos());
        }
    });
    connect(parts.plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if ((event->buttons() & Qt::LeftButton) != 0U) {
            goTo(event->pos());
        } else {
            explain(event->pos(), event->globalPosition().toPoint());
        }
    });
    connect(parts.plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            emit draggingChanged(false);
        }
    });
}

void SweepHeatMap::setTheme(const Theme& theme)
{
    m_theme = theme;
    recolour();
    rebuild();
}

void SweepHeatMap::recolour()
{
    Parts& parts = *m_parts;
    QPalette colours = parts.plot->palette();
    colours.setColor(QPalette::Window, m_theme.window);
    parts.plot->setPalette(colours);
    parts.plot->setBackground(QBrush(m_theme.window));
    parts.plot->axisRect()->setBackground(QBrush(m_theme.panel));
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    for (QCPAxis* axis : { parts.plot->xAxis, parts.plot->yAxis, parts.scale->axis() }) {
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(QPen(m_theme.muted, 1.0));
        axis->setTickLabelColor(m_theme.muted);
        axis->setLabelColor(m_theme.muted);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
    }
    for (QCPAxis* axis : parts.scale->axis()->axisRect()->axes()) {
        axis->setBasePen(Qt::NoPen);
    }
}

int SweepHeatMap::columns() const
{
    return m_sweep == nullptr ? 0 : static_cast<int>(m_sweep->request.sizes.size());
}

int SweepHeatMap::rows() const
{
    return m_sweep == nullptr ? 0 : static_cast<int>(m_sweep->request.subSteps.size());
}

int SweepHeatMap::columnOf(int size) const
{
    if (columns() == 0) {
        return -1;
    }
    const std::vector<int>& sizes = m_sweep->request.sizes;
    return static_cast<int>(std::min_element(sizes.begin(), sizes.end(), [size](int a, int b) {
        return std::abs(a - size) < std::abs(b - size);
    }) - sizes.begin());
}

void SweepHeatMap::setSweep(std::shared_ptr<const SweepResult> sweep)
{
    if (sweep != m_sweep) {
        m_sweep = std::move(sweep);
        rebuild();
    }
}

void SweepHeatMap::setModel(int model, const QString& name)
{
    if (model != m_model || name != m_name) {
        m_model = model;
        m_name = name;
        rebuild();
    }
}

void SweepHeatMap::setQuantity(SweepQuantity quantity, const QString& labelName)
{
    if (quantity != m_quantity || labelName != m_label) {
        m_quantity = quantity;
        m_label = labelName;
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
    if (m_sweep == nullptr) {
        return std::nullopt;
    }
    const auto& sizes = m_sweep->request.sizes;
    const auto found = std::find(sizes.begin(), sizes.end(), size);
    if (found == sizes.end() || subStep < 0 || subStep >= rows()) {
        return std::nullopt;
    }
    const double value =
        m_parts->map->data()->cell(static_cast<int>(found - sizes.begin()), subStep);
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

void SweepHeatMap::rebuild()
{
    Parts& parts = *m_parts;
    QCPColorMapData* cells = parts.map->data();
    const int width = std::max(1, columns());
    const int height = std::max(1, rows());
    cells->setSize(width, height);
    cells->setRange(QCPRange(0, std::max(1, width - 1)), QCPRange(0, std::max(1, height - 1)));
    cells->fill(std::numeric_limits<double>::quiet_NaN());
    double highest = 0.0;
    if (m_sweep != nullptr) {
        const std::vector<int>& sizes = m_sweep->request.sizes;
        for (const SweepCell& cell : m_sweep->cells) {
            const double value = quantityOf(cell, m_quantity);
            const auto at = std::lower_bound(sizes.begin(), sizes.end(), cell.size);
            if (cell.model == m_model && value >= 0.0 && at != sizes.end()) {
                cells->setCell(static_cast<int>(at - sizes.begin()), cell.subStep, value);
                highest = std::max(highest, value);
            }
        }
    }
    const double top = std::clamp(std::ceil(highest * 10.0) / 10.0, 0.1, 1.0);
    parts.scale->setDataRange(QCPRange(0.0, top));
    parts.plot->xAxis->setRange(-0.5, width - 0.5);
    parts.plot->yAxis->setRange(-0.5, height - 0.5);
    labelAxes();
    setAccessibleName(tr("Heat map: probability of %1 by %2 over sub-step and resize size")
                          .arg(m_label.isEmpty() ? tr("the label") : m_label, m_name));
    moveFrame();
    parts.plot->replot(QCustomPlot::rpQueuedReplot);
}

void SweepHeatMap::labelAxes()
{
    Parts& parts = *m_parts;
    parts.sizes->clear();
    parts.subSteps->clear();
    if (m_sweep == nullptr) {
        return;
    }
    const int room = std::max(1, static_cast<int>((width() - 90) / kPixelsALabel));
    const int every = std::max(1, (columns() + room - 1) / room);
    for (int column = 0; column < columns(); column += every) {
        parts.sizes->addTick(
            column, QString::number(m_sweep->request.sizes[static_cast<std::size_t>(column)]));
    }
    const int lines = std::max(1, (height() - 45) / 16);
    const int everyRow = std::max(1, (rows() + lines - 1) / lines);
    for (int row = 0; row < rows(); row += everyRow) {
        parts.subSteps->addTick(row, QString::number(row));
    }
}

void SweepHeatMap::moveFrame()
{
    Parts& parts = *m_parts;
    const int column = columnOf(m_size);
    const bool there = column >= 0 && m_subStep < rows();
    for (QCPItemRect* item : { parts.outline, parts.frame }) {
        item->setVisible(there);
        item->topLeft->setCoords(column - 0.5, m_subStep + 0.5);
        item->bottomRight->setCoords(column + 0.5, m_subStep - 0.5);
    }
    parts.plot->layer(QStringLiteral("cursor"))->replot();
}

QPointF SweepHeatMap::positionOf(int subStep, int size) const
{
    return QPointF(m_parts->plot->pos())
        + QPointF(m_parts->plot->xAxis->coordToPixel(columnOf(size)),
            m_parts->plot->yAxis->coordToPixel(subStep));
}

void SweepHeatMap::go(int column, int subStep)
{
    if (columns() == 0) {
        return;
    }
    const int at = std::clamp(column, 0, columns() - 1);
    const int row = std::clamp(subStep, 0, rows() - 1);
    const int size = m_sweep->request.sizes[static_cast<std::size_t>(at)];
    if (row != m_subStep || size != m_size) {
        setCurrent(row, size);
        emit cellClicked(row, size);
    }
}

void SweepHeatMap::goTo(const QPoint& position)
{
    go(static_cast<int>(std::lround(m_parts->plot->xAxis->pixelToCoord(position.x()))),
        static_cast<int>(std::lround(m_parts->plot->yAxis->pixelToCoord(position.y()))));
}

void SweepHeatMap::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (columns() == 0 || !m_parts->plot->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const int column =
        std::clamp(static_cast<int>(std::lround(m_parts->plot->xAxis->pixelToCoord(position.x()))),
            0, columns() - 1);
    const int row =
        std::clamp(static_cast<int>(std::lround(m_parts->plot->yAxis->pixelToCoord(position.y()))),
            0, rows() - 1);
    const int size = m_sweep->request.sizes[static_cast<std::size_t>(column)];
    QStringList lines { tr("sub-step %1, resized to %2 px").arg(row).arg(size) };
    if (const SweepCell* cell = m_sweep->cell(row, size, m_model)) {
        lines << tr("%1: %2").arg(m_label, QString::number(quantityOf(*cell, m_quantity), 'f', 3));
        lines << tr("top-1: %1 (%2)")
                     .arg(QString::fromStdString(labelName(cell->label)),
                         QString::number(cell->probability, 'f', 3));
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
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), m_parts->plot);
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

void SweepHeatMap::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void SweepHeatMap::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void SweepHeatMap::paintEvent(QPaintEvent* /*event*/)
{
    if (hasFocus()) {
        QPainter painter(this);
        painter.setPen(QPen(m_theme.accent, 1.0, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void SweepHeatMap::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool titles = height() >= kLeastWithTitles;
    m_parts->plot->xAxis->setLabel(titles ? tr("resize size, px") : QString());
    m_parts->plot->yAxis->setLabel(titles ? tr("sub-step") : QString());
    labelAxes();
}

void SweepHeatMap::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_parts->plot->replot(QCustomPlot::rpQueuedReplot);
}

QImage SweepHeatMap::grabImage()
{
    return plotImage(*m_parts->plot);
}

void SweepHeatMap::savePlot(const QString& path)
{
    savePlotFile(*m_parts->plot, path, accessibleName());
}

} // namespace crossiter::ui
