#include "ui/viewmodels/PhotoModel.h"

#include "ui/session/PlainText.h"

#include <algorithm>

namespace crossiter::ui {

PhotoModel::PhotoModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void PhotoModel::setPhotos(const QVector<PhotoItem>& photos)
{
    beginResetModel();
    m_photos = photos;
    m_thumbnails = QVector<QImage>(photos.size());
    endResetModel();
}

void PhotoModel::setThumbnail(int row, const QImage& image)
{
    if (row < 0 || row >= m_photos.size())
        return;
    m_thumbnails[row] = image;
    emit dataChanged(index(row), index(row), { Qt::DecorationRole });
}

int PhotoModel::rowOf(const QString& path) const
{
    const auto found =
        std::ranges::find_if(m_photos, [&](const PhotoItem& photo) { return photo.path == path; });
    return found == m_photos.end() ? -1 : static_cast<int>(found - m_photos.begin());
}

int PhotoModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_photos.size());
}

QVariant PhotoModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const PhotoItem& photo = m_photos.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return shownText(photo.caption);
    case Qt::ToolTipRole:
        return tr("%1\n%2").arg(shownText(photo.caption), shownText(photo.path));
    case Qt::DecorationRole:
        return m_thumbnails.at(index.row()).isNull() ? QVariant()
                                                     : QVariant(m_thumbnails.at(index.row()));
    case PathRole:
        return photo.path;
    default:
        return {};
    }
}

} // namespace crossiter::ui
