#pragma once

#include "core/image/PictureSize.h"

#include <QList>
#include <QObject>
#include <QString>

class QAction;
class QDropEvent;
class QMenu;

namespace crossiter::ui {

class Actions;
class ModelCommands;
class SessionCommands;
class Shell;
class WindowSettings;

/// Opening photos, folders, pairs, sessions and labels, the recent files, and the exports of the
/// explorer's trace.
class FileCommands : public QObject
{
    Q_OBJECT

public:
    FileCommands(Shell& shell, Actions& actions, WindowSettings& settings,
        SessionCommands& sessionFile, ModelCommands& models);

    void addOpening(QMenu* menu);
    void addExports(QMenu* menu);

    void openPath(const QString& path); ///< a photo, a folder or a session file; empty: nothing
    void drop(QDropEvent* event); ///< a file or a pair; anything else is not accepted

private:
    void openPhotoDialog();
    void openFolderDialog();
    void openPairDialog();
    void openSeriesDialog(bool folder); ///< false: an array or a list
    void openSessionDialog();
    void openLabelsDialog();
    void swapPair();
    [[nodiscard]] static QString pictureFilter();
    void askSeriesRange(const QString& why);
    void askPairSize(const QString& other, const PictureSize& found);
    void exportImageDialog();
    void exportTraceDialog();
    void fillRecentMenu();

    Shell& m_shell;
    Actions& m_actions;
    WindowSettings& m_settings;
    SessionCommands& m_sessionFile;
    ModelCommands& m_models;
    QMenu* m_recentMenu = nullptr;
    QList<QAction*> m_recent;
};

} // namespace crossiter::ui
