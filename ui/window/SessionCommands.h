#pragma once

#include "ui/session/ExplorerState.h"

#include <QObject>
#include <QString>

class QMenu;

namespace crossiter::ui {

class Actions;
class Shell;
class WindowSettings;

/// The session file: opening, saving, what has changed since (the window's title says it), and what
/// is asked before something would be lost.
class SessionCommands : public QObject
{
    Q_OBJECT

public:
    SessionCommands(Shell& shell, WindowSettings& settings);

    /// Asks first where the present one has changes; refused, all stays as it is.
    void open(const QString& path);
    bool save(); ///< false: cancelled or not written
    bool saveAs();
    void addActions(Actions& actions, QMenu* menu); ///< of saving

    [[nodiscard]] const QString& path() const { return m_path; } ///< empty: none opened or saved
    /// There is something that saving would keep (docs/session-files.md).
    [[nodiscard]] bool modified() const;
    void takeAsSaved(const QString& path); ///< the present state is what that file holds

    [[nodiscard]] bool mayLeave(); ///< may ask; false: everything stays
    [[nodiscard]] bool mayStopWork(); ///< the same of work that runs

    static const char* const kEnding;

private:
    bool saveTo(const QString& path, bool renamed);
    void showTitle();

    Shell& m_shell;
    QString m_path;
    ExplorerState m_saved; ///< as it was opened, saved or started with
};

} // namespace crossiter::ui
