#include "ui/views/explore/PhotoStrip.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QWheelEvent>

namespace crossiter::ui {

namespace {
constexpr int kThumbnail = 64;
constexpr int kPadding = 5;
} // namespace

/// A thumbnail with its caption; the open photo in the accent's frame.
class PhotoDelegate : public QStyledItemDelegate
{
public:
    explicit PhotoDelegate(QObject* parent)
        : QStyledItemDelegate(parent)
    {
    }

    void setTheme(const Theme& theme) { m_theme = theme; }
    void setOpenPath(const QString& path) { m_open = path; }

    [[nodiscard]] QSize sizeHint(
        const QStyleOptionViewItem& option, const QModelIndex& /*index*/) const override
    {
        return { kThumbnail + 2 * kPadding + 4,
            kThumbnail + option.fontMetrics.height() + 3 * kPadding };
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const bool open = !m_open.isEmpty() && index.data(PhotoModel::PathRole) == m_open;
        const bool focused = (option.state & QStyle::State_HasFocus) != 0U;
        const bool hovered = (option.state & QStyle::State_MouseOver) != 0U;
        const QRectF cell = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5);
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        painter->setBrush(open ? m_theme.accentWash : (hovered ? m_theme.panel : Qt::transparent));
        painter->setPen(open
                ? QPen(m_theme.accent, 1.6)
                : (focused ? QPen(m_theme.accent, 1.0, Qt::DotLine) : QPen(Qt::NoPen)));
        painter->drawRoundedRect(cell, 5.0, 5.0);
        const QRectF box(cell.center().x() - kThumbnail / 2.0, cell.top() + kPadding - 1,
            kThumbnail, kThumbnail);
        QPainterPath corners;
        corners.addRoundedRect(box, 3.0, 3.0);
        painter->save();
        painter->setClipPath(corners);
        const auto thumbnail = index.data(Qt::DecorationRole).value<QImage>();
        if (thumbnail.isNull()) {
            painter->fillRect(box, m_theme.panel);
        } else {
            // The middle of the photo fills the square.
            const double side = std::min(thumbnail.width(), thumbnail.height());
            painter->drawImage(box, thumbnail,
                QRectF((thumbnail.width() - side) / 2.0, (thumbnail.height() - side) / 2.0, side,
                    side));
        }
        painter->restore();
        painter->setPen(open ? m_theme.text : m_theme.muted);
        const QRectF line(
            cell.left() + 2, box.bottom() + 1, cell.width() - 4, cell.bottom() - box.bottom() - 2);
        painter->drawText(line, Qt::AlignHCenter | Qt::AlignVCenter,
            option.fontMetrics.elidedText(
                index.data().toString(), Qt::ElideRight, static_cast<int>(line.width())));
        painter->restore();
    }

private:
    Theme m_theme;
    QString m_open;
};

PhotoStrip::PhotoStrip(QWidget* parent)
    : QListView(parent)
    , m_photos(new PhotoModel(this))
    , m_delegate(new PhotoDelegate(this))
{
    setModel(m_photos);
    setItemDelegate(m_delegate);
    setFlow(QListView::LeftToRight);
    setWrapping(false);
    setUniformItemSizes(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Photos"));
    setAccessibleDescription(tr("Arrows move, Enter opens the photo"));
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    setFont(small);
    setTheme(makeTheme(ThemeKind::System));
    connect(this, &QListView::clicked, this, &PhotoStrip::choose);
}

void PhotoStrip::setTheme(const Theme& theme)
{
    m_delegate->setTheme(theme);
    viewport()->update();
}

void PhotoStrip::setPhotos(const QVector<PhotoItem>& photos)
{
    m_photos->setPhotos(photos);
    setCurrentPath(m_openPath);
}

void PhotoStrip::setThumbnail(int row, const QImage& image)
{
    m_photos->setThumbnail(row, image);
}

void PhotoStrip::setCurrentPath(const QString& path)
{
    m_openPath = path;
    m_delegate->setOpenPath(path);
    const int row = m_photos->rowOf(path);
    if (row >= 0) {
        setCurrentIndex(m_photos->index(row));
        scrollTo(m_photos->index(row));
    }
    viewport()->update();
}

void PhotoStrip::choose(const QModelIndex& index)
{
    if (index.isValid())
        emit photoChosen(index.data(PhotoModel::PathRole).toString());
}

void PhotoStrip::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        choose(currentIndex());
        event->accept();
        return;
    default:
        QListView::keyPressEvent(event);
    }
}

void PhotoStrip::wheelEvent(QWheelEvent* event)
{
    // A strip has one direction: the wheel turns it, whichever way it is turned.
    const QPoint delta = event->angleDelta();
    const int turn = delta.x() != 0 ? delta.x() : delta.y();
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - turn);
    event->accept();
}

QSize PhotoStrip::sizeHint() const
{
    return { 500,
        kThumbnail + fontMetrics().height() + 3 * kPadding
            + horizontalScrollBar()->sizeHint().height() };
}

QSize PhotoStrip::minimumSizeHint() const
{
    return { 160, sizeHint().height() };
}

} // namespace crossiter::ui
