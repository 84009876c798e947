#include "ui/plot/TrajectoryPlot.h"

#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "ui/plot/TrajectoryParts.h"

#include <QFileInfo>
#include <QKeyEvent>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
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

void TrajectoryPlot::savePlot(const QString& path)
{
    const auto fail = [&](const QString& why) {
        throw Error(ErrorKind::BadInput, "cannot write the plot", path.toStdString(),
            "a writable place and a known extension", why.toStdString());
    };
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        fail(file.errorString());
    }
    if (QFileInfo(path).suffix().compare(QLatin1String("pdf"), Qt::CaseInsensitive) != 0) {
        const QByteArray format = QFileInfo(path).suffix().toLatin1();
        if (!grabImage().save(&file, format.isEmpty() ? "png" : format.constData())) {
            fail(QStringLiteral(".") + QString::fromLatin1(format));
        }
    } else {
        writePdf(file);
    }
    if (!file.commit()) {
        fail(file.errorString());
    }
}

void TrajectoryPlot::writePdf(QIODevice& device)
{
    constexpr double kDotsPerInch = 96.0;
    QPdfWriter writer(&device);
    writer.setResolution(static_cast<int>(kDotsPerInch));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setPageSize(QPageSize(QSizeF(size()) / kDotsPerInch, QPageSize::Inch));
    writer.setTitle(tr("Trajectory"));
    QCPPainter painter;
    if (!painter.begin(&writer)) {
        throw Error(ErrorKind::BadInput, "cannot write the plot", "PDF");
    }
    painter.fillRect(QRect(QPoint(0, 0), size()), theme().window);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.save();
    painter.translate(plot()->pos());
    plot()->toPainter(&painter, plot()->width(), plot()->height());
    painter.restore();
    const int chips = m_parts->legend->chipsHeight();
    m_parts->legend->render(&painter, m_parts->legendArea->pos(),
        QRegion(m_parts->legend->rect().adjusted(0, chips, 0, 0)));
    painter.end();
    plot()->replot(QCustomPlot::rpQueuedReplot); // toPainter changed its viewport for a while
}

} // namespace crossiter::ui
