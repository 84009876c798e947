// LeakTracks: how it is drawn.
#include "ui/plot/LeakTracks.h"
#include "ui/plot/StepTicker.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {

namespace {

constexpr double kRing = 4.0;

/// The distance of the axis' numbers: 1, 2, 5, 10, ... so that they do not touch.
int tickStep(double columnWidth, double room)
{
    int step = 1;
    for (const int factor : { 2, 5, 10, 20, 50, 100, 200, 500, 1000 }) {
        if (step * columnWidth >= room) {
            break;
        }
        step = factor;
    }
    return step;
}

} // namespace

void LeakTracks::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    paintAll(painter);
}

void LeakTracks::paintAll(QPainter& painter) const
{
    painter.fillRect(rect(), m_theme.window);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int row = 0; row < rowCount(); ++row) {
        paintRow(painter, row);
    }
    if (rowCount() > 0) {
        paintAxis(painter);
    }
}

void LeakTracks::paintRow(QPainter& painter, int row) const
{
    const LeakRow& shown = m_rows[row];
    const QRectF all(0.0, row * rowHeight(), width(), rowHeight() - 2.0);
    if (shown.shown && m_marksPlace) {
        painter.setPen(Qt::NoPen);
        QColor wash = m_theme.accentWash;
        wash.setAlphaF(0.55F);
        painter.setBrush(wash);
        painter.drawRoundedRect(all.adjusted(0.5, 0.0, -0.5, 0.0), 4.0, 4.0);
    }
    painter.setOpacity(shown.available ? 1.0 : 0.5);
    QFont name = font();
    name.setBold(shown.shown && m_marksPlace);
    painter.setFont(name);
    painter.setPen(m_theme.text);
    const QRectF left(8.0, all.top() + 2.0, nameWidth() - 12.0, all.height() - 2.0);
    painter.drawText(QRectF(left.left(), left.top(), left.width(), 19.0),
        Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(name).elidedText(shown.name, Qt::ElideRight, left.width()));
    QFont note = tabularFont(font());
    note.setPointSizeF(font().pointSizeF() * 0.88);
    painter.setFont(note);
    painter.setPen(m_theme.muted);
    painter.drawText(QRectF(left.left(), left.top() + 19.0, left.width(), left.height() - 19.0),
        Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, shown.note);
    paintCurves(painter, row);
    paintCells(painter, row);
    painter.setOpacity(1.0);
    if (row == m_cursorRow && hasFocus()) {
        painter.setPen(QPen(m_theme.text, 1.4, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        const QRectF cell = cellRect(row, m_cursorStep);
        painter.drawRoundedRect(cell.adjusted(-2.0, -2.0, 2.0, 2.0), 3.0, 3.0);
    }
}

void LeakTracks::paintCells(QPainter& painter, int row) const
{
    const LeakRow& shown = m_rows[row];
    QFont letters = font();
    letters.setPointSizeF(font().pointSizeF() * 0.85);
    letters.setBold(true);
    painter.setFont(letters);
    const double room = QFontMetricsF(letters).horizontalAdvance(QStringLiteral("W")) + 2.0;
    const int last = shown.trace ? lastDone(row) : -1;
    for (int subStep = 0; subStep <= shown.planned; ++subStep) {
        const QRectF cell = cellRect(row, subStep);
        const SubStep* step = subStep <= last
            ? shown.trace->subSteps[static_cast<std::size_t>(subStep)].get()
            : nullptr;
        const LabelMark* mark = step != nullptr ? markOf(step->attackedLabel) : nullptr;
        painter.setPen(Qt::NoPen);
        const double round = cell.width() > 8.0 ? 2.5 : 0.0;
        if (mark == nullptr) {
            painter.setBrush(m_theme.panel);
            painter.drawRoundedRect(cell, round, round);
            if (step != nullptr && cell.width() >= 34.0) {
                painter.setPen(m_theme.muted);
                painter.drawText(cell, Qt::AlignCenter, tr("clean"));
            }
            continue;
        }
        QString letter = mark->letter;
        if (step->descends) { // towards: outlined, since nothing is attacked in the usual sense
            QColor pale = mark->color;
            pale.setAlphaF(0.25F);
            painter.setBrush(pale);
            painter.setPen(QPen(mark->color, 1.4));
            painter.drawRoundedRect(cell.adjusted(0.7, 0.7, -0.7, -0.7), round, round);
            letter.prepend(QStringLiteral("→"));
        } else {
            painter.setBrush(mark->color);
            painter.drawRoundedRect(cell, round, round);
            if (mark->hatched) {
                painter.setBrush(QBrush(mark->ink, Qt::BDiagPattern));
                painter.drawRoundedRect(cell, round, round);
            }
        }
        if (cell.width() >= room) {
            painter.setPen(step->descends ? m_theme.text : mark->ink);
            painter.drawText(
                cell, Qt::AlignCenter, cell.width() >= 2.0 * room ? letter : mark->letter);
        }
        // Which source was stepped: its colour under the cell.
        const QString source = QString::fromStdString(step->source);
        const int index = m_sources.value(static_cast<int>(m_ids.indexOf(source)), -1);
        painter.fillRect(QRectF(cell.left(), cell.bottom() + 1.0, cell.width(), 2.0),
            m_theme.sourceColor(index));
    }
    if (shown.shown && shown.trace) {
        if (m_marksPlace) {
            const QRectF here = cellRect(row, std::min(m_current, shown.planned));
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(m_theme.accent, 2.0));
            painter.drawRoundedRect(here.adjusted(-1.0, -1.0, 1.0, 1.0), 3.0, 3.0);
        }
        if (m_departure >= 0 && m_departure <= shown.planned) {
            const QRectF cell = cellRect(row, m_departure);
            QPainterPath flag;
            flag.moveTo(cell.topLeft() + QPointF(-1.0, -3.0));
            flag.lineTo(cell.topLeft() + QPointF(8.0, -3.0));
            flag.lineTo(cell.topLeft() + QPointF(-1.0, 6.0));
            flag.closeSubpath();
            painter.setPen(QPen(m_theme.window, 1.0));
            painter.setBrush(m_theme.error);
            painter.drawPath(flag);
            painter.setPen(QPen(m_theme.error, 1.4, Qt::DashLine));
            painter.drawLine(QPointF(cell.left() - 1.0, cell.top()),
                QPointF(cell.left() - 1.0, curveRect(row).bottom()));
        }
    }
}

void LeakTracks::paintCurves(QPainter& painter, int row) const
{
    const QRectF area = curveRect(row);
    if (area.height() < 8.0) {
        return;
    }
    painter.setPen(QPen(m_theme.line, 1.0));
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    QFont small = tabularFont(font());
    small.setPointSizeF(font().pointSizeF() * 0.75);
    const auto at = [&](int subStep, double value) {
        return QPointF(columnLeft(subStep) + columnWidth() / 2.0,
            area.bottom() - value / m_top * (area.height() - 2.0));
    };
    if (m_rows[row].shown && m_marksPlace) {
        painter.setPen(QPen(m_theme.accent, 1.2, Qt::DashLine));
        const double x = at(m_current, 0.0).x();
        painter.drawLine(QPointF(x, area.top() - 1.0), QPointF(x, area.bottom()));
    }
    for (const Curve& curve : m_curves.value(row)) {
        QPen pen(m_theme.sourceColor(curve.source), curve.source >= 0 ? 1.8 : 1.4, Qt::SolidLine,
            Qt::RoundCap, Qt::RoundJoin);
        if (curve.source < 0) {
            pen.setDashPattern({ 3.0, 2.5 });
            pen.setCapStyle(Qt::FlatCap);
        }
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        QPolygonF line;
        for (int subStep = 0; subStep < curve.values.size(); ++subStep) {
            line << at(subStep, curve.values[subStep]);
        }
        if (line.size() == 1) {
            painter.drawEllipse(line.front(), 1.5, 1.5);
        } else {
            painter.drawPolyline(line);
        }
    }
    painter.setPen(QPen(m_theme.wrongLabel, 1.8));
    painter.setBrush(Qt::NoBrush);
    for (const Curve& curve : m_curves.value(row)) {
        for (const int subStep : curve.rings) {
            painter.drawEllipse(at(subStep, curve.values.value(subStep)), kRing, kRing);
        }
    }
    if (!m_curves.value(row).isEmpty() && area.height() > 18.0) {
        painter.setFont(small);
        painter.setPen(m_theme.muted);
        painter.drawText(QRectF(area.left() - 30.0, area.top() - 5.0, 27.0, 12.0),
            Qt::AlignRight | Qt::AlignVCenter, tickText(m_top, 0.1));
        painter.drawText(QRectF(area.left() - 30.0, area.bottom() - 8.0, 27.0, 12.0),
            Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));
    }
}

void LeakTracks::paintAxis(QPainter& painter) const
{
    QFont small = tabularFont(font());
    small.setPointSizeF(font().pointSizeF() * 0.88);
    painter.setFont(small);
    painter.setPen(m_theme.muted);
    const double top = rowCount() * rowHeight() - 2.0;
    const QFontMetricsF metrics(small);
    const int step =
        tickStep(columnWidth(), metrics.horizontalAdvance(QString::number(m_columns - 1)) + 10.0);
    for (int subStep = 0; subStep < m_columns; subStep += step) {
        const double x = columnLeft(subStep) + columnWidth() / 2.0;
        painter.drawText(
            QRectF(x - 24.0, top, 48.0, 15.0), Qt::AlignCenter, QString::number(subStep));
    }
    painter.drawText(QRectF(8.0, top, nameWidth() - 14.0, 15.0), Qt::AlignLeft | Qt::AlignVCenter,
        tr("sub-step"));
}

} // namespace crossiter::ui
