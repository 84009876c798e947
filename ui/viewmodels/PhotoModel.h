#pragma once

#include <QAbstractListModel>
#include <QImage>
#include <QString>
#include <QVector>

namespace crossiter::ui {

struct PhotoItem
{
    QString path;
    QString caption; ///< what a person reads: "Dalmatian"
};

/// Photos to choose from; their thumbnails come later, one by one.
class PhotoModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        PathRole = Qt::UserRole + 1
    };

    explicit PhotoModel(QObject* parent = nullptr);

    void setPhotos(const QVector<PhotoItem>& photos); ///< drops all thumbnails
    void setThumbnail(int row, const QImage& image); ///< outside the rows: ignored
    [[nodiscard]] int rowOf(const QString& path) const; ///< -1: not among them

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    QVector<PhotoItem> m_photos;
    QVector<QImage> m_thumbnails;
};

} // namespace crossiter::ui
