#include "ui/views/explore/ViewTransform.h"

#include <algorithm>

namespace crossiter::ui {
namespace {

/// One coordinate of the centre: the view never shows more emptiness than it must.
double clampCentre(double centre, double imageLength, double visibleLength)
{
    if (visibleLength >= imageLength)
        return imageLength / 2.0;
    return std::clamp(centre, visibleLength / 2.0, imageLength - visibleLength / 2.0);
}

QPointF clampCentre(QPointF centre, double scale, QSizeF image, QSizeF view)
{
    return { clampCentre(centre.x(), image.width(), view.width() / scale),
        clampCentre(centre.y(), image.height(), view.height() / scale) };
}

} // namespace

double fitScale(QSizeF image, QSizeF view)
{
    if (image.isEmpty() || view.isEmpty())
        return 1.0;
    return std::min(view.width() / image.width(), view.height() / image.height());
}

double effectiveScale(const ViewTransform& view, QSizeF image, QSizeF viewSize)
{
    return view.fits() ? fitScale(image, viewSize) : view.scale;
}

QRectF imageRect(const ViewTransform& view, QSizeF image, QSizeF viewSize)
{
    const double scale = effectiveScale(view, image, viewSize);
    const QPointF centre = view.fits() ? QPointF(image.width() / 2.0, image.height() / 2.0)
                                       : clampCentre(view.centre, scale, image, viewSize);
    return { viewSize.width() / 2.0 - centre.x() * scale,
        viewSize.height() / 2.0 - centre.y() * scale, image.width() * scale,
        image.height() * scale };
}

ViewTransform zoomed(
    const ViewTransform& view, double factor, QPointF anchor, QSizeF image, QSizeF viewSize)
{
    const double before = effectiveScale(view, image, viewSize);
    const double fit = fitScale(image, viewSize);
    const double after = std::min(before * factor, std::max(kMaximumScale, fit));
    // Smaller than "fits" has no use for a picture of 299 pixels; one to one below it stays.
    if (factor < 1.0 && after <= fit * 1.001)
        return {};
    const QRectF rect = imageRect(view, image, viewSize);
    const QPointF centre((viewSize.width() / 2.0 - rect.x()) / before,
        (viewSize.height() / 2.0 - rect.y()) / before);
    return { after,
        clampCentre(anchor + (centre - anchor) * (before / after), after, image, viewSize) };
}

ViewTransform panned(const ViewTransform& view, QPointF delta, QSizeF image, QSizeF viewSize)
{
    if (view.fits())
        return view;
    return { view.scale,
        clampCentre(clampCentre(view.centre, view.scale, image, viewSize) + delta, view.scale,
            image, viewSize) };
}

QPointF middleOf(const ViewTransform& view, QSizeF image, QSizeF size)
{
    const QRectF rect = imageRect(view, image, size);
    const double scale = effectiveScale(view, image, size);
    return { (size.width() / 2.0 - rect.x()) / scale, (size.height() / 2.0 - rect.y()) / scale };
}

} // namespace crossiter::ui
