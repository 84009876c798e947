#pragma once

#include "core/contest/LabelTable.h"
#include "ui/session/Theme.h"
#include "ui/session/Workspace.h"
#include "ui/window/WindowOptions.h"

#include <QObject>
#include <QScopedValueRollback>
#include <QString>

#include <functional>
#include <optional>

class QImage;
class QWidget;

namespace crossiter::ui {

/// What every part of the window may use: the workspace, the theme, a change of the explorer's
/// settings, a word to the person and a question to her. The one place that asks for a path.
class Shell : public QObject
{
    Q_OBJECT

public:
    using Edit = std::function<void(ExplorerState&)>;

    /// window: the parent of dialogs; it and the workspace outlive this.
    Shell(Workspace& workspace, WindowOptions options, QWidget& window);

    [[nodiscard]] Workspace& workspace() const { return m_workspace; }
    [[nodiscard]] ExplorerSession& explorer() const { return m_workspace.explorer(); }
    [[nodiscard]] const WindowOptions& options() const { return m_options; }
    [[nodiscard]] QWidget& window() const { return m_window; }
    [[nodiscard]] const Theme& theme() const { return m_theme; }

    /// Changes a setting; nothing while the widgets are being told (updating()).
    void edit(Setting setting, const Edit& change);
    /// While it lives, what widgets signal is no user's doing.
    [[nodiscard]] QScopedValueRollback<bool> updating()
    {
        return QScopedValueRollback<bool>(m_updating, true);
    }
    [[nodiscard]] bool isUpdating() const { return m_updating; }

    void say(const QString& message); ///< said(): for the status line
    void complain(const QString& message); ///< complained(): for the error bar
    void dismiss(); ///< dismissed(): what was complained of is over
    void tellWritten(const QStringList& paths); ///< where the files went
    void guarded(const std::function<void()>& work); ///< Error becomes a complaint

    /// Empty: cancelled, or the file would replace an input of the workspace, which is complained
    /// of. save, folder: a name of a file to be written; a folder.
    [[nodiscard]] QString ask(const QString& title, const QString& suggestion,
        const QString& filter, bool save, bool folder = false);
    /// One question at a time: what comes meanwhile is answered Cancel.
    [[nodiscard]] Answer answerTo(const Question& question);
    [[nodiscard]] bool asking() const { return m_asking; }
    /// The number of the first class in a label table, asked for only where its header does not
    /// tell; else nothing. False: cancelled.
    [[nodiscard]] bool askLabelBase(
        const QString& csv, LabelColumn column, std::optional<int>& base);

    /// Throws Error(BadInput).
    static void savePicture(const QString& path, const QImage& picture);
    void copyPicture(const QImage& picture, const QString& what);

    void showTab(const QString& id); ///< tabWanted()
    void setLarge(const QString& id, bool large); ///< largeWanted(): a tab takes others' room
    void applyTheme(); ///< of the explorer's state; nothing when it is that already

signals:
    void said(const QString& message);
    void complained(const QString& message);
    void dismissed();
    void tabWanted(const QString& id);
    void largeWanted(const QString& id, bool large);
    void themeChanged(const crossiter::ui::Theme& theme);

private:
    Workspace& m_workspace;
    WindowOptions m_options;
    QWidget& m_window;
    Theme m_theme;
    ThemeKind m_shownTheme = ThemeKind::System;
    bool m_themed = false;
    bool m_updating = false;
    bool m_asking = false;
};

} // namespace crossiter::ui
