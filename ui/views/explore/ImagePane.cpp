#include "ui/views/explore/ImagePane.h"

#include <QContextMenuEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {
namespace {

constexpr double kEdgeReach = 9.0; ///< how near to the swipe edge the pointer grabs it
constexpr double kNearestFrom =
    2.0; ///< screen pixels per image pixel from which pixels stay square
constexpr double kCorner = 3.0;

} // namespace

ImagePane::ImagePane(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ImagePane::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void ImagePane::setHeader(const QString& title, const QString& note, const QString& shortNote)
{
    if (title == m_title && note == m_note && shortNote == m_shortNote)
        return;
    m_title = title;
    m_note = note;
    m_shortNote = shortNote.isEmpty() ? note : shortNote;
    setAccessibleName(title);
    setAccessibleDescription(note);
    update();
}

void ImagePane::setTwoLineHeader(bool twoLines)
{
    if (twoLines != m_twoLines) {
        m_twoLines = twoLines;
        update();
    }
}

int ImagePane::headerWidth() const
{
    QFont title = font();
    title.setWeight(QFont::DemiBold);
    return QFontMetrics(title).horizontalAdvance(m_title) + fontMetrics().horizontalAdvance(m_note)
        + 14;
}

void ImagePane::setPicture(const QImage& picture)
{
    if (picture.cacheKey() == m_picture.cacheKey())
        return; // the same bytes: scaling them anew is what a repaint costs
    m_picture = picture;
    update();
}

void ImagePane::setLeftPicture(const QImage& left)
{
    m_left = left;
    update();
}

void ImagePane::setSwipe(double share)
{
    m_swipe = std::clamp(share, 0.0, 1.0);
    update();
}

void ImagePane::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void ImagePane::setTransform(const ViewTransform& view)
{
    if (view != m_view) {
        m_view = view;
        update();
    }
}

void ImagePane::setCrosshair(std::optional<QPoint> pixel)
{
    if (pixel != m_crosshair) {
        m_crosshair = pixel;
        update();
    }
}

int ImagePane::headerHeight() const
{
    return fontMetrics().height() * (m_twoLines ? 2 : 1) + 6;
}

QSizeF ImagePane::viewSize() const
{
    return { static_cast<double>(width()),
        static_cast<double>(std::max(1, height() - headerHeight())) };
}

QRectF ImagePane::pictureRect() const
{
    const QSizeF image = m_picture.isNull() ? QSizeF(1.0, 1.0) : QSizeF(m_picture.size());
    return imageRect(m_view, image, viewSize()).translated(0.0, headerHeight());
}

QRectF ImagePane::visibleRect() const
{
    return pictureRect() & QRectF(QPointF(0.0, headerHeight()), viewSize());
}

QPointF ImagePane::toImage(QPointF position) const
{
    const QRectF rect = pictureRect();
    const double scale = rect.width() / std::max(1, m_picture.width());
    return (position - rect.topLeft()) / scale;
}

QPointF ImagePane::toWidget(QPointF imagePoint) const
{
    const QRectF rect = pictureRect();
    return rect.topLeft() + imagePoint * (rect.width() / std::max(1, m_picture.width()));
}

QImage ImagePane::composed() const
{
    if (m_left.isNull() || m_left.size() != m_picture.size())
        return m_picture;
    QImage both = m_picture;
    const int edge = std::clamp(
        static_cast<int>(std::lround(toImage(QPointF(swipeX(), 0.0)).x())), 0, both.width());
    QPainter painter(&both);
    painter.drawImage(0, 0, m_left, 0, 0, edge, m_left.height());
    return both;
}

QSize ImagePane::sizeHint() const
{
    return { 300, 300 + headerHeight() };
}

QSize ImagePane::minimumSizeHint() const
{
    return { 100, 70 + headerHeight() };
}

void ImagePane::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    paintHeader(painter);
    if (m_picture.isNull()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.panel);
        const QRectF place = visibleRect().adjusted(0.5, 0.5, -0.5, -0.5);
        painter.drawRoundedRect(place, kCorner, kCorner);
        painter.setPen(m_theme.muted);
        painter.drawText(
            place.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    } else {
        paintPicture(painter);
        paintCrosshair(painter);
        paintEdge(painter);
    }
    emit painted();
}

void ImagePane::paintPicture(QPainter& painter)
{
    const QRectF rect = pictureRect();
    const QRectF visible = visibleRect();
    painter.save();
    QPainterPath corners;
    corners.addRoundedRect(visible, kCorner, kCorner);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipPath(corners);
    const double screenScale = rect.width() / m_picture.width() * devicePixelRatioF();
    painter.setRenderHint(QPainter::SmoothPixmapTransform,
        screenScale <= kNearestFrom && std::abs(screenScale - 1.0) > 1e-6);
    // Only whole image pixels that are seen: a zoomed picture is never scaled as a whole.
    const QRectF seen(toImage(visible.topLeft()), toImage(visible.bottomRight()));
    const QRect part = seen.toAlignedRect().adjusted(-1, -1, 1, 1) & m_picture.rect();
    const QRectF target(toWidget(part.topLeft()),
        toWidget(QPointF(part.x() + part.width(), part.y() + part.height())));
    painter.drawImage(target, m_picture, part);
    if (!m_left.isNull() && m_left.size() == m_picture.size()) {
        painter.setClipRect(
            QRectF(visible.topLeft(), QPointF(swipeX(), visible.bottom())), Qt::IntersectClip);
        painter.drawImage(target, m_left, part);
    }
    painter.restore();
}

void ImagePane::paintHeader(QPainter& painter)
{
    const QRectF visible = visibleRect();
    // The header hugs what is seen of the picture, but never gets narrower than it must.
    double x = visible.left();
    double right = visible.right();
    const double least = std::min<double>(width(), 150.0);
    if (right - x < least) {
        const double middle = std::clamp((x + right) / 2.0, least / 2.0, width() - least / 2.0);
        x = middle - least / 2.0;
        right = middle + least / 2.0;
    }
    const double y = std::max(0.0, visible.top() - headerHeight());
    const QRectF line(x, y, right - x, headerHeight() - 5.0);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    const QFontMetricsF titleMetrics(bold, this);
    const QString title = titleMetrics.elidedText(m_title, Qt::ElideRight, line.width());
    painter.setFont(bold);
    painter.setPen(m_theme.text);
    painter.drawText(line, Qt::AlignLeft | (m_twoLines ? Qt::AlignTop : Qt::AlignVCenter), title);
    const double room =
        m_twoLines ? line.width() : line.width() - titleMetrics.horizontalAdvance(title) - 10.0;
    const QFontMetricsF noteMetrics(font(), this);
    const QString& note = noteMetrics.horizontalAdvance(m_note) <= room ? m_note : m_shortNote;
    painter.setFont(font());
    painter.setPen(m_theme.muted);
    if (room > 20.0) {
        painter.drawText(line,
            m_twoLines ? Qt::AlignLeft | Qt::AlignBottom : Qt::AlignRight | Qt::AlignVCenter,
            noteMetrics.elidedText(note, Qt::ElideRight, room));
    }
}

void ImagePane::paintCrosshair(QPainter& painter)
{
    if (!m_crosshair || !m_picture.rect().contains(*m_crosshair))
        return;
    const QRectF visible = visibleRect();
    const QRectF pixel(toWidget(*m_crosshair), toWidget(*m_crosshair + QPoint(1, 1)));
    const QRectF box =
        pixel.width() < 7.0 ? QRectF(pixel.center() - QPointF(3.5, 3.5), QSizeF(7, 7)) : pixel;
    const QPointF centre = pixel.center();
    painter.save();
    painter.setClipRect(visible);
    // Dark under light, so that it is seen on every picture.
    for (const auto& [color, width] :
        { std::pair(QColor(0, 0, 0, 130), 3.0), std::pair(QColor(255, 255, 255, 220), 1.0) }) {
        painter.setPen(QPen(color, width));
        painter.drawLine(QPointF(visible.left(), centre.y()), QPointF(box.left() - 2, centre.y()));
        painter.drawLine(
            QPointF(box.right() + 2, centre.y()), QPointF(visible.right(), centre.y()));
        painter.drawLine(QPointF(centre.x(), visible.top()), QPointF(centre.x(), box.top() - 2));
        painter.drawLine(
            QPointF(centre.x(), box.bottom() + 2), QPointF(centre.x(), visible.bottom()));
        painter.drawRect(box);
    }
    painter.restore();
}

double ImagePane::swipeX() const
{
    const QRectF visible = visibleRect();
    return visible.left() + m_swipe * visible.width();
}

void ImagePane::paintEdge(QPainter& painter)
{
    if (m_left.isNull())
        return;
    const QRectF visible = visibleRect();
    const double x = swipeX();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(0, 0, 0, 110), 4.0));
    painter.drawLine(QPointF(x, visible.top()), QPointF(x, visible.bottom()));
    painter.setPen(QPen(Qt::white, 2.0));
    painter.drawLine(QPointF(x, visible.top()), QPointF(x, visible.bottom()));
    painter.setPen(QPen(QColor(0, 0, 0, 110), 1.0));
    painter.setBrush(m_theme.accent);
    const QPointF knob(x, visible.center().y());
    painter.drawEllipse(knob, 11.0, 11.0);
    painter.setPen(QPen(m_theme.onAccent, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    for (const double side : { -1.0, 1.0 }) {
        const QPointF arrow[3] = { knob + QPointF(side * 2.5, -3.5),
            knob + QPointF(side * 6.0, 0.0), knob + QPointF(side * 2.5, 3.5) };
        painter.drawPolyline(arrow, 3);
    }
    painter.restore();
}

void ImagePane::moveSwipe(double x)
{
    const QRectF visible = visibleRect();
    if (visible.width() > 0.0)
        emit swipeRequested(std::clamp((x - visible.left()) / visible.width(), 0.0, 1.0));
}

void ImagePane::updateCursor(QPointF position)
{
    if (!m_left.isNull() && std::abs(position.x() - swipeX()) <= kEdgeReach)
        setCursor(Qt::SplitHCursor);
    else if (m_drag == Drag::Pan)
        setCursor(Qt::ClosedHandCursor);
    else if (!m_picture.isNull() && visibleRect().contains(position))
        setCursor(Qt::CrossCursor);
    else
        unsetCursor();
}

void ImagePane::wheelEvent(QWheelEvent* event)
{
    const int delta = event->angleDelta().y();
    if (m_picture.isNull() || delta == 0) {
        event->ignore();
        return;
    }
    emit zoomRequested(std::pow(1.25, delta / 120.0), toImage(event->position()));
    event->accept();
}

void ImagePane::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_picture.isNull()) {
        event->ignore();
        return;
    }
    const bool nearEdge = std::abs(event->position().x() - swipeX()) <= kEdgeReach;
    if (!m_left.isNull() && (m_view.fits() || nearEdge)) {
        m_drag = Drag::Swipe;
        moveSwipe(event->position().x());
    } else {
        m_drag = Drag::Pan;
    }
    m_dragFrom = event->position();
    updateCursor(event->position());
}

void ImagePane::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF position = event->position();
    if (m_drag == Drag::Swipe) {
        moveSwipe(position.x());
    } else if (m_drag == Drag::Pan && !m_view.fits()) {
        emit panRequested(toImage(m_dragFrom) - toImage(position));
        m_dragFrom = position;
    }
    updateCursor(position);
    const QPointF point = toImage(position);
    const QPoint pixel(
        static_cast<int>(std::floor(point.x())), static_cast<int>(std::floor(point.y())));
    if (!m_picture.isNull() && visibleRect().contains(position) && m_picture.rect().contains(pixel))
        emit hovered(pixel);
    else
        emit left();
}

void ImagePane::mouseReleaseEvent(QMouseEvent* event)
{
    m_drag = Drag::None;
    updateCursor(event->position());
}

void ImagePane::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        m_drag = Drag::None;
        emit fitRequested();
    }
}

void ImagePane::leaveEvent(QEvent* /*event*/)
{
    emit left();
}

void ImagePane::contextMenuEvent(QContextMenuEvent* event)
{
    emit contextMenuRequested(event->globalPos());
    event->accept();
}

} // namespace crossiter::ui
