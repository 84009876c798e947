#include "ui/plot/TrajectoryPlot.h"

#include "core/classify/Labels.h"
#include "ui/plot/TrajectoryParts.h"

#include <QKeyEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {
namespace {

QString nameOfLabel(int label)
{
    return QString::fromStdString(labelName(label));
}

} // namespace

TrajectoryPlot::TrajectoryPlot(QWidget* parent)
    : ChartWidget(parent)
    , m_parts(std::make_unique<Parts>())
{
    setAccessibleName(tr("Trajectory"));
    setMinimumSize(320, 130);
    build();
    recolour();
    rebuild();
}

TrajectoryPlot::~TrajectoryPlot() = default;

void TrajectoryPlot::setModelNames(const QStringList& ids, const QStringList& names)
{
    m_ids = ids;
    m_names = names;
    rebuild();
}

void TrajectoryPlot::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    if (trace == m_trace) {
        return;
    }
    m_trace = std::move(trace);
    rebuild();
}

void TrajectoryPlot::setTrueLabel(std::optional<int> label, bool assumed)
{
    if (label != m_trueLabel || assumed != m_assumed) {
        m_trueLabel = label;
        m_assumed = assumed;
        rebuild();
    }
}

void TrajectoryPlot::setTarget(std::optional<int> label)
{
    if (label != m_target) {
        m_target = label;
        rebuild();
    }
}

void TrajectoryPlot::setSeries(bool trueLabel, bool attackedLabel, bool target)
{
    m_showTrue = trueLabel;
    m_showAttacked = attackedLabel;
    m_showTarget = target;
    m_parts->legend->setSeries(trueLabel, attackedLabel, target);
    rebuild();
}

void TrajectoryPlot::setRunning(bool running)
{
    if (running != m_running) {
        m_running = running;
        updateNotes();
    }
}

void TrajectoryPlot::setStale(bool stale)
{
    if (stale != m_stale) {
        m_stale = stale;
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
    Parts& parts = *m_parts;
    for (QCPItemStraightLine* line : { parts.cursor, parts.stripCursor }) {
        line->setVisible(m_trace != nullptr);
        line->point1->setCoords(m_current, 0.0);
        line->point2->setCoords(m_current, 1.0);
    }
    replotCursor();
}

int TrajectoryPlot::lastComputed() const
{
    return m_trace == nullptr ? 0 : std::max(0, static_cast<int>(m_trace->subSteps.size()) - 1);
}

QString TrajectoryPlot::nameOf(const std::string& id) const
{
    const QString text = QString::fromStdString(id);
    return m_names.value(static_cast<int>(m_ids.indexOf(text)), text);
}

int TrajectoryPlot::sourceIndexOf(const std::string& id) const
{
    const auto& sources = m_trace->request.sources;
    const auto found = std::find(sources.begin(), sources.end(), id);
    return found == sources.end() ? -1 : static_cast<int>(found - sources.begin());
}

QStringList TrajectoryPlot::notes() const
{
    return m_notes;
}

QPointF TrajectoryPlot::positionOf(int subStep) const
{
    const QRect rect = m_parts->main->rect();
    return QPointF(plot()->pos())
        + QPointF(m_parts->main->axis(QCPAxis::atBottom)->coordToPixel(subStep), rect.center().y());
}

int TrajectoryPlot::subStepAt(const QPoint& position) const
{
    const double x = m_parts->main->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    return std::clamp(static_cast<int>(std::lround(x)), 0, lastComputed());
}

void TrajectoryPlot::pointAt(const QPoint& position)
{
    go(subStepAt(position));
}

void TrajectoryPlot::go(int subStep)
{
    const int wanted = std::clamp(subStep, 0, lastComputed());
    if (m_trace != nullptr && wanted != m_current) {
        setCurrent(wanted);
        emit subStepClicked(wanted);
    }
}

void TrajectoryPlot::explain(const QPoint& position, const QPoint& globalPosition)
{
    if (m_trace == nullptr || !m_parts->main->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(subStepAt(position)));
    QStringList lines { step.index == 0 ? tr("clean image") : tr("sub-step %1").arg(step.index) };
    if (step.attackedLabel >= 0) {
        lines.append((step.descends ? tr("towards %1") : tr("attacked %1"))
                         .arg(nameOfLabel(step.attackedLabel)));
    }
    for (std::size_t judge = 0; judge < step.judges.size() && m_trueLabel; ++judge) {
        lines.append(tr("%1: %2").arg(nameOf(m_trace->judges.at(judge)),
            QString::number(step.judges[judge].probabilityOf(*m_trueLabel), 'f', 3)));
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
        go(lastComputed());
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
    copy->m_ids = m_ids;
    copy->m_names = m_names;
    copy->m_trace = m_trace;
    copy->m_trueLabel = m_trueLabel;
    copy->m_assumed = m_assumed;
    copy->m_target = m_target;
    copy->m_showTrue = m_showTrue;
    copy->m_showAttacked = m_showAttacked;
    copy->m_showTarget = m_showTarget;
    copy->setTheme(figureTheme());
    copy->m_parts->cursor->setVisible(false);
    copy->m_parts->stripCursor->setVisible(false);
    copy->m_parts->main->axis(QCPAxis::atLeft)->setLabel(tr("probability"));
    Figure figure;
    figure.title = tr("Trajectory");
    figure.theme = figureTheme();
    figure.legend = copy->m_entries;
    if (m_trace != nullptr && !figure.legend.isEmpty()) {
        figure.headingHtml = figure.legend.takeFirst().html;
    }
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
