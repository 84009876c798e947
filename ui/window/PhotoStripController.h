#pragma once

#include "ui/session/JobRunner.h"
#include "ui/session/PhotoLoader.h"

#include <QObject>
#include <QString>

#include <functional>
#include <stop_token>

class QWidget;

namespace crossiter::ui {

class ExplorerSession;
class PhotoStrip;
class Shell;

/// Fills the strip with the photos of the open one's folder, their thumbnails on a worker.
class PhotoStripController : public QObject
{
    Q_OBJECT

public:
    /// Decodes a photo whose thumbnail is wanted, on a worker.
    using Decode = std::function<LoadedPhoto(const QString& path, const std::stop_token& stop)>;

    /// parent: of the strip. decode: empty: loadPhoto, the photo's middle.
    PhotoStripController(Shell& shell, QWidget* parent, Decode decode = {});

    [[nodiscard]] PhotoStrip* strip() const { return m_strip; }
    [[nodiscard]] bool settled() const { return !m_thumbnails.busy(); }

    void showPhoto();

private:
    void fill();
    int showOpenThumbnail(); ///< of the open photo, without decoding it again; its row, -1 if none

    ExplorerSession& m_session;
    PhotoStrip* m_strip = nullptr;
    Decode m_decode;
    QString m_folder;
    JobRunner m_thumbnails; ///< last: its thread ends first
};

} // namespace crossiter::ui
