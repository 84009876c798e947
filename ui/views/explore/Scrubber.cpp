#include "ui/views/explore/Scrubber.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTimer>
#include <QToolButton>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {
namespace {

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
    , m_playButton(new QToolButton(this))
    , m_timer(new QTimer(this))
{
    m_ticks.theme = makeTheme(ThemeKind::System);
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
    m_ticks.theme = theme;
    updatePlayButton();
    update();
}

void Scrubber::setPlan(int subStepCount, const QVector<int>& sourceOfSubStep)
{
    m_ticks.count = std::max(0, subStepCount);
    m_ticks.sources = sourceOfSubStep;
    layOut();
    setCurrent(m_ticks.shown);
    announce();
    update();
}

void Scrubber::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    m_ticks.trace = std::move(trace);
    setCurrent(m_ticks.shown);
    update();
}

void Scrubber::setTrueLabel(int label)
{
    m_ticks.trueLabel = label;
    announce();
    update();
}

void Scrubber::setCurrent(int subStep)
{
    const int wanted = std::clamp(subStep, 0, m_ticks.lastComputed());
    if (wanted == m_ticks.shown)
        return;
    m_ticks.shown = wanted;
    m_painted = false;
    m_frameShown = false;
    update();
    announce();
    emit currentChanged(m_ticks.shown);
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
    if (subStep == m_ticks.shown)
        m_frameShown = true;
}

void Scrubber::play()
{
    if (m_playing || m_ticks.count == 0)
        return;
    m_playing = true;
    if (m_ticks.shown >= m_ticks.count)
        setCurrent(0);
    m_timer->start(1000 / m_fps);
    updatePlayButton();
    emit playingChanged(true);
}

void Scrubber::pause()
{
    if (!m_playing)
        return;
    m_playing = false;
    m_timer->stop();
    updatePlayButton();
    emit playingChanged(false);
}

void Scrubber::togglePlay()
{
    if (m_playing)
        pause();
    else
        play();
}

void Scrubber::advance()
{
    // A frame that nobody has seen yet is waited for: play never skips one.
    if (!m_painted || (m_waitsForFrames && !m_frameShown))
        return;
    if (m_ticks.shown < m_ticks.lastComputed())
        setCurrent(m_ticks.shown + 1);
    const bool moreToCome = m_ticks.lastComputed() < m_ticks.count && m_ticks.trace != nullptr
        && (m_running || !m_ticks.trace->cancelled);
    if (m_ticks.shown >= m_ticks.lastComputed() && !moreToCome)
        pause();
}

void Scrubber::next()
{
    setCurrent(m_ticks.shown + 1);
}

void Scrubber::previous()
{
    setCurrent(m_ticks.shown - 1);
}

void Scrubber::first()
{
    setCurrent(0);
}

void Scrubber::last()
{
    setCurrent(m_ticks.count);
}

void Scrubber::nextRound()
{
    setCurrent(m_ticks.shown + m_ticks.subStepsPerRound());
}

void Scrubber::previousRound()
{
    setCurrent(m_ticks.shown - m_ticks.subStepsPerRound());
}

QString Scrubber::roundText() const
{
    if (m_ticks.count == 0)
        return {};
    return m_ticks.shown == 0 ? tr("clean image") : roundText(m_ticks.roundOf(m_ticks.shown));
}

QString Scrubber::roundText(int round) const
{
    const bool elsewhere = m_ticks.trace != nullptr && !m_ticks.trace->madeElsewhere.empty();
    return (elsewhere ? tr("step %1 of %2") : tr("round %1 of %2"))
        .arg(round)
        .arg(m_ticks.rounds());
}

void Scrubber::announce()
{
    setAccessibleDescription(m_ticks.describe(m_ticks.shown));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void Scrubber::updatePlayButton()
{
    m_playButton->setIcon(QIcon(playPixmap(m_ticks.theme.text, m_playing, devicePixelRatioF())));
    const QString text = m_playing ? tr("Pause") : tr("Play");
    m_playButton->setToolTip(tr("%1 (Space)").arg(text));
    m_playButton->setAccessibleName(text);
    m_playButton->setEnabled(m_ticks.count > 0);
}

void Scrubber::layOut()
{
    const double top = (height() - kTickHeight) / 2.0;
    m_playButton->move(2, static_cast<int>(std::lround(top)));
    const int labelWidth = m_ticks.count == 0
        ? 0
        : std::max(fontMetrics().horizontalAdvance(tr("clean image")),
              fontMetrics().horizontalAdvance(roundText(m_ticks.rounds())))
            + 4;
    const double left = kButtonSide + 10.0;
    const double right = std::max(left + 10.0, width() - labelWidth - 12.0);
    m_ticks.band = QRectF(left, top, right - left, kTickHeight);
    m_ticks.band.setWidth(std::min(m_ticks.band.width(), kWidestTick * (m_ticks.count + 1)));
    m_labelRect = QRectF(m_ticks.band.right() + 10.0, top, labelWidth, kTickHeight);
    m_playButton->setEnabled(m_ticks.count > 0);
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
    if (m_ticks.count > 0) {
        if (m_ticks.tickWidth() >= ScrubberTicks::kTickWidth) {
            m_ticks.paintTicks(painter, font(), event->rect());
        } else {
            m_ticks.paintBar(painter, font());
            m_ticks.paintDeparture(painter);
        }
        painter.setPen(m_ticks.theme.muted);
        painter.setFont(tabularFont(font()));
        painter.drawText(m_labelRect, Qt::AlignLeft | Qt::AlignVCenter, roundText());
    } else {
        painter.setPen(m_ticks.theme.muted);
        painter.drawText(QRectF(kButtonSide + 12.0, 0, width() - kButtonSide - 12.0, height()),
            Qt::AlignLeft | Qt::AlignVCenter, tr("no sub-steps yet"));
    }
    if (hasFocus()) {
        painter.setPen(QPen(m_ticks.theme.accent, 1.0, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(m_ticks.band.adjusted(-3.5, -3.5, 1.5, 3.5), 6.0, 6.0);
    }
    m_painted = true;
}

void Scrubber::setDeparture(int subStep)
{
    if (subStep != m_ticks.departure) {
        m_ticks.departure = subStep;
        update();
    }
}

void Scrubber::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_ticks.count == 0
        || !m_ticks.band.adjusted(-4, -4, 4, 4).contains(event->position())) {
        event->ignore();
        return;
    }
    pause();
    const int tick = m_ticks.tickAt(event->position());
    if (tick <= m_ticks.lastComputed())
        setCurrent(tick);
}

void Scrubber::mouseMoveEvent(QMouseEvent* event)
{
    if ((event->buttons() & Qt::LeftButton) != 0U && m_ticks.count > 0) {
        setCurrent(
            m_ticks.tickAt(event->position())); // dragging beyond what is computed stays at its end
    }
}

void Scrubber::wheelEvent(QWheelEvent* event)
{
    const int delta =
        event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (delta != 0)
        setCurrent(m_ticks.shown + (delta < 0 ? 1 : -1));
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
    if (event->type() == QEvent::ToolTip && m_ticks.count > 0) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (m_ticks.band.contains(help->pos())) {
            QToolTip::showText(
                help->globalPos(), m_ticks.describe(m_ticks.tickAt(help->pos())), this);
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace crossiter::ui
