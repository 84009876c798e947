#pragma once

#include "ui/session/Theme.h"
#include "ui/views/explore/ViewTransform.h"

#include <QImage>
#include <QPoint>
#include <QString>
#include <QWidget>

#include <optional>

namespace crossiter::ui {

/// One picture with a header line above it. Shows the part that the given transform says; asks for
/// another by signals, so that linked panes move together. Takes no focus: its owner does.
class ImagePane : public QWidget
{
    Q_OBJECT

public:
    explicit ImagePane(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// title: bold; note: muted, at the right; shortNote is taken where note does not fit.
    void setHeader(const QString& title, const QString& note, const QString& shortNote = {});
    void setTwoLineHeader(bool twoLines); ///< the note under the title
    [[nodiscard]] int headerWidth() const; ///< that title and note need beside each other
    void setPicture(const QImage& picture); ///< null: shows the empty text
    /// Swipe: left of the edge `left` is shown, right of it the picture; null: no edge.
    void setLeftPicture(const QImage& left);
    void setSwipe(double share); ///< 0..1 of the visible picture's width
    void setEmptyText(const QString& text);
    void setTransform(const ViewTransform& view);
    void setCrosshair(std::optional<QPoint> pixel);

    [[nodiscard]] const QImage& picture() const { return m_picture; }
    /// What one sees, unzoomed: with an edge, both parts.
    [[nodiscard]] QImage composed() const;
    [[nodiscard]] QSizeF viewSize() const; ///< of the part below the header
    [[nodiscard]] double swipe() const { return m_swipe; }
    [[nodiscard]] std::optional<QPoint> crosshair() const { return m_crosshair; }
    /// The image's point, in pixels, under a point of the widget.
    [[nodiscard]] QPointF toImage(QPointF position) const;
    [[nodiscard]] QPointF toWidget(QPointF imagePoint) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void zoomRequested(double factor, QPointF anchor); ///< anchor in image pixels
    void panRequested(QPointF delta); ///< in image pixels
    void fitRequested();
    void hovered(QPoint pixel); ///< inside the image
    void left();
    void swipeRequested(double share);
    void contextMenuRequested(QPoint globalPosition);
    void painted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    enum class Drag
    {
        None,
        Pan,
        Swipe
    };

    [[nodiscard]] int headerHeight() const;
    [[nodiscard]] QRectF pictureRect() const; ///< in the widget; may reach beyond the view
    [[nodiscard]] QRectF visibleRect() const; ///< of the picture, in the widget
    [[nodiscard]] double swipeX() const;
    void moveSwipe(double x);
    void updateCursor(QPointF position);
    void paintPicture(QPainter& painter);
    void paintHeader(QPainter& painter);
    void paintCrosshair(QPainter& painter);
    void paintEdge(QPainter& painter);

    Theme m_theme;
    QString m_title;
    QString m_note;
    QString m_shortNote;
    bool m_twoLines = false;
    QString m_emptyText;
    QImage m_picture;
    QImage m_left;
    double m_swipe = 0.5;
    ViewTransform m_view;
    std::optional<QPoint> m_crosshair;
    Drag m_drag = Drag::None;
    QPointF m_dragFrom;
};

} // namespace crossiter::ui
