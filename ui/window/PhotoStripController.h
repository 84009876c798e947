#pragma once

#include "ui/session/JobRunner.h"

#include <QObject>
#include <QString>

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
    PhotoStripController(Shell& shell, QWidget* parent); ///< parent: of the strip

    [[nodiscard]] PhotoStrip* strip() const { return m_strip; }
    [[nodiscard]] bool settled() const { return !m_thumbnails.busy(); }

    void showPhoto();

private:
    void fill();
    int showOpenThumbnail(); ///< of the open photo, without decoding it again; its row, -1 if none

    ExplorerSession& m_session;
    PhotoStrip* m_strip = nullptr;
    QString m_folder;
    JobRunner m_thumbnails; ///< last: its thread ends first
};

} // namespace crossiter::ui
