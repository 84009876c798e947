// TrajectoryPlot: its axes, lines and colours.
#include "ui/plot/TrajectoryParts.h"

#include <QHBoxLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

namespace crossiter::ui {
namespace {

constexpr double kRingSize = 12.0;

/// The next of 0.1, 0.2, ... 1.0 that leaves some air above.
double niceTop(double highest)
{
    return std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0) + 0.02;
}

} // namespace

void TrajectoryPlot::build()
{
    Parts& parts = *m_parts;
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(12);
    parts.plot = new QCustomPlot(this);
    parts.plot->setFocusPolicy(Qt::NoFocus);
    parts.plot->setMouseTracking(true);
    parts.plot->setCursor(Qt::PointingHandCursor);
    parts.plot->setMinimumSize(180, 100);
    parts.plot->setAttribute(Qt::WA_OpaquePaintEvent, false);
    layout->addWidget(parts.plot, 1);
    parts.legend = new TrajectoryLegend;
    parts.legendArea = new QScrollArea(this);
    parts.legendArea->setWidgetResizable(true);
    parts.legendArea->setFrameShape(QFrame::NoFrame);
    parts.legendArea->setFocusPolicy(Qt::NoFocus);
    parts.legendArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    parts.legendArea->setWidget(parts.legend);
    layout->addWidget(parts.legendArea);
    parts.legend->setSeries(m_showTrue, m_showAttacked, m_showTarget);

    // Two axis rects over one another with one x axis: the lines, and the strip under them.
    QCPLayoutGrid* grid = parts.plot->plotLayout();
    grid->clear();
    grid->setRowSpacing(0);
    parts.main = new QCPAxisRect(parts.plot);
    parts.strip = new QCPAxisRect(parts.plot);
    grid->addElement(0, 0, parts.main);
    grid->addElement(1, 0, parts.strip);
    auto* sides = new QCPMarginGroup(parts.plot);
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, sides);
        rect->setRangeDrag({});
        rect->setRangeZoom({});
        for (QCPAxis* axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
            axis->setSubTicks(false);
        }
    }
    parts.main->setAutoMargins(QCP::msLeft | QCP::msRight);
    parts.main->setMargins(QMargins(0, 8, 0, 3));
    parts.main->setMinimumSize(60, 40);
    parts.strip->setAutoMargins(QCP::msLeft | QCP::msRight | QCP::msBottom);
    parts.strip->setMinimumSize(60, 7);
    parts.strip->setMaximumSize(QWIDGETSIZE_MAX, 7);
    QCPAxis* x = parts.main->axis(QCPAxis::atBottom);
    QCPAxis* y = parts.main->axis(QCPAxis::atLeft);
    QCPAxis* stripX = parts.strip->axis(QCPAxis::atBottom);
    QCPAxis* stripY = parts.strip->axis(QCPAxis::atLeft);
    x->setTickLabels(false);
    x->setTicks(false);
    x->grid()->setVisible(false);
    y->setNumberFormat(QStringLiteral("f"));
    y->setNumberPrecision(1);
    y->setTickLengthIn(0);
    y->setTickLengthOut(0);
    y->ticker()->setTickCount(4);
    y->setTickLabelPadding(6);
    stripX->grid()->setVisible(false);
    stripX->setTickLengthIn(0);
    stripX->setTickLengthOut(3);
    stripX->setLabel(tr("sub-step"));
    stripX->setLabelPadding(1);
    stripY->setRange(0.0, 1.0);
    stripY->setTicks(false);
    stripY->setTickLabels(false);
    stripY->grid()->setVisible(false);
    stripY->setBasePen(Qt::NoPen);
    auto ticker = QSharedPointer<QCPAxisTickerFixed>::create();
    ticker->setTickStep(1.0);
    ticker->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
    ticker->setTickCount(11);
    stripX->setTicker(ticker);

    for (QCPBars** bars : { &parts.trueBars, &parts.otherBars, &parts.targetBars }) {
        *bars = new QCPBars(stripX, stripY);
        (*bars)->setAntialiased(false);
        (*bars)->setPen(Qt::NoPen);
    }
    parts.rings = parts.plot->addGraph(x, y);
    parts.rings->setLineStyle(QCPGraph::lsNone);

    // The cursor has a layer of its own: moving it repaints nothing else.
    parts.plot->addLayer(QStringLiteral("cursor"), parts.plot->layer(QStringLiteral("main")));
    parts.plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    const auto makeCursor = [&](QCPAxisRect* rect) {
        auto* line = new QCPItemStraightLine(parts.plot);
        line->setLayer(QStringLiteral("cursor"));
        line->setClipAxisRect(rect);
        for (QCPItemPosition* position : { line->point1, line->point2 }) {
            position->setType(QCPItemPosition::ptPlotCoords);
            position->setAxisRect(rect);
            position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        }
        return line;
    };
    parts.cursor = makeCursor(parts.main);
    parts.stripCursor = makeCursor(parts.strip);

    connect(parts.plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            setFocus(Qt::MouseFocusReason);
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
    connect(parts.legend, &TrajectoryLegend::seriesChanged, this,
        [this](bool trueLabel, bool attackedLabel, bool target) {
            setSeries(trueLabel, attackedLabel, target);
            emit seriesChanged(trueLabel, attackedLabel, target);
        });
}

void TrajectoryPlot::recolour()
{
    Parts& parts = *m_parts;
    parts.plot->setBackground(QBrush(m_theme.window));
    parts.legend->setTheme(m_theme);
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    QColor gridColor = m_theme.line;
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(axis->axisType() == QCPAxis::atBottom && rect == parts.main
                    ? QPen(m_theme.line, 1.0)
                    : QPen(Qt::NoPen));
            axis->setTickPen(
                axis->axisType() == QCPAxis::atBottom ? QPen(m_theme.muted, 1.0) : QPen(Qt::NoPen));
            axis->setTickLabelColor(m_theme.muted);
            axis->setLabelColor(m_theme.muted);
            axis->setTickLabelFont(small);
            axis->setLabelFont(small);
            axis->grid()->setPen(QPen(gridColor, 1.0));
            axis->grid()->setZeroLinePen(Qt::NoPen);
        }
    }
    parts.trueBars->setBrush(m_theme.trueLabel);
    parts.otherBars->setBrush(m_theme.wrongLabel);
    parts.targetBars->setBrush(m_theme.target);
    parts.rings->setScatterStyle(QCPScatterStyle(
        QCPScatterStyle::ssCircle, QPen(m_theme.wrongLabel, 2.0), Qt::NoBrush, kRingSize));
    const QPen cursor(m_theme.accent, 1.5, Qt::DashLine);
    parts.cursor->setPen(cursor);
    parts.stripCursor->setPen(QPen(m_theme.accent, 1.5));
}

void TrajectoryPlot::rebuild()
{
    Parts& parts = *m_parts;
    for (QCPGraph* line : std::as_const(parts.lines)) {
        parts.plot->removeGraph(line);
    }
    parts.lines.clear();
    QCPAxis* x = parts.main->axis(QCPAxis::atBottom);
    QCPAxis* y = parts.main->axis(QCPAxis::atLeft);
    QVector<double> ringX;
    QVector<double> ringY;
    double highest = 0.0;
    int planned = 10;
    const bool hasTrue = m_trueLabel.has_value();
    const bool hasTarget = m_target.has_value();
    if (m_trace != nullptr) {
        planned = std::max({ 1, subStepCount(m_trace->request), lastComputed() });
        using LabelOf = std::function<int(const SubStep&)>;
        const auto add = [&](std::size_t judge, const LabelOf& labelOf, const QPen& pen) {
            QVector<double> keys;
            QVector<double> values;
            for (const auto& subStep : m_trace->subSteps) {
                const int label = labelOf(*subStep);
                if (label >= 0 && judge < subStep->judges.size()) {
                    keys.append(subStep->index);
                    values.append(subStep->judges[judge].probabilityOf(label));
                    highest = std::max(highest, values.constLast());
                }
            }
            QCPGraph* line = parts.plot->addGraph(x, y);
            line->setData(keys, values, true);
            line->setPen(pen);
            line->setAdaptiveSampling(true);
            if (keys.size() == 1) {
                line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 5.0));
            }
            parts.lines.append(line);
        };
        for (std::size_t judge = 0; judge < m_trace->judges.size(); ++judge) {
            const int source = sourceIndexOf(m_trace->judges[judge]);
            const QColor color = m_theme.sourceColor(source);
            const auto pen = [&](double width, const QVector<qreal>& dashes) {
                QPen made(color, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
                if (!dashes.isEmpty()) {
                    made.setDashPattern(dashes);
                }
                return made;
            };
            if (m_showAttacked) {
                add(
                    judge, [](const SubStep& step) { return step.attackedLabel; },
                    pen(1.2, { 1.2, 2.2 }));
            }
            if (m_showTarget && hasTarget) {
                add(
                    judge, [&](const SubStep&) { return *m_target; },
                    pen(1.6, { 7, 2.5, 1.5, 2.5 }));
            }
            if (m_showTrue && hasTrue) {
                add(
                    judge, [&](const SubStep&) { return *m_trueLabel; },
                    source >= 0 ? pen(2.0, {}) : pen(1.5, { 4, 3 }));
                for (const int subStep :
                    labelReturns(*m_trace, static_cast<int>(judge), *m_trueLabel)) {
                    const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(subStep));
                    ringX.append(subStep);
                    ringY.append(step.judges[judge].probabilityOf(*m_trueLabel));
                }
            }
        }
    }
    parts.rings->setData(ringX, ringY);
    fillStrip();
    const double airLeft = std::max(0.25, planned * 0.01);
    const double airRight = std::max(0.55, planned * 0.01);
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        rect->axis(QCPAxis::atBottom)->setRange(-airLeft, planned + airRight);
    }
    y->setRange(0.0, m_trace == nullptr ? 1.02 : niceTop(highest));
    updateNotes();
    moveCursor();
    parts.plot->replot(QCustomPlot::rpQueuedReplot);
}

void TrajectoryPlot::fillStrip()
{
    Parts& parts = *m_parts;
    std::map<QCPBars*, QVector<double>> keys = { { parts.trueBars, {} }, { parts.otherBars, {} },
        { parts.targetBars, {} } };
    if (m_trace != nullptr) {
        for (const auto& subStep : m_trace->subSteps) {
            if (subStep->attackedLabel < 0) {
                continue;
            }
            if (subStep->descends) {
                keys[parts.targetBars].append(subStep->index);
            } else if (m_trueLabel) {
                keys[subStep->attackedLabel == *m_trueLabel ? parts.trueBars : parts.otherBars]
                    .append(subStep->index);
            }
        }
    }
    const bool many = lastComputed() > 150;
    for (const auto& [bars, positions] : keys) {
        bars->setWidth(many ? 1.0 : 0.94);
        bars->setData(positions, QVector<double>(positions.size(), 1.0), true);
    }
}

} // namespace crossiter::ui
