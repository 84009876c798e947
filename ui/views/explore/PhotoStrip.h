#pragma once

#include "ui/session/Theme.h"
#include "ui/viewmodels/PhotoModel.h"

#include <QListView>

namespace crossiter::ui {

/// A row of thumbnails. A click, Enter or Space chooses; arrows, Home and End move.
class PhotoStrip : public QListView
{
    Q_OBJECT

public:
    explicit PhotoStrip(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setPhotos(const QVector<PhotoItem>& photos);
    void setThumbnail(int row, const QImage& image);
    /// Marks the photo that is open; a path that is not in the strip marks none. No signal.
    void setCurrentPath(const QString& path);
    [[nodiscard]] QString currentPath() const { return m_openPath; }
    [[nodiscard]] PhotoModel* photoModel() const { return m_photos; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void photoChosen(const QString& path);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void choose(const QModelIndex& index);

    PhotoModel* m_photos = nullptr;
    class PhotoDelegate* m_delegate = nullptr;
    QString m_openPath;
};

} // namespace crossiter::ui
