#include "ui/plot/TrajectoryCurves.h"

#include "ui/plot/StepTicker.h"

#include <QCoreApplication>
#include <qcustomplot.h>

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

TrajectoryCurves::TrajectoryCurves(QCustomPlot& plot)
    : m_plot(plot)
{
    // Two axis rects over one another with one x axis: the lines, and the strip under them.
    QCPLayoutGrid* grid = m_plot.plotLayout();
    grid->clear();
    grid->setRowSpacing(0);
    m_main = new QCPAxisRect(&m_plot);
    m_strip = new QCPAxisRect(&m_plot);
    grid->addElement(0, 0, m_main);
    grid->addElement(1, 0, m_strip);
    auto* sides = new QCPMarginGroup(&m_plot);
    for (QCPAxisRect* rect : { m_main, m_strip }) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, sides);
        rect->setRangeDrag({});
        rect->setRangeZoom({});
        for (QCPAxis* axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
            axis->setSubTicks(false);
        }
    }
    m_main->setAutoMargins(QCP::msLeft | QCP::msRight);
    m_main->setMargins(QMargins(0, 8, 0, 3));
    m_main->setMinimumSize(60, 40);
    m_strip->setAutoMargins(QCP::msLeft | QCP::msRight | QCP::msBottom);
    m_strip->setMinimumSize(60, 7);
    m_strip->setMaximumSize(QWIDGETSIZE_MAX, 7);
    QCPAxis* x = m_main->axis(QCPAxis::atBottom);
    QCPAxis* y = m_main->axis(QCPAxis::atLeft);
    QCPAxis* stripX = m_strip->axis(QCPAxis::atBottom);
    QCPAxis* stripY = m_strip->axis(QCPAxis::atLeft);
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
    stripX->setLabel(QCoreApplication::translate("crossiter::ui::TrajectoryPlot", "sub-step"));
    stripX->setLabelPadding(1);
    stripY->setRange(0.0, 1.0);
    stripY->setTicks(false);
    stripY->setTickLabels(false);
    stripY->grid()->setVisible(false);
    stripY->setBasePen(Qt::NoPen);
    stripX->setTicker(StepTicker::create(11, StepTicker::Numbers::Whole));

    for (QCPBars** bars : { &m_trueBars, &m_otherBars, &m_targetBars }) {
        *bars = new QCPBars(stripX, stripY);
        (*bars)->setAntialiased(false);
        (*bars)->setPen(Qt::NoPen);
    }
    m_rings = m_plot.addGraph(x, y);
    m_rings->setLineStyle(QCPGraph::lsNone);

    const auto makeCursor = [&](QCPAxisRect* rect) {
        auto* line = new QCPItemStraightLine(&m_plot);
        line->setLayer(QStringLiteral("cursor"));
        line->setClipAxisRect(rect);
        for (QCPItemPosition* position : { line->point1, line->point2 }) {
            position->setType(QCPItemPosition::ptPlotCoords);
            position->setAxisRect(rect);
            position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        }
        return line;
    };
    m_cursor = makeCursor(m_main);
    m_stripCursor = makeCursor(m_strip);
}

QList<QCPAxis*> TrajectoryCurves::axes() const
{
    return m_main->axes() + m_strip->axes();
}

QRect TrajectoryCurves::area() const
{
    return m_main->rect();
}

double TrajectoryCurves::positionOf(int subStep) const
{
    return m_main->axis(QCPAxis::atBottom)->coordToPixel(subStep);
}

double TrajectoryCurves::subStepAt(double x) const
{
    return m_main->axis(QCPAxis::atBottom)->pixelToCoord(x);
}

void TrajectoryCurves::setValueTitle(const QString& title)
{
    m_main->axis(QCPAxis::atLeft)->setLabel(title);
}

void TrajectoryCurves::moveCursor(int subStep, bool visible)
{
    for (QCPItemStraightLine* line : { m_cursor, m_stripCursor }) {
        line->setVisible(visible);
        line->point1->setCoords(subStep, 0.0);
        line->point2->setCoords(subStep, 1.0);
    }
}

void TrajectoryCurves::hideCursor()
{
    m_cursor->setVisible(false);
    m_stripCursor->setVisible(false);
}

void TrajectoryCurves::recolour(const Theme& theme)
{
    for (QCPAxisRect* rect : { m_main, m_strip }) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(axis->axisType() == QCPAxis::atBottom && rect == m_main
                    ? QPen(theme.line, 1.0)
                    : QPen(Qt::NoPen));
            axis->setTickPen(
                axis->axisType() == QCPAxis::atBottom ? QPen(theme.muted, 1.0) : QPen(Qt::NoPen));
        }
    }
    m_trueBars->setBrush(theme.trueLabel);
    m_otherBars->setBrush(theme.wrongLabel);
    m_targetBars->setBrush(theme.target);
    m_rings->setScatterStyle(QCPScatterStyle(
        QCPScatterStyle::ssCircle, QPen(theme.wrongLabel, 2.0), Qt::NoBrush, kRingSize));
    const QPen cursor(theme.accent, 1.5, Qt::DashLine);
    m_cursor->setPen(cursor);
    m_stripCursor->setPen(QPen(theme.accent, 1.5));
}

void TrajectoryCurves::show(const TrajectoryData& shown, const Theme& theme)
{
    for (QCPGraph* line : std::as_const(m_lines))
        m_plot.removeGraph(line);
    m_lines.clear();
    QCPAxis* x = m_main->axis(QCPAxis::atBottom);
    QCPAxis* y = m_main->axis(QCPAxis::atLeft);
    QVector<double> ringX;
    QVector<double> ringY;
    double highest = 0.0;
    int planned = 10;
    const bool hasTrue = shown.trueLabel.has_value();
    const bool hasTarget = shown.target.has_value();
    if (shown.trace != nullptr) {
        planned = std::max({ 1, subStepCount(shown.trace->request), shown.lastComputed() });
        using LabelOf = std::function<int(const SubStep&)>;
        const auto add = [&](std::size_t judge, const LabelOf& labelOf, const QPen& pen) {
            QVector<double> keys;
            QVector<double> values;
            for (const auto& subStep : shown.trace->subSteps) {
                const int label = labelOf(*subStep);
                if (label >= 0 && judge < subStep->judges.size()) {
                    keys.append(subStep->index);
                    values.append(subStep->judges[judge].probabilityOf(label));
                    highest = std::max(highest, values.constLast());
                }
            }
            QCPGraph* line = m_plot.addGraph(x, y);
            line->setData(keys, values, true);
            line->setPen(pen);
            line->setAdaptiveSampling(true);
            if (keys.size() == 1)
                line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 5.0));
            m_lines.append(line);
        };
        for (std::size_t judge = 0; judge < shown.trace->judges.size(); ++judge) {
            const int source = shown.sourceIndexOf(shown.trace->judges[judge]);
            const QColor color = theme.sourceColor(source);
            const auto pen = [&](double width, const QVector<qreal>& dashes) {
                QPen made(color, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
                if (!dashes.isEmpty())
                    made.setDashPattern(dashes);
                return made;
            };
            if (shown.showAttacked) {
                add(
                    judge, [](const SubStep& step) { return step.attackedLabel; },
                    pen(1.2, { 1.2, 2.2 }));
            }
            if (shown.showTarget && hasTarget) {
                add(
                    judge, [&](const SubStep&) { return *shown.target; },
                    pen(1.6, { 7, 2.5, 1.5, 2.5 }));
            }
            if (shown.showTrue && hasTrue) {
                add(
                    judge, [&](const SubStep&) { return *shown.trueLabel; },
                    source >= 0 ? pen(2.0, {}) : pen(1.5, { 4, 3 }));
                for (const int subStep :
                    labelReturns(*shown.trace, static_cast<int>(judge), *shown.trueLabel)) {
                    const SubStep& step =
                        *shown.trace->subSteps.at(static_cast<std::size_t>(subStep));
                    ringX.append(subStep);
                    ringY.append(step.judges[judge].probabilityOf(*shown.trueLabel));
                }
            }
        }
    }
    m_rings->setData(ringX, ringY);
    fillStrip(shown);
    const double airLeft = std::max(0.25, planned * 0.01);
    const double airRight = std::max(0.55, planned * 0.01);
    for (QCPAxisRect* rect : { m_main, m_strip })
        rect->axis(QCPAxis::atBottom)->setRange(-airLeft, planned + airRight);
    y->setRange(0.0, shown.trace == nullptr ? 1.02 : niceTop(highest));
}

void TrajectoryCurves::fillStrip(const TrajectoryData& shown)
{
    std::map<QCPBars*, QVector<double>> keys = { { m_trueBars, {} }, { m_otherBars, {} },
        { m_targetBars, {} } };
    if (shown.trace != nullptr) {
        for (const auto& subStep : shown.trace->subSteps) {
            if (subStep->attackedLabel < 0)
                continue;
            if (subStep->descends) {
                keys[m_targetBars].append(subStep->index);
            } else if (shown.trueLabel) {
                keys[subStep->attackedLabel == *shown.trueLabel ? m_trueBars : m_otherBars].append(
                    subStep->index);
            }
        }
    }
    const bool many = shown.lastComputed() > 150;
    for (const auto& [bars, positions] : keys) {
        bars->setWidth(many ? 1.0 : 0.94);
        bars->setData(positions, QVector<double>(positions.size(), 1.0), true);
    }
}

} // namespace crossiter::ui
