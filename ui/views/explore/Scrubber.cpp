#include "ui/views/explore/Scrubber.h"

#include "core/classify/Labels.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTimer>
#include <QToolButton>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {
namespace {

constexpr double kNumberWidth = 24.0; ///< ticks narrower than this lose their numbers
constexpr double kTickWidth = 4.0; ///< narrower than this they are one continuous bar
constexpr double kWidestTick = 110.0;
constexpr double kTickHeight = 30.0;
constexpr int kButtonSide = 30;

QPixmap playPixmap(const QColor& color, bool playing, double ratio)
{
    constexpr int kSide = 14;
    QPixmap pixmap(QSize(kSide, kSide) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    if (playing) {
        painter.drawRoundedRect(QRectF(2.5, 2, 3.5, 10), 1, 1);
        painter.drawRoundedRect(QRectF(8, 2, 3.5, 10), 1, 1);
    } else {
        const QPointF triangle[3] = { { 3.5, 1.8 }, { 12.0, 7.0 }, { 3.5, 12.2 } };
        painter.drawPolygon(triangle, 3);
    }
    return pixmap;
}

} // namespace

Scrubber::Scrubber(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_playButton(new QToolButton(this))
    , m_timer(new QTimer(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    setAccessibleName(tr("Sub-step scrubber"));
    m_playButton->setFocusPolicy(Qt::TabFocus);
    m_playButton->setFixedSize(kButtonSide, kButtonSide);
    m_playButton->setIconSize(QSize(14, 14));
    m_playButton->setStyleSheet(QStringLiteral("padding: 0px; min-height: 0px;"));
    connect(m_playButton, &QToolButton::clicked, this, &Scrubber::togglePlay);
    connect(m_timer, &QTimer::timeout, this, &Scrubber::advance);
    updatePlayButton();
    layOut();
    announce();
}

void Scrubber::setTheme(const Theme& theme)
{
    m_theme = theme;
    updatePlayButton();
    update();
}

void Scrubber::setPlan(int subStepCount, const QVector<int>& sourceOfSubStep)
{
    m_count = std::max(0, subStepCount);
    m_sources = sourceOfSubStep;
    layOut();
    setCurrent(m_current);
    announce();
    update();
}

void Scrubber::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    m_trace = std::move(trace);
    setCurrent(m_current);
    update();
}

void Scrubber::setTrueLabel(int label)
{
    m_trueLabel = label;
    announce();
    update();
}

int Scrubber::lastComputed() const
{
    return m_trace == nullptr
        ? 0
        : std::clamp(static_cast<int>(m_trace->subSteps.size()) - 1, 0, m_count);
}

void Scrubber::setCurrent(int subStep)
{
    const int wanted = std::clamp(subStep, 0, lastComputed());
    if (wanted == m_current) {
        return;
    }
    m_current = wanted;
    m_painted = false;
    m_frameShown = false;
    update();
    announce();
    emit currentChanged(m_current);
}

void Scrubber::setFramesPerSecond(int fps)
{
    m_fps = std::clamp(fps, 2, 10);
    m_timer->setInterval(1000 / m_fps);
}

void Scrubber::setWaitsForFrames(bool waits)
{
    m_waitsForFrames = waits;
}

void Scrubber::frameShown(int subStep)
{
    if (subStep == m_current) {
        m_frameShown = true;
    }
}

void Scrubber::play()
{
    if (m_playing || m_count == 0) {
        return;
    }
    m_playing = true;
    if (m_current >= m_count) {
        setCurrent(0);
    }
    m_timer->start(1000 / m_fps);
    updatePlayButton();
    emit playingChanged(true);
}

void Scrubber::pause()
{
    if (!m_playing) {
        return;
    }
    m_playing = false;
    m_timer->stop();
    updatePlayButton();
    emit playingChanged(false);
}

void Scrubber::togglePlay()
{
    if (m_playing) {
        pause();
    } else {
        play();
    }
}

void Scrubber::advance()
{
    // A frame that nobody has seen yet is waited for: play never skips one.
    if (!m_painted || (m_waitsForFrames && !m_frameShown)) {
        return;
    }
    if (m_current < lastComputed()) {
        setCurrent(m_current + 1);
    }
    const bool moreToCome =
        lastComputed() < m_count && m_trace != nullptr && (m_running || !m_trace->cancelled);
    if (m_current >= lastComputed() && !moreToCome) {
        pause();
    }
}

void Scrubber::next()
{
    setCurrent(m_current + 1);
}

void Scrubber::previous()
{
    setCurrent(m_current - 1);
}

void Scrubber::first()
{
    setCurrent(0);
}

void Scrubber::last()
{
    setCurrent(m_count);
}

void Scrubber::nextRound()
{
    setCurrent(m_current + subStepsPerRound());
}

void Scrubber::previousRound()
{
    setCurrent(m_current - subStepsPerRound());
}

int Scrubber::subStepsPerRound() const
{
    // A round steps every source once, so it ends where the first one comes again.
    if (m_sources.isEmpty()) {
        return 1;
    }
    const qsizetype again = m_sources.indexOf(m_sources.constFirst(), 1);
    return static_cast<int>(again > 0 ? again : m_sources.size());
}

int Scrubber::roundOf(int subStep) const
{
    return subStep <= 0 ? 0 : (subStep - 1) / subStepsPerRound() + 1;
}

int Scrubber::rounds() const
{
    return roundOf(m_count);
}

QString Scrubber::roundText() const
{
    if (m_count == 0) {
        return {};
    }
    return m_current == 0 ? tr("clean image")
                          : tr("round %1 of %2").arg(roundOf(m_current)).arg(rounds());
}

QString Scrubber::describe(int subStep) const
{
    if (subStep <= 0) {
        return tr("Clean image");
    }
    QString text =
        tr("Sub-step %1 of %2, round %3").arg(subStep).arg(m_count).arg(roundOf(subStep));
    if (subStep > lastComputed()) {
        return text + tr(", not computed yet");
    }
    const SubStep& done = *m_trace->subSteps.at(static_cast<std::size_t>(subStep));
    if (!done.source.empty()) {
        text += tr(", on %1").arg(QString::fromStdString(done.source));
    }
    if (done.attackedLabel >= 0) {
        const QString name = QString::fromStdString(labelName(done.attackedLabel));
        text += done.descends ? tr(", towards \u201c%1\u201d").arg(name)
                              : tr(", away from \u201c%1\u201d").arg(name);
        if (!done.descends && m_trueLabel >= 0) {
            text += done.attackedLabel == m_trueLabel ? tr(" (the true label)")
                                                      : tr(" (not the true label)");
        }
    }
    if (subStep == m_departure) {
        text += tr("; the first that is not the exact trace's");
    }
    return text;
}

void Scrubber::announce()
{
    setAccessibleDescription(describe(m_current));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void Scrubber::updatePlayButton()
{
    m_playButton->setIcon(QIcon(playPixmap(m_theme.text, m_playing, devicePixelRatioF())));
    const QString text = m_playing ? tr("Pause") : tr("Play");
    m_playButton->setToolTip(tr("%1 (Space)").arg(text));
    m_playButton->setAccessibleName(text);
    m_playButton->setEnabled(m_count > 0);
}

void Scrubber::layOut()
{
    const double top = (height() - kTickHeight) / 2.0;
    m_playButton->move(2, static_cast<int>(std::lround(top)));
    const int labelWidth = m_count == 0
        ? 0
        : std::max(fontMetrics().horizontalAdvance(tr("clean image")),
              fontMetrics().horizontalAdvance(tr("round %1 of %2").arg(rounds()).arg(rounds())))
            + 4;
    const double left = kButtonSide + 10.0;
    const double right = std::max(left + 10.0, width() - labelWidth - 12.0);
    m_band = QRectF(left, top, right - left, kTickHeight);
    m_band.setWidth(std::min(m_band.width(), kWidestTick * (m_count + 1)));
    m_labelRect = QRectF(m_band.right() + 10.0, top, labelWidth, kTickHeight);
    m_playButton->setEnabled(m_count > 0);
}

QRectF Scrubber::tickRect(int subStep) const
{
    const double width = m_band.width() / (m_count + 1);
    const double gap = width >= kNumberWidth ? 6.0 : (width >= 8.0 ? 2.0 : 1.0);
    return { m_band.left() + width * subStep, m_band.top(),
        width >= kTickWidth ? width - gap : width, m_band.height() };
}

int Scrubber::tickAt(QPointF position) const
{
    const double width = m_band.width() / (m_count + 1);
    return std::clamp(
        static_cast<int>(std::floor((position.x() - m_band.left()) / width)), 0, m_count);
}

QSize Scrubber::sizeHint() const
{
    return { 600, static_cast<int>(kTickHeight) + 8 };
}

QSize Scrubber::minimumSizeHint() const
{
    return { 240, static_cast<int>(kTickHeight) + 8 };
}

void Scrubber::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_count > 0) {
        if (m_band.width() / (m_count + 1) >= kTickWidth) {
            paintTicks(painter, event->rect());
        } else {
            paintBar(painter);
            paintDeparture(painter);
        }
        painter.setPen(m_theme.muted);
        painter.setFont(tabularFont(font()));
        painter.drawText(m_labelRect, Qt::AlignLeft | Qt::AlignVCenter, roundText());
    } else {
        painter.setPen(m_theme.muted);
        painter.drawText(QRectF(kButtonSide + 12.0, 0, width() - kButtonSide - 12.0, height()),
            Qt::AlignLeft | Qt::AlignVCenter, tr("no sub-steps yet"));
    }
    if (hasFocus()) {
        painter.setPen(QPen(m_theme.accent, 1.0, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(m_band.adjusted(-3.5, -3.5, 1.5, 3.5), 6.0, 6.0);
    }
    m_painted = true;
}

void Scrubber::paintTicks(QPainter& painter, const QRect& clip)
{
    const double width = m_band.width() / (m_count + 1);
    const bool numbers = width >= kNumberWidth;
    const double corner = numbers ? 4.0 : 1.5;
    const int done = lastComputed();
    QFont bold = tabularFont(font());
    bold.setWeight(QFont::DemiBold);
    const QFont plain = tabularFont(font());
    QColor hatch = m_theme.line;
    for (int tick = 0; tick <= m_count; ++tick) {
        const QRectF rect = tickRect(tick);
        if (!rect.toAlignedRect().adjusted(-3, -3, 3, 3).intersects(clip)) {
            continue;
        }
        const bool current = tick == m_current;
        const bool computed = tick <= done && (tick == 0 || m_trace != nullptr);
        QPainterPath shape;
        shape.addRoundedRect(rect, corner, corner);
        painter.fillPath(shape, current ? m_theme.accentWash : m_theme.panel);
        QColor color =
            tick == 0 ? m_theme.muted : m_theme.sourceColor(m_sources.value(tick - 1, -1));
        painter.save();
        painter.setClipPath(shape);
        if (!computed) {
            painter.fillRect(rect, m_theme.window);
            painter.fillRect(rect, QBrush(hatch, Qt::BDiagPattern));
            color.setAlphaF(0.35F);
        }
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 3.5, rect.width(), 3.5), color);
        if (computed && tick > 0) {
            const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(tick));
            if (m_trueLabel >= 0 && step.attackedLabel >= 0 && !step.descends) {
                painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), 2.0),
                    step.attackedLabel == m_trueLabel ? m_theme.trueLabel : m_theme.wrongLabel);
            }
        }
        painter.restore();
        if (numbers) {
            painter.setFont(current ? bold : plain);
            QColor ink = current ? m_theme.text : m_theme.muted;
            if (!computed) {
                ink.setAlphaF(0.6F);
            }
            painter.setPen(ink);
            const QString clean = tr("clean");
            const bool room =
                QFontMetricsF(bold, this).horizontalAdvance(clean) <= rect.width() - 4.0;
            painter.drawText(rect.adjusted(0, 0, 0, -2), Qt::AlignCenter,
                tick == 0 && room ? clean : QString::number(tick));
        }
        if (current) {
            painter.setPen(QPen(m_theme.accent, 1.6));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(
                rect.adjusted(-1.2, -1.2, 1.2, 1.2), corner + 1.0, corner + 1.0);
        }
    }
    paintDeparture(painter);
}

void Scrubber::paintDeparture(QPainter& painter) const
{
    if (m_departure < 0 || m_departure > m_count) {
        return;
    }
    const QPointF at = tickRect(m_departure).topLeft();
    QPainterPath flag;
    flag.moveTo(at + QPointF(-1.0, -3.0));
    flag.lineTo(at + QPointF(9.0, -3.0));
    flag.lineTo(at + QPointF(-1.0, 7.0));
    flag.closeSubpath();
    painter.setPen(QPen(m_theme.window, 1.0));
    painter.setBrush(m_theme.error);
    painter.drawPath(flag);
}

void Scrubber::setDeparture(int subStep)
{
    if (subStep != m_departure) {
        m_departure = subStep;
        update();
    }
}

void Scrubber::paintBar(QPainter& painter)
{
    // Ticks thinner than this would be noise: a column of the bar takes the colours of the sub-step
    // in its middle.
    const int done = lastComputed();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(m_band, m_theme.window);
    painter.fillRect(m_band, QBrush(m_theme.line, Qt::BDiagPattern));
    const double width = m_band.width() / (m_count + 1);
    const double doneRight = m_band.left() + width * (done + 1);
    painter.fillRect(QRectF(m_band.topLeft(), QPointF(doneRight, m_band.bottom())), m_theme.panel);
    for (int x = static_cast<int>(m_band.left()); x < static_cast<int>(m_band.right()); ++x) {
        const int tick = tickAt(QPointF(x + 0.5, 0.0));
        if (tick == 0) {
            continue;
        }
        QColor color = m_theme.sourceColor(m_sources.value(tick - 1, -1));
        if (tick > done) {
            color.setAlphaF(0.35F);
        }
        painter.fillRect(QRectF(x, m_band.bottom() - 4.0, 1.0, 4.0), color);
        if (tick <= done && m_trueLabel >= 0) {
            const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(tick));
            if (step.attackedLabel >= 0 && !step.descends) {
                painter.fillRect(QRectF(x, m_band.top(), 1.0, 3.0),
                    step.attackedLabel == m_trueLabel ? m_theme.trueLabel : m_theme.wrongLabel);
            }
        }
    }
    painter.setRenderHint(QPainter::Antialiasing);
    const double x = tickRect(m_current).center().x();
    const QString number = QString::number(m_current);
    QFont bold = tabularFont(font());
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    const double box = QFontMetricsF(bold, this).horizontalAdvance(number) + 12.0;
    const double left = std::clamp(x - box / 2.0, m_band.left(), m_band.right() - box);
    const QRectF label(left, m_band.top() + 4.5, box, m_band.height() - 10.0);
    painter.setPen(QPen(m_theme.accent, 2.0));
    painter.drawLine(QPointF(x, m_band.top()), QPointF(x, m_band.bottom()));
    painter.setPen(QPen(m_theme.accent, 1.6));
    painter.setBrush(m_theme.accentWash);
    painter.drawRoundedRect(label, 4.0, 4.0);
    painter.setPen(m_theme.text);
    painter.drawText(label, Qt::AlignCenter, number);
}

void Scrubber::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_count == 0
        || !m_band.adjusted(-4, -4, 4, 4).contains(event->position())) {
        event->ignore();
        return;
    }
    pause();
    const int tick = tickAt(event->position());
    if (tick <= lastComputed()) {
        setCurrent(tick);
    }
}

void Scrubber::mouseMoveEvent(QMouseEvent* event)
{
    if ((event->buttons() & Qt::LeftButton) != 0U && m_count > 0) {
        setCurrent(tickAt(event->position())); // dragging beyond what is computed stays at its end
    }
}

void Scrubber::wheelEvent(QWheelEvent* event)
{
    const int delta =
        event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (delta != 0) {
        setCurrent(m_current + (delta < 0 ? 1 : -1));
    }
    event->accept();
}

void Scrubber::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        previous();
        break;
    case Qt::Key_Right:
        next();
        break;
    case Qt::Key_Home:
        first();
        break;
    case Qt::Key_End:
        last();
        break;
    case Qt::Key_PageUp:
        nextRound();
        break;
    case Qt::Key_PageDown:
        previousRound();
        break;
    case Qt::Key_Space:
        togglePlay();
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

void Scrubber::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void Scrubber::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        layOut();
        updatePlayButton();
    }
    QWidget::changeEvent(event);
}

bool Scrubber::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_count > 0) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (m_band.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), describe(tickAt(help->pos())), this);
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace crossiter::ui
