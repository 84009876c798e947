#include "ui/views/explore/ScrubberTicks.h"

#include "ui/session/ShownText.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {

namespace {

constexpr double kNumberWidth = 24.0; ///< ticks narrower than this lose their numbers

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::Scrubber", text);
}

} // namespace

int ScrubberTicks::subStepsPerRound() const
{
    // A round steps every source once, so it ends where the first one comes again.
    if (sources.isEmpty())
        return 1;
    const qsizetype again = sources.indexOf(sources.constFirst(), 1);
    return static_cast<int>(again > 0 ? again : sources.size());
}

int ScrubberTicks::roundOf(int subStep) const
{
    return subStep <= 0 ? 0 : (subStep - 1) / subStepsPerRound() + 1;
}

int ScrubberTicks::rounds() const
{
    return roundOf(count);
}

int ScrubberTicks::lastComputed() const
{
    return trace == nullptr ? 0
                            : std::clamp(static_cast<int>(trace->subSteps.size()) - 1, 0, count);
}

QRectF ScrubberTicks::tickRect(int subStep) const
{
    const double width = band.width() / (count + 1);
    const double gap = width >= kNumberWidth ? 6.0 : (width >= 8.0 ? 2.0 : 1.0);
    return { band.left() + width * subStep, band.top(), width >= kTickWidth ? width - gap : width,
        band.height() };
}

int ScrubberTicks::tickAt(QPointF position) const
{
    const double width = band.width() / (count + 1);
    return std::clamp(static_cast<int>(std::floor((position.x() - band.left()) / width)), 0, count);
}

void ScrubberTicks::paintAttackedLabel(
    QPainter& painter, const QRectF& tick, const SubStep& step) const
{
    if (trueLabel >= 0 && step.attackedLabel >= 0 && !step.descends)
        painter.fillRect(QRectF(tick.left(), tick.top(), tick.width(), 2.0),
            step.attackedLabel == trueLabel ? theme.trueLabel : theme.wrongLabel);
}

void ScrubberTicks::paintTicks(QPainter& painter, const QFont& font, const QRect& clip) const
{
    const double width = band.width() / (count + 1);
    const bool numbers = width >= kNumberWidth;
    const double corner = numbers ? 4.0 : 1.5;
    const int done = lastComputed();
    QFont bold = tabularFont(font);
    bold.setWeight(QFont::DemiBold);
    const QFont plain = tabularFont(font);
    QColor hatch = theme.line;
    for (int tick = 0; tick <= count; ++tick) {
        const QRectF rect = tickRect(tick);
        if (!rect.toAlignedRect().adjusted(-3, -3, 3, 3).intersects(clip))
            continue;
        const bool current = tick == shown;
        const bool computed = tick <= done && (tick == 0 || trace != nullptr);
        QPainterPath shape;
        shape.addRoundedRect(rect, corner, corner);
        painter.fillPath(shape, current ? theme.accentWash : theme.panel);
        QColor color = tick == 0 ? theme.muted : theme.sourceColor(sources.value(tick - 1, -1));
        painter.save();
        painter.setClipPath(shape);
        if (!computed) {
            painter.fillRect(rect, theme.window);
            painter.fillRect(rect, QBrush(hatch, Qt::BDiagPattern));
            color.setAlphaF(0.35F);
        }
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 3.5, rect.width(), 3.5), color);
        if (computed && tick > 0)
            paintAttackedLabel(painter, rect, *trace->subSteps.at(static_cast<std::size_t>(tick)));
        painter.restore();
        if (numbers) {
            painter.setFont(current ? bold : plain);
            QColor ink = current ? theme.text : theme.muted;
            if (!computed)
                ink.setAlphaF(0.6F);
            painter.setPen(ink);
            const QString clean = say("clean");
            const bool room = QFontMetricsF(bold, painter.device()).horizontalAdvance(clean)
                <= rect.width() - 4.0;
            painter.drawText(rect.adjusted(0, 0, 0, -2), Qt::AlignCenter,
                tick == 0 && room ? clean : QString::number(tick));
        }
        if (current) {
            painter.setPen(QPen(theme.accent, 1.6));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(
                rect.adjusted(-1.2, -1.2, 1.2, 1.2), corner + 1.0, corner + 1.0);
        }
    }
    paintDeparture(painter);
}

void ScrubberTicks::paintBar(QPainter& painter, const QFont& font) const
{
    // Ticks thinner than kTickWidth would be noise: a column of the bar takes the colours of the
    // sub-step in its middle.
    const int done = lastComputed();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(band, theme.window);
    painter.fillRect(band, QBrush(theme.line, Qt::BDiagPattern));
    const double width = band.width() / (count + 1);
    const double doneRight = band.left() + width * (done + 1);
    painter.fillRect(QRectF(band.topLeft(), QPointF(doneRight, band.bottom())), theme.panel);
    for (int x = static_cast<int>(band.left()); x < static_cast<int>(band.right()); ++x) {
        const int tick = tickAt(QPointF(x + 0.5, 0.0));
        if (tick == 0)
            continue;
        QColor color = theme.sourceColor(sources.value(tick - 1, -1));
        if (tick > done)
            color.setAlphaF(0.35F);
        painter.fillRect(QRectF(x, band.bottom() - 4.0, 1.0, 4.0), color);
        if (tick <= done && trueLabel >= 0) {
            const SubStep& step = *trace->subSteps.at(static_cast<std::size_t>(tick));
            if (step.attackedLabel >= 0 && !step.descends) {
                painter.fillRect(QRectF(x, band.top(), 1.0, 3.0),
                    step.attackedLabel == trueLabel ? theme.trueLabel : theme.wrongLabel);
            }
        }
    }
    painter.setRenderHint(QPainter::Antialiasing);
    const double x = tickRect(shown).center().x();
    const QString number = QString::number(shown);
    QFont bold = tabularFont(font);
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    const double box = QFontMetricsF(bold, painter.device()).horizontalAdvance(number) + 12.0;
    const double left = std::clamp(x - box / 2.0, band.left(), band.right() - box);
    const QRectF label(left, band.top() + 4.5, box, band.height() - 10.0);
    painter.setPen(QPen(theme.accent, 2.0));
    painter.drawLine(QPointF(x, band.top()), QPointF(x, band.bottom()));
    painter.setPen(QPen(theme.accent, 1.6));
    painter.setBrush(theme.accentWash);
    painter.drawRoundedRect(label, 4.0, 4.0);
    painter.setPen(theme.text);
    painter.drawText(label, Qt::AlignCenter, number);
}

void ScrubberTicks::paintDeparture(QPainter& painter) const
{
    if (departure < 0 || departure > count)
        return;
    const QPointF at = tickRect(departure).topLeft();
    QPainterPath flag;
    flag.moveTo(at + QPointF(-1.0, -3.0));
    flag.lineTo(at + QPointF(9.0, -3.0));
    flag.lineTo(at + QPointF(-1.0, 7.0));
    flag.closeSubpath();
    painter.setPen(QPen(theme.window, 1.0));
    painter.setBrush(theme.error);
    painter.drawPath(flag);
}

QString ScrubberTicks::describe(int subStep) const
{
    if (subStep <= 0)
        return say("Clean image");
    QString text = say("Sub-step %1 of %2, round %3").arg(subStep).arg(count).arg(roundOf(subStep));
    if (subStep > lastComputed())
        return text + say(", not computed yet");
    const SubStep& done = *trace->subSteps.at(static_cast<std::size_t>(subStep));
    if (!done.source.empty())
        text += say(", on %1").arg(QString::fromStdString(done.source));
    if (done.attackedLabel >= 0) {
        const QString name = labelText(done.attackedLabel);
        text += done.descends ? say(", towards \u201c%1\u201d").arg(name)
                              : say(", away from \u201c%1\u201d").arg(name);
        if (!done.descends && trueLabel >= 0) {
            text += done.attackedLabel == trueLabel ? say(" (the true label)")
                                                    : say(" (not the true label)");
        }
    }
    if (subStep == departure)
        text += say("; the first that is not the exact trace's");
    return text;
}

} // namespace crossiter::ui
