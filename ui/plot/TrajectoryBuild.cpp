// TrajectoryPlot: its axes, lines and colours.
#include "ui/plot/StepTicker.h"
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
    plot()->setMinimumSize(180, 100);
    plot()->setAttribute(Qt::WA_OpaquePaintEvent, false);
    layout->addWidget(plot(), 64);
    parts.legend = new TrajectoryLegend;
    parts.legendArea = new QScrollArea(this);
    parts.legendArea->setWidgetResizable(true);
    parts.legendArea->setFrameShape(QFrame::NoFrame);
    parts.legendArea->setFocusPolicy(Qt::NoFocus);
    parts.legendArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    parts.legendArea->setWidget(parts.legend);
    // No fixed width: it would be part of the least width, and the window never narrow again.
    parts.legendArea->setMinimumWidth(170);
    parts.legendArea->setMaximumWidth(330);
    layout->addWidget(parts.legendArea, 36);
    parts.legend->setSeries(m_showTrue, m_showAttacked, m_showTarget);

    // Two axis rects over one another with one x axis: the lines, and the strip under them.
    QCPLayoutGrid* grid = plot()->plotLayout();
    grid->clear();
    grid->setRowSpacing(0);
    parts.main = new QCPAxisRect(plot());
    parts.strip = new QCPAxisRect(plot());
    grid->addElement(0, 0, parts.main);
    grid->addElement(1, 0, parts.strip);
    auto* sides = new QCPMarginGroup(plot());
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
    y->setTickLengthIn(0);
    y->setTickLengthOut(0);
    y->setTicker(StepTicker::create(4));
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
    stripX->setTicker(StepTicker::create(11, StepTicker::Numbers::Whole));

    for (QCPBars** bars : { &parts.trueBars, &parts.otherBars, &parts.targetBars }) {
        *bars = new QCPBars(stripX, stripY);
        (*bars)->setAntialiased(false);
        (*bars)->setPen(Qt::NoPen);
    }
    parts.rings = plot()->addGraph(x, y);
    parts.rings->setLineStyle(QCPGraph::lsNone);

    addCursorLayer();
    const auto makeCursor = [&](QCPAxisRect* rect) {
        auto* line = new QCPItemStraightLine(plot());
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

    connect(parts.legend, &TrajectoryLegend::seriesChanged, this,
        [this](bool trueLabel, bool attackedLabel, bool target) {
            setSeries(trueLabel, attackedLabel, target);
            emit seriesChanged(trueLabel, attackedLabel, target);
        });
}

void TrajectoryPlot::recolour()
{
    Parts& parts = *m_parts;
    plot()->setBackground(QBrush(theme().window));
    parts.legend->setTheme(theme());
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        for (QCPAxis* axis : rect->axes()) {
            styleAxis(*axis);
            axis->setBasePen(axis->axisType() == QCPAxis::atBottom && rect == parts.main
                    ? QPen(theme().line, 1.0)
                    : QPen(Qt::NoPen));
            axis->setTickPen(
                axis->axisType() == QCPAxis::atBottom ? QPen(theme().muted, 1.0) : QPen(Qt::NoPen));
        }
    }
    parts.trueBars->setBrush(theme().trueLabel);
    parts.otherBars->setBrush(theme().wrongLabel);
    parts.targetBars->setBrush(theme().target);
    parts.rings->setScatterStyle(QCPScatterStyle(
        QCPScatterStyle::ssCircle, QPen(theme().wrongLabel, 2.0), Qt::NoBrush, kRingSize));
    const QPen cursor(theme().accent, 1.5, Qt::DashLine);
    parts.cursor->setPen(cursor);
    parts.stripCursor->setPen(QPen(theme().accent, 1.5));
}

void TrajectoryPlot::rebuild()
{
    Parts& parts = *m_parts;
    for (QCPGraph* line : std::as_const(parts.lines)) {
        plot()->removeGraph(line);
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
            QCPGraph* line = plot()->addGraph(x, y);
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
            const QColor color = theme().sourceColor(source);
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
    plot()->replot(QCustomPlot::rpQueuedReplot);
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
