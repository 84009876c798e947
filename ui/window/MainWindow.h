#pragma once

#include "ui/session/Theme.h"
#include "ui/session/Workspace.h"
#include "ui/window/Tab.h"
#include "ui/window/WindowOptions.h"

#include <QMainWindow>

#include <memory>
#include <optional>
#include <vector>

namespace crossiter::ui {

class Actions;
class Centre;
class DockLayout;
class FileCommands;
class ModelCommands;
class ModelsDialog;
class PhotoStripController;
class PictureCommands;
class SessionCommands;
class Shell;
class StaleMark;
class WindowSettings;

/// The explorer's window: makes its parts, gives each its place, and takes them down in order. It
/// shows what the workspace holds and computes nothing.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// workspace: outlives the window. tabs: of the bottom, at least one.
    MainWindow(Workspace& workspace, WindowOptions options,
        const std::vector<TabMaker>& tabs = standardTabs(), QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Loads the networks in the background and opens `session`, else `photo`, else (both empty)
    /// the first start's photo.
    /// pairSize: what `pair` is compared at; nothing: 299x299.
    void start(const QString& photo, const QString& session = {}, const QString& pair = {},
        const std::optional<PictureSize>& pairSize = std::nullopt, const NpyReading& arrays = {});
    void openPath(const QString& path); ///< a photo, a folder or a session file
    /// Asks first where the present one has changes; refused, all stays as it is.
    void openSession(const QString& path);
    /// Of the open session: empty before one was opened or saved.
    [[nodiscard]] const QString& sessionPath() const;
    void setThemeKind(ThemeKind kind); ///< no undo step; for the command line
    void showTab(const QString& id); ///< brings that tab to the front; unknown: nothing

    /// Nothing is computed, loaded or drawn later.
    [[nodiscard]] bool settled() const;
    [[nodiscard]] Workspace& workspace() const { return m_workspace; }
    [[nodiscard]] Centre& centre() const { return *m_centre; }
    [[nodiscard]] const Actions& actions() const { return *m_actions; }
    /// What is shown is not what the settings ask for: dimmed, and said.
    [[nodiscard]] bool showsStale() const;
    [[nodiscard]] ModelsDialog* modelManager() const; ///< null: never opened

    /// As PictureCommands: the window, and all views. Throw Error(BadInput).
    void saveWindowPicture(const QString& path);
    QStringList saveViews(const QString& folder);

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildSettings(PhotoPanel* photo, AttackPanel* attack);
    void buildTabs(const WindowParts& parts, const std::vector<TabMaker>& tabs);
    void buildCommands(const WindowParts& parts);
    void connectTabs();
    void restore();
    [[nodiscard]] QDockWidget* dockOf(const Tab& tab) const;
    [[nodiscard]] Tab* tab(const QString& id) const; ///< null: there is none

    // From the last to the first they go, all before the widgets and those before the workspace: so
    // nobody hears of what is gone.
    Workspace& m_workspace;
    std::unique_ptr<Shell> m_shell;
    std::unique_ptr<WindowSettings> m_settings;
    std::unique_ptr<Actions> m_actions;
    std::unique_ptr<StaleMark> m_stale;
    std::unique_ptr<Centre> m_centre;
    std::unique_ptr<DockLayout> m_docks;
    std::unique_ptr<PhotoStripController> m_strip;
    std::vector<std::unique_ptr<QObject>> m_followers; ///< do their part by themselves
    std::vector<std::unique_ptr<Tab>> m_tabs;
    std::unique_ptr<SessionCommands> m_sessionFile;
    std::unique_ptr<ModelCommands> m_models;
    std::unique_ptr<FileCommands> m_files;
    std::unique_ptr<PictureCommands> m_pictures;
};

} // namespace crossiter::ui
