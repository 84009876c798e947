#include "ui/views/common/Icons.h"

#include <QFile>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

static void initResources()
{
    Q_INIT_RESOURCE(crossiter); // a static library's resources are not registered by themselves
}

namespace crossiter::ui {

namespace {

constexpr int kSide = 18;

QPixmap drawn(const QByteArray& svg, const QColor& color, qreal ratio)
{
    QByteArray text = svg;
    text.replace("currentColor", color.name().toLatin1());
    QSvgRenderer renderer(text);
    QPixmap pixmap(QSize(kSide, kSide) * ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setOpacity(color.alphaF());
    renderer.render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    return pixmap;
}

} // namespace

QIcon themedIcon(const QString& name, const QColor& color)
{
    initResources();
    QFile file(QStringLiteral(":/crossiter/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no icon named %s", qPrintable(name)); // a bug of ours
    const QByteArray svg = file.readAll();
    QColor faded = color;
    faded.setAlphaF(0.4F);
    QIcon icon;
    for (const qreal ratio : { 1.0, 2.0, 3.0 }) {
        icon.addPixmap(drawn(svg, color, ratio), QIcon::Normal);
        icon.addPixmap(drawn(svg, faded, ratio), QIcon::Disabled);
    }
    return icon;
}

QIcon colorSquare(const QColor& color)
{
    QIcon icon;
    for (const qreal ratio : { 1.0, 2.0, 3.0 }) {
        QPixmap pixmap(QSize(12, 12) * ratio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.scale(ratio, ratio);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(1, 1, 10, 10), 2, 2);
        painter.end();
        pixmap.setDevicePixelRatio(ratio);
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace crossiter::ui
