#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace crossiter::ui {

/// Which part of a picture a view shows, the same for all linked panes. scale: logical pixels of
/// the screen per pixel of the image; 0 = the whole image fits. centre: the image point, in pixels,
/// in the middle of the view.
struct ViewTransform
{
    double scale = 0.0;
    QPointF centre;

    [[nodiscard]] bool fits() const { return scale <= 0.0; }
    bool operator==(const ViewTransform&) const = default;
};

inline constexpr double kMaximumScale = 64.0;

/// The scale at which the whole image is seen.
[[nodiscard]] double fitScale(QSizeF image, QSizeF view);

/// `view.scale`, or the scale that fits.
[[nodiscard]] double effectiveScale(const ViewTransform& view, QSizeF image, QSizeF viewSize);

/// Where the image lies in the view (view coordinates; may reach beyond it).
[[nodiscard]] QRectF imageRect(const ViewTransform& view, QSizeF image, QSizeF viewSize);

/// Zoomed by `factor` so that the image point `anchor` stays where it is. Back to "fits" when it
/// would be smaller than that; never above kMaximumScale.
[[nodiscard]] ViewTransform zoomed(
    const ViewTransform& view, double factor, QPointF anchor, QSizeF image, QSizeF viewSize);

/// Moved by `delta` image pixels.
[[nodiscard]] ViewTransform panned(
    const ViewTransform& view, QPointF delta, QSizeF image, QSizeF viewSize);

/// The point of the image that lies in the middle of the view.
[[nodiscard]] QPointF middleOf(const ViewTransform& view, QSizeF image, QSizeF size);

} // namespace crossiter::ui
