#include "ui/plot/LeakTracksPicture.h"

#include "ui/plot/StepTicker.h"
#include "ui/session/ShownText.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <utility>

namespace crossiter::ui {

namespace {

constexpr double kRowLowest = 50.0;
constexpr double kRowHighest = 104.0;
constexpr double kCellHeight = 17.0;
constexpr double kAxisHeight = 20.0;
constexpr double kRowGap = 7.0;

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::LeakTracks", text);
}

constexpr double kRing = 4.0;

/// The distance of the axis' numbers: 1, 2, 5, 10, ... so that they do not touch.
int tickStep(double columnWidth, double room)
{
    int step = 1;
    for (const int factor : { 2, 5, 10, 20, 50, 100, 200, 500, 1000 }) {
        if (step * columnWidth >= room)
            break;
        step = factor;
    }
    return step;
}

} // namespace

void LeakTracksPicture::rebuild()
{
    curves.clear();
    columns = 2;
    double highest = 0.0;
    const std::optional<int> watched = target ? target : trueLabel;
    for (const LeakRow& row : std::as_const(rows)) {
        QVector<Curve> ofRow;
        columns = std::max(columns, row.planned + 1);
        if (row.trace) {
            const AttackTrace& trace = *row.trace;
            for (std::size_t judge = 0; judge < trace.judges.size() && watched; ++judge) {
                Curve curve;
                curve.judge = QString::fromStdString(trace.judges[judge]);
                curve.source = sources.value(static_cast<int>(ids.indexOf(curve.judge)), -1);
                for (const auto& step : trace.subSteps) {
                    curve.values << step->judges.at(judge).probabilityOf(*watched);
                    highest = std::max(highest, curve.values.constLast());
                }
                if (trueLabel && !target) {
                    const auto back = labelReturns(trace, static_cast<int>(judge), *trueLabel);
                    curve.rings = QVector<int>(back.begin(), back.end());
                }
                ofRow << curve;
            }
        }
        curves << ofRow;
    }
    scaleTop = std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0);
    cursorRow = std::clamp(cursorRow, 0, std::max(0, rowCount() - 1));
    cursorStep = std::clamp(cursorStep, 0, lastDone(cursorRow));
    markLabels();
}

int LeakTracksPicture::leastHeight(int rows)
{
    return static_cast<int>(std::ceil(kAxisHeight + kRowLowest * std::max(1, rows)));
}

int LeakTracksPicture::wantedHeight(int rows)
{
    return static_cast<int>(kAxisHeight + 68.0 * std::max(1, rows));
}

int LeakTracksPicture::lastDone(int row) const
{
    if (row < 0 || row >= rowCount() || !rows[row].trace)
        return 0;
    return std::max(0, static_cast<int>(rows[row].trace->subSteps.size()) - 1);
}

double LeakTracksPicture::nameWidth() const
{
    double width = 96.0;
    QFont bold = font;
    bold.setBold(true);
    const QFontMetricsF metrics(bold);
    for (const LeakRow& row : rows)
        width = std::max(width, metrics.horizontalAdvance(row.name) + 40.0);
    return std::min(width, std::max(96.0, size.width() * 0.34));
}

double LeakTracksPicture::rowHeight() const
{
    const double each = (size.height() - kAxisHeight) / std::max(1, rowCount());
    return std::clamp(each, kRowLowest, kRowHighest);
}

double LeakTracksPicture::columnWidth() const
{
    return std::max(0.25, (size.width() - nameWidth() - 10.0) / columns);
}

double LeakTracksPicture::columnLeft(int subStep) const
{
    return nameWidth() + subStep * columnWidth();
}

QRectF LeakTracksPicture::cellRect(int row, int subStep) const
{
    const double gap = columnWidth() > 6.0 ? 1.0 : 0.0;
    return { columnLeft(subStep) + gap, row * rowHeight() + 3.0, columnWidth() - 2.0 * gap,
        kCellHeight };
}

QRectF LeakTracksPicture::curveRect(int row) const
{
    const double top = row * rowHeight() + 3.0 + kCellHeight + 4.0;
    return { columnLeft(0), top, columns * columnWidth(), (row + 1) * rowHeight() - kRowGap - top };
}

int LeakTracksPicture::attackedLabel(int row, int subStep) const
{
    if (row < 0 || row >= rowCount() || subStep < 0 || subStep > lastDone(row) || !rows[row].trace)
        return -1;
    return rows[row].trace->subSteps[static_cast<std::size_t>(subStep)]->attackedLabel;
}

QVector<double> LeakTracksPicture::curve(int row, const QString& judge) const
{
    for (const Curve& curve : curves.value(row))
        if (curve.judge == judge)
            return curve.values;
    return {};
}

QVector<int> LeakTracksPicture::rings(int row, const QString& judge) const
{
    for (const Curve& curve : curves.value(row))
        if (curve.judge == judge)
            return curve.rings;
    return {};
}

QString LeakTracksPicture::describe(int row, int subStep) const
{
    if (row < 0 || row >= rowCount())
        return {};
    const LeakRow& shown = rows[row];
    QStringList lines { shown.name };
    if (!shown.trace || subStep > lastDone(row)) {
        lines << (shown.note.isEmpty() ? say("sub-step %1: not computed").arg(subStep)
                                       : shown.note);
        return lines.join(QLatin1Char('\n'));
    }
    const SubStep& step = *shown.trace->subSteps[static_cast<std::size_t>(subStep)];
    if (step.index == 0) {
        lines << say("clean image");
    } else if (step.attackedLabel >= 0) {
        const QString source = modelName(QString::fromStdString(step.source));
        lines << (step.descends ? say("sub-step %1: %2 was stepped towards “%3”")
                                : say("sub-step %1: %2 was stepped away from “%3”"))
                     .arg(QString::number(subStep), source, labelText(step.attackedLabel));
    }
    const std::optional<int> watched = target ? target : trueLabel;
    for (const Curve& curve : curves.value(row)) {
        QString line = say("“%1” on %2: %3")
                           .arg(labelText(*watched), modelName(curve.judge),
                               probabilityText(curve.values.value(subStep)));
        if (curve.rings.contains(subStep))
            line += say(", back");
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

bool LeakTracksPicture::hit(QPointF position, int& row, int& subStep) const
{
    row = static_cast<int>(position.y() / rowHeight());
    subStep = static_cast<int>(std::floor((position.x() - columnLeft(0)) / columnWidth()));
    return row >= 0 && row < rowCount() && position.y() >= 0.0 && subStep < columns;
}

QString LeakTracksPicture::modelName(const QString& id) const
{
    return names.value(static_cast<int>(ids.indexOf(id)), id);
}

void LeakTracksPicture::paint(QPainter& painter) const
{
    painter.fillRect(QRect(QPoint(), size), theme.window);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int row = 0; row < rowCount(); ++row)
        paintRow(painter, row);
    if (rowCount() > 0)
        paintAxis(painter);
}

void LeakTracksPicture::paintRow(QPainter& painter, int row) const
{
    const LeakRow& shown = rows[row];
    const QRectF all(0.0, row * rowHeight(), size.width(), rowHeight() - 2.0);
    if (shown.shown && marksPlace) {
        painter.setPen(Qt::NoPen);
        QColor wash = theme.accentWash;
        wash.setAlphaF(0.55F);
        painter.setBrush(wash);
        painter.drawRoundedRect(all.adjusted(0.5, 0.0, -0.5, 0.0), 4.0, 4.0);
    }
    painter.setOpacity(shown.available ? 1.0 : 0.5);
    QFont name = font;
    name.setBold(shown.shown && marksPlace);
    painter.setFont(name);
    painter.setPen(theme.text);
    const QRectF left(8.0, all.top() + 2.0, nameWidth() - 12.0, all.height() - 2.0);
    painter.drawText(QRectF(left.left(), left.top(), left.width(), 19.0),
        Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(name).elidedText(shown.name, Qt::ElideRight, left.width()));
    QFont note = tabularFont(font);
    note.setPointSizeF(font.pointSizeF() * 0.88);
    painter.setFont(note);
    painter.setPen(theme.muted);
    painter.drawText(QRectF(left.left(), left.top() + 19.0, left.width(), left.height() - 19.0),
        Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, shown.note);
    paintCurves(painter, row);
    paintCells(painter, row);
    painter.setOpacity(1.0);
    if (row == cursorRow && focused) {
        painter.setPen(QPen(theme.text, 1.4, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        const QRectF cell = cellRect(row, cursorStep);
        painter.drawRoundedRect(cell.adjusted(-2.0, -2.0, 2.0, 2.0), 3.0, 3.0);
    }
}

void LeakTracksPicture::paintCells(QPainter& painter, int row) const
{
    const LeakRow& shown = rows[row];
    QFont letters = font;
    letters.setPointSizeF(font.pointSizeF() * 0.85);
    letters.setBold(true);
    painter.setFont(letters);
    const double room = QFontMetricsF(letters).horizontalAdvance(QStringLiteral("W")) + 2.0;
    const int last = shown.trace ? lastDone(row) : -1;
    for (int subStep = 0; subStep <= shown.planned; ++subStep) {
        const QRectF cell = cellRect(row, subStep);
        const SubStep* step = subStep <= last
            ? shown.trace->subSteps[static_cast<std::size_t>(subStep)].get()
            : nullptr;
        const LabelMark* mark = step != nullptr ? marks.find(step->attackedLabel) : nullptr;
        painter.setPen(Qt::NoPen);
        const double round = cell.width() > 8.0 ? 2.5 : 0.0;
        if (mark == nullptr) {
            painter.setBrush(theme.panel);
            painter.drawRoundedRect(cell, round, round);
            if (step != nullptr && cell.width() >= 34.0) {
                painter.setPen(theme.muted);
                painter.drawText(cell, Qt::AlignCenter, say("clean"));
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
            painter.setPen(step->descends ? theme.text : mark->ink);
            painter.drawText(
                cell, Qt::AlignCenter, cell.width() >= 2.0 * room ? letter : mark->letter);
        }
        // Which source was stepped: its colour under the cell.
        const QString source = QString::fromStdString(step->source);
        const int index = sources.value(static_cast<int>(ids.indexOf(source)), -1);
        painter.fillRect(
            QRectF(cell.left(), cell.bottom() + 1.0, cell.width(), 2.0), theme.sourceColor(index));
    }
    if (shown.shown && shown.trace) {
        if (marksPlace) {
            const QRectF here = cellRect(row, std::min(current, shown.planned));
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(theme.accent, 2.0));
            painter.drawRoundedRect(here.adjusted(-1.0, -1.0, 1.0, 1.0), 3.0, 3.0);
        }
        if (departure >= 0 && departure <= shown.planned) {
            const QRectF cell = cellRect(row, departure);
            QPainterPath flag;
            flag.moveTo(cell.topLeft() + QPointF(-1.0, -3.0));
            flag.lineTo(cell.topLeft() + QPointF(8.0, -3.0));
            flag.lineTo(cell.topLeft() + QPointF(-1.0, 6.0));
            flag.closeSubpath();
            painter.setPen(QPen(theme.window, 1.0));
            painter.setBrush(theme.error);
            painter.drawPath(flag);
            painter.setPen(QPen(theme.error, 1.4, Qt::DashLine));
            painter.drawLine(QPointF(cell.left() - 1.0, cell.top()),
                QPointF(cell.left() - 1.0, curveRect(row).bottom()));
        }
    }
}

void LeakTracksPicture::paintCurves(QPainter& painter, int row) const
{
    const QRectF area = curveRect(row);
    if (area.height() < 8.0)
        return;
    painter.setPen(QPen(theme.line, 1.0));
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    QFont small = tabularFont(font);
    small.setPointSizeF(font.pointSizeF() * 0.75);
    const auto at = [&](int subStep, double value) {
        return QPointF(columnLeft(subStep) + columnWidth() / 2.0,
            area.bottom() - value / scaleTop * (area.height() - 2.0));
    };
    if (rows[row].shown && marksPlace) {
        painter.setPen(QPen(theme.accent, 1.2, Qt::DashLine));
        const double x = at(current, 0.0).x();
        painter.drawLine(QPointF(x, area.top() - 1.0), QPointF(x, area.bottom()));
    }
    for (const Curve& curve : curves.value(row)) {
        QPen pen(theme.sourceColor(curve.source), curve.source >= 0 ? 1.8 : 1.4, Qt::SolidLine,
            Qt::RoundCap, Qt::RoundJoin);
        if (curve.source < 0) {
            pen.setDashPattern({ 3.0, 2.5 });
            pen.setCapStyle(Qt::FlatCap);
        }
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        QPolygonF line;
        for (int subStep = 0; subStep < curve.values.size(); ++subStep)
            line << at(subStep, curve.values[subStep]);
        if (line.size() == 1)
            painter.drawEllipse(line.front(), 1.5, 1.5);
        else
            painter.drawPolyline(line);
    }
    painter.setPen(QPen(theme.wrongLabel, 1.8));
    painter.setBrush(Qt::NoBrush);
    for (const Curve& curve : curves.value(row))
        for (const int subStep : curve.rings)
            painter.drawEllipse(at(subStep, curve.values.value(subStep)), kRing, kRing);
    if (!curves.value(row).isEmpty() && area.height() > 18.0) {
        painter.setFont(small);
        painter.setPen(theme.muted);
        painter.drawText(QRectF(area.left() - 30.0, area.top() - 5.0, 27.0, 12.0),
            Qt::AlignRight | Qt::AlignVCenter, tickText(scaleTop, 0.1));
        painter.drawText(QRectF(area.left() - 30.0, area.bottom() - 8.0, 27.0, 12.0),
            Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));
    }
}

void LeakTracksPicture::paintAxis(QPainter& painter) const
{
    QFont small = tabularFont(font);
    small.setPointSizeF(font.pointSizeF() * 0.88);
    painter.setFont(small);
    painter.setPen(theme.muted);
    const double top = rowCount() * rowHeight() - 2.0;
    const QFontMetricsF metrics(small);
    const int step =
        tickStep(columnWidth(), metrics.horizontalAdvance(QString::number(columns - 1)) + 10.0);
    for (int subStep = 0; subStep < columns; subStep += step) {
        const double x = columnLeft(subStep) + columnWidth() / 2.0;
        painter.drawText(
            QRectF(x - 24.0, top, 48.0, 15.0), Qt::AlignCenter, QString::number(subStep));
    }
    painter.drawText(QRectF(8.0, top, nameWidth() - 14.0, 15.0), Qt::AlignLeft | Qt::AlignVCenter,
        say("sub-step"));
}

} // namespace crossiter::ui
