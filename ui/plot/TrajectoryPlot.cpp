#include "ui/plot/TrajectoryPlot.h"

#include "ui/plot/TrajectoryCurves.h"
#include "ui/plot/TrajectoryLegend.h"
#include "ui/session/ShownText.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QScrollArea>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {

TrajectoryPlot::TrajectoryPlot(QWidget* parent)
    : ChartWidget(parent)
{
    setAccessibleName(tr("Trajectory"));
    setMinimumSize(320, 130);
    build();
    recolour();
    rebuild();
}

TrajectoryPlot::~TrajectoryPlot() = default;

void TrajectoryPlot::build()
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(12);
    plot()->setMinimumSize(180, 100);
    plot()->setAttribute(Qt::WA_OpaquePaintEvent, false);
    layout->addWidget(plot(), 64);
    m_legend = new TrajectoryLegend;
    auto* legendArea = new QScrollArea(this);
    legendArea->setWidgetResizable(true);
    legendArea->setFrameShape(QFrame::NoFrame);
    legendArea->setFocusPolicy(Qt::NoFocus);
    legendArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    legendArea->setWidget(m_legend);
    // No fixed width: it would be part of the least width, and the window never narrow again.
    legendArea->setMinimumWidth(170);
    legendArea->setMaximumWidth(330);
    layout->addWidget(legendArea, 36);
    m_legend->setSeries(m_shown.showTrue, m_shown.showAttacked, m_shown.showTarget);

    addCursorLayer();
    m_curves = std::make_unique<TrajectoryCurves>(*plot());

    connect(m_legend, &TrajectoryLegend::seriesChanged, this,
        [this](bool trueLabel, bool attackedLabel, bool target) {
            setSeries(trueLabel, attackedLabel, target);
            emit seriesChanged(trueLabel, attackedLabel, target);
        });
}

void TrajectoryPlot::recolour()
{
    plot()->setBackground(QBrush(theme().window));
    m_legend->setTheme(theme());
    for (QCPAxis* axis : m_curves->axes())
        styleAxis(*axis);
    m_curves->recolour(theme());
}

void TrajectoryPlot::rebuild()
{
    m_curves->show(m_shown, theme());
    updateNotes();
    moveCursor();
    plot()->replot(QCustomPlot::rpQueuedReplot);
}

void TrajectoryPlot::updateNotes()
{
    m_notes = trajectoryNotes(m_shown, theme());
    m_legend->setAvailable(
        m_shown.trueLabel.has_value(), m_shown.trace != nullptr, m_shown.target.has_value());
    m_legend->setEntries(m_notes.entries);
    setAccessibleDescription(m_notes.sentences.join(QLatin1Char(' ')));
}

void TrajectoryPlot::setModelNames(const QStringList& ids, const QStringList& names)
{
    m_shown.ids = ids;
    m_shown.names = names;
    rebuild();
}

void TrajectoryPlot::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    if (trace == m_shown.trace)
        return;
    m_shown.trace = std::move(trace);
    rebuild();
}

void TrajectoryPlot::setTrueLabel(std::optional<int> label, bool assumed)
{
    if (label != m_shown.trueLabel || assumed != m_shown.assumed) {
        m_shown.trueLabel = label;
        m_shown.assumed = assumed;
        rebuild();
    }
}

void TrajectoryPlot::setTarget(std::optional<int> label)
{
    if (label != m_shown.target) {
        m_shown.target = label;
        rebuild();
    }
}

void TrajectoryPlot::setSeries(bool trueLabel, bool attackedLabel, bool target)
{
    m_shown.showTrue = trueLabel;
    m_shown.showAttacked = attackedLabel;
    m_shown.showTarget = target;
    m_legend->setSeries(trueLabel, attackedLabel, target);
    rebuild();
}

void TrajectoryPlot::setRunning(bool running)
{
    if (running != m_shown.running) {
        m_shown.running = running;
        updateNotes();
    }
}

void TrajectoryPlot::setStale(bool stale)
{
    if (stale != m_shown.stale) {
        m_shown.stale = stale;
        updateNotes();
    }
}

void TrajectoryPlot::setCurrent(int subStep)
{
    const int wanted = std::max(0, subStep);
    if (wanted != m_current) {
        m_current = wanted;
        moveCursor();
    }
}

void TrajectoryPlot::moveCursor()
{
    m_curves->moveCursor(m_current, m_shown.trace != nullptr);
    replotCursor();
}

QStringList TrajectoryPlot::notes() const
{
    return m_notes.sentences;
}

QPointF TrajectoryPlot::positionOf(int subStep) const
{
    return QPointF(plot()->pos())
        + QPointF(m_curves->positionOf(subStep), m_curves->area().center().y());
}

int TrajectoryPlot::subStepAt(const QPoint& position) const
{
    const double x = m_curves->subStepAt(position.x());
    return std::clamp(static_cast<int>(std::lround(x)), 0, m_shown.lastComputed());
}

void TrajectoryPlot::pointAt(const QPoint& position)
{
    go(subStepAt(position));
}

void TrajectoryPlot::go(int subStep)
{
    const int wanted = std::clamp(subStep, 0, m_shown.lastComputed());
    if (m_shown.trace != nullptr && wanted != m_current) {
        setCurrent(wanted);
        emit subStepClicked(wanted);
    }
}

void TrajectoryPlot::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (m_shown.trace == nullptr || !m_curves->area().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const SubStep& step =
        *m_shown.trace->subSteps.at(static_cast<std::size_t>(subStepAt(position)));
    QStringList lines { step.index == 0 ? tr("clean image") : tr("sub-step %1").arg(step.index) };
    if (step.attackedLabel >= 0) {
        lines.append((step.descends ? tr("towards %1") : tr("attacked %1"))
                         .arg(labelText(step.attackedLabel)));
    }
    for (std::size_t judge = 0; judge < step.judges.size() && m_shown.trueLabel; ++judge) {
        lines.append(tr("%1: %2").arg(m_shown.nameOf(m_shown.trace->judges.at(judge)),
            probabilityText(step.judges[judge].probabilityOf(*m_shown.trueLabel))));
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), plot());
}

void TrajectoryPlot::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        go(m_current - 1);
        break;
    case Qt::Key_Right:
        go(m_current + 1);
        break;
    case Qt::Key_Home:
        go(0);
        break;
    case Qt::Key_End:
        go(m_shown.lastComputed());
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

QImage TrajectoryPlot::grabImage()
{
    plot()->replot(QCustomPlot::rpImmediateRefresh);
    return grab().toImage();
}

Figure TrajectoryPlot::figure() const
{
    const auto copy = std::make_shared<TrajectoryPlot>(); // never shown, in the figure's looks
    copy->setFont(figureFont());
    copy->m_shown = m_shown;
    copy->m_shown.running = false;
    copy->m_shown.stale = false;
    copy->setTheme(figureTheme());
    copy->m_curves->hideCursor();
    copy->m_curves->setValueTitle(tr("probability"));
    Figure figure;
    figure.title = tr("Trajectory");
    figure.theme = figureTheme();
    figure.legend = copy->m_notes.entries;
    if (m_shown.trace != nullptr && !figure.legend.isEmpty())
        figure.headingHtml = figure.legend.takeFirst().html;
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        paintPlot(*copy->plot(), painter, size);
    };
    return figure;
}

void TrajectoryPlot::savePlot(const QString& path, const FigureSize& size) const
{
    saveFigure(figure(), path, size);
}

} // namespace crossiter::ui
