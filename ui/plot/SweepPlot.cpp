#include "ui/plot/SweepPlot.h"

#include "core/classify/Labels.h"
#include "core/image/Image.h"
#include "ui/plot/PlotFiles.h"

#include <QKeyEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace crossiter::ui {

namespace {
constexpr int kLeastWithTitles = 110; // lower, the axes' titles would take the curve's room
} // namespace

struct SweepPlot::Parts
{
    QCustomPlot* plot = nullptr;
    QVector<QCPGraph*> lines; ///< one a model
    QCPGraph* best = nullptr; ///< a ring on each line at the best size
    QCPItemStraightLine* bestLine = nullptr;
    QCPItemText* bestText = nullptr;
    QCPItemStraightLine* cursor = nullptr;
};

double quantityOf(const SweepCell& cell, SweepQuantity quantity)
{
    switch (quantity) {
    case SweepQuantity::TrueLabel:
        return cell.trueProbability;
    case SweepQuantity::AttackedLabel:
        return cell.attackedProbability;
    case SweepQuantity::Target:
        return cell.targetProbability;
    }
    return -1.0;
}

SweepPlot::SweepPlot(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_parts(std::make_unique<Parts>())
{
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(100, 70);
    const QString help =
        tr("Click: that size. Keys: Left and Right by 1, with Shift by 10, Home and End, B to the "
           "best size.");
    setAccessibleDescription(help);
    setWhatsThis(help);
    build();
    recolour();
    rebuild();
}

SweepPlot::~SweepPlot() = default;

void SweepPlot::build()
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
    rect->setMargins(QMargins(0, 6, 12, 0));
    QCPAxis* x = parts.plot->xAxis;
    QCPAxis* y = parts.plot->yAxis;
    for (QCPAxis* axis : { x, y }) {
        axis->setSubTicks(false);
        axis->setTickLengthIn(0);
    }
    x->setTickLengthOut(3);
    x->setLabel(tr("resize size, px"));
    x->setLabelPadding(1);
    x->grid()->setVisible(false);
    y->setTickLengthOut(0);
    y->setNumberFormat(QStringLiteral("f"));
    y->setNumberPrecision(1);
    y->ticker()->setTickCount(4);
    parts.best = parts.plot->addGraph();
    parts.best->setLineStyle(QCPGraph::lsNone);
    // The cursor and the marks have a layer of their own: moving them repaints nothing else.
    parts.plot->addLayer(QStringLiteral("cursor"), parts.plot->layer(QStringLiteral("main")));
    parts.plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    parts.bestLine = new QCPItemStraightLine(parts.plot);
    parts.bestText = new QCPItemText(parts.plot);
    parts.bestText->position->setTypeX(QCPItemPosition::ptPlotCoords);
    parts.bestText->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    parts.bestText->setPadding(QMargins(4, 0, 4, 0));
    parts.cursor = new QCPItemStraightLine(parts.plot);
    parts.cursor->setLayer(QStringLiteral("cursor"));

    connect(parts.plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            setFocus(Qt::MouseFocusReason);
            emit draggingChanged(true);
            go(sizeAt(event->pos()));
        }
    });
    connect(parts.plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if ((event->buttons() & Qt::LeftButton) != 0U) {
            go(sizeAt(event->pos()));
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

void SweepPlot::setTheme(const Theme& theme)
{
    m_theme = theme;
    recolour();
    rebuild();
}

void SweepPlot::recolour()
{
    Parts& parts = *m_parts;
    QPalette colours = parts.plot->palette();
    colours.setColor(QPalette::Window, m_theme.window);
    parts.plot->setPalette(colours);
    parts.plot->setBackground(QBrush(m_theme.window));
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    for (QCPAxis* axis : parts.plot->axisRect()->axes()) {
        const bool bottom = axis->axisType() == QCPAxis::atBottom;
        axis->setBasePen(bottom ? QPen(m_theme.line, 1.0) : QPen(Qt::NoPen));
        axis->setTickPen(bottom ? QPen(m_theme.muted, 1.0) : QPen(Qt::NoPen));
        axis->setTickLabelColor(m_theme.muted);
        axis->setLabelColor(m_theme.muted);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->grid()->setPen(QPen(m_theme.line, 1.0));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    parts.best->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(m_theme.trueLabel, 2.0), Qt::NoBrush, 9.0));
    parts.bestLine->setPen(QPen(m_theme.trueLabel, 1.0, Qt::DotLine));
    parts.bestText->setColor(m_theme.trueLabel);
    parts.bestText->setFont(small);
    parts.bestText->setBrush(QBrush(m_theme.window));
    parts.cursor->setPen(QPen(m_theme.accent, 1.5, Qt::DashLine));
}

void SweepPlot::setModels(const QStringList& names, const QVector<int>& sourceIndices)
{
    if (names != m_names || sourceIndices != m_sources) {
        m_names = names;
        m_sources = sourceIndices;
        rebuild();
    }
}

void SweepPlot::setSweep(std::shared_ptr<const SweepResult> sweep)
{
    if (sweep != m_sweep) {
        m_sweep = std::move(sweep);
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

void SweepPlot::setQuantity(SweepQuantity quantity, const QString& labelName)
{
    if (quantity != m_quantity || labelName != m_label) {
        m_quantity = quantity;
        m_label = labelName;
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
    if (m_sweep == nullptr) {
        return points;
    }
    for (const SweepCell& cell : m_sweep->cells) {
        const double value = quantityOf(cell, m_quantity);
        if (cell.subStep == m_subStep && cell.model == model && value >= 0.0) {
            points.append(QPointF(cell.size, value));
        }
    }
    return points;
}

void SweepPlot::rebuild()
{
    Parts& parts = *m_parts;
    const int models = m_sweep == nullptr ? 0 : static_cast<int>(m_sweep->request.models.size());
    while (parts.lines.size() > models) {
        parts.plot->removeGraph(parts.lines.takeLast());
    }
    while (parts.lines.size() < models) {
        parts.lines.append(parts.plot->addGraph());
    }
    double highest = 0.0;
    QVector<double> ringX;
    QVector<double> ringY;
    const bool marksBest = m_best && m_quantity == SweepQuantity::TrueLabel;
    for (int model = 0; model < models; ++model) {
        QCPGraph* line = parts.lines.at(model);
        const int source = m_sources.value(model, -1);
        QPen pen(m_theme.sourceColor(source), source < 0 ? 1.5 : 2.0,
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
    parts.best->setData(ringX, ringY, true);
    double from = 1.0;
    if (m_sweep != nullptr && !m_sweep->request.sizes.empty()) {
        from = m_sweep->request.sizes.front();
    }
    parts.plot->xAxis->setRange(from - 3.0, kImageSide + 3.0);
    parts.plot->yAxis->setRange(
        0.0, std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0) + 0.02);
    parts.bestLine->setVisible(marksBest);
    parts.bestText->setVisible(marksBest);
    if (marksBest) {
        parts.bestLine->point1->setCoords(*m_best, 0.0);
        parts.bestLine->point2->setCoords(*m_best, 1.0);
        parts.bestText->setText(tr("best %1").arg(*m_best));
        const bool right = *m_best > (from + kImageSide) / 2.0;
        parts.bestText->setPositionAlignment(
            (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        parts.bestText->position->setCoords(*m_best, 0.0);
    }
    setAccessibleName(tr("Sweep curve: probability of %1 over the resize size, sub-step %2")
                          .arg(m_label.isEmpty() ? tr("the label") : m_label)
                          .arg(m_subStep));
    moveCursor();
    parts.plot->replot(QCustomPlot::rpQueuedReplot);
}

void SweepPlot::moveCursor()
{
    Parts& parts = *m_parts;
    parts.cursor->point1->setCoords(m_size, 0.0);
    parts.cursor->point2->setCoords(m_size, 1.0);
    parts.plot->layer(QStringLiteral("cursor"))->replot();
}

QPointF SweepPlot::positionOf(int size) const
{
    return QPointF(m_parts->plot->pos())
        + QPointF(m_parts->plot->xAxis->coordToPixel(size),
            m_parts->plot->axisRect()->rect().center().y());
}

int SweepPlot::sizeAt(const QPoint& position) const
{
    const double x = m_parts->plot->xAxis->pixelToCoord(position.x());
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

void SweepPlot::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (m_sweep == nullptr || !m_parts->plot->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const std::vector<int>& sizes = m_sweep->request.sizes;
    const int at = sizeAt(position);
    const auto nearest = std::min_element(sizes.begin(), sizes.end(),
        [at](int a, int b) { return std::abs(a - at) < std::abs(b - at); });
    QStringList lines { tr("resized to %1 px").arg(*nearest) };
    for (int model = 0; model < m_names.size(); ++model) {
        if (const SweepCell* cell = m_sweep->cell(m_subStep, *nearest, model)) {
            QString line =
                tr("%1: %2, top-1 %3 (%4)")
                    .arg(m_names.at(model), QString::number(quantityOf(*cell, m_quantity), 'f', 3),
                        QString::fromStdString(labelName(cell->label)),
                        QString::number(cell->probability, 'f', 3));
            if (cell->trueTop1.total > 1) {
                line += tr(", true in %1 of %2 draws")
                            .arg(cell->trueTop1.hits)
                            .arg(cell->trueTop1.total);
            }
            lines << line;
        }
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), m_parts->plot);
}

void SweepPlot::keyPressEvent(QKeyEvent* event)
{
    const int step = (event->modifiers() & Qt::ShiftModifier) != 0U ? 10 : 1;
    const bool has = m_sweep != nullptr && !m_sweep->request.sizes.empty();
    switch (event->key()) {
    case Qt::Key_Left:
        go(m_size - step);
        break;
    case Qt::Key_Right:
        go(m_size + step);
        break;
    case Qt::Key_Home:
        go(has ? m_sweep->request.sizes.front() : 1);
        break;
    case Qt::Key_End:
        go(has ? m_sweep->request.sizes.back() : kImageSide);
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

void SweepPlot::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void SweepPlot::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void SweepPlot::paintEvent(QPaintEvent* /*event*/)
{
    if (hasFocus()) {
        QPainter painter(this);
        painter.setPen(QPen(m_theme.accent, 1.0, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void SweepPlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_parts->plot->xAxis->setLabel(height() < kLeastWithTitles ? QString() : tr("resize size, px"));
}

void SweepPlot::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_parts->plot->replot(QCustomPlot::rpQueuedReplot);
}

QImage SweepPlot::grabImage()
{
    return plotImage(*m_parts->plot);
}

void SweepPlot::savePlot(const QString& path)
{
    savePlotFile(*m_parts->plot, path, accessibleName());
}

} // namespace crossiter::ui
