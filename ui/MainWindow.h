#pragma once

#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"
#include "ui/views/ImagePanes.h"

#include <QMainWindow>
#include <QSettings>
#include <QTimer>

#include <functional>
#include <memory>

class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QToolBar;
class QToolButton;

namespace crossiter::ui {

class AttackPanel;
class ErrorBar;
class PhotoPanel;
class PhotoStrip;
class PredictionsPanel;
class Scrubber;
class TrajectoryPlot;

struct WindowOptions
{
    QString settingsFile; ///< INI; empty: nothing is remembered. A damaged one is as good as none.
    QString photosFolder; ///< of the embedded photos; empty: none
    /// Asks for a path: (title, suggestion, filter, save, folder). Empty answer: cancelled.
    /// Default: a file dialog.
    std::function<QString(const QString&, const QString&, const QString&, bool, bool)> choosePath;
};

/// The explorer's window: shows what the session holds and turns the user's doings into changes of
/// it. Computes nothing.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(std::shared_ptr<Engine> engine, WindowOptions options, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Loads the networks in the background and opens `session`, else `photo`, else (both empty)
    /// the first start's photo.
    void start(const QString& photo, const QString& session = {}, const QString& pair = {});
    /// A photo, a folder or a session file.
    void openPath(const QString& path);
    void openSession(const QString& path);
    void setThemeKind(ThemeKind kind); ///< no undo step; for the command line

    /// Nothing is computed, loaded or drawn later.
    [[nodiscard]] bool settled() const { return m_session->settled() && !m_thumbnails->busy(); }
    [[nodiscard]] ExplorerSession& session() { return *m_session; }
    [[nodiscard]] ImagePanes* panes() const { return m_panes; }
    [[nodiscard]] Scrubber* scrubber() const { return m_scrubber; }
    [[nodiscard]] TrajectoryPlot* plot() const { return m_plot; }
    [[nodiscard]] PredictionsPanel* predictions() const { return m_predictions; }
    [[nodiscard]] AttackPanel* attackPanel() const { return m_attack; }
    [[nodiscard]] PhotoStrip* strip() const { return m_strip; }
    [[nodiscard]] ErrorBar* errorBar() const { return m_errors; }
    [[nodiscard]] QString sentence() const; ///< what the shown sub-step did, as plain text
    [[nodiscard]] const QList<QAction*>& allActions() const { return m_actions; }

    /// Writes the window as it looks, at the screen's resolution. Throws Error(BadInput).
    void saveWindowPicture(const QString& path);
    /// The views of the shown sub-step as files in `folder`: original, perturbation, adversarial,
    /// plot (PNG and PDF), predictions and window. Returns their paths. Throws Error(BadInput).
    QStringList saveViews(const QString& folder);

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    using Edit = std::function<void(ExplorerState&)>;

    // MainWindowLayout.cpp
    void buildCentre();
    void buildDocks();
    void resetLayout();
    void sizeDocks();

    // MainWindow.cpp
    void connectSession();
    void applyThemeOf(ThemeKind kind);
    void showState();
    void showPhoto();
    void showLabel();
    void showTrace();
    void showSubStep(int subStep);
    void showJudges();
    void updateActions();
    [[nodiscard]] QStringList sourceNames() const;
    void edit(Setting setting, const Edit& change);

    // MainWindowActions.cpp
    void buildActions();
    void buildFileMenu();
    void buildEditMenu();
    void buildAttackMenu();
    void buildViewMenu();
    void buildHelpMenu();
    QAction* add(QMenu* menu, const QString& text, const QString& key, const QString& help,
        std::function<void()> run, const char* name);
    void stepBy(int by);

    // MainWindowToolbar.cpp
    void buildToolbar();
    void buildStatusBar();
    void fillSourceMenu(int source);
    void fillDeviceMenu();
    void showToolbar();
    void showProgress(const Progress& progress);
    void showBusy();
    void showMemory();
    void chooseSources();
    QToolButton* toolButton(const QString& text, const QString& help, const char* name);

    // MainWindowFiles.cpp
    [[nodiscard]] QString ask(const QString& title, const QString& suggestion,
        const QString& filter, bool save, bool folder = false);
    void openPhotoDialog();
    void openFolderDialog();
    void openPairDialog();
    void swapPair();
    void runAttack(); ///< of a pair's clean picture too: the picture made elsewhere gives way
    void openSessionDialog();
    void openLabelsDialog();
    void saveSessionAs();
    void exportImageDialog();
    void exportTraceDialog();
    void exportPlotDialog();
    void savePictureDialog(const QString& what, const QImage& picture);
    void savePicture(const QString& path, const QImage& picture);
    void copyPicture(const QImage& picture, const QString& what);
    [[nodiscard]] QImage focusedView() const;
    void guarded(const std::function<void()>& work); ///< Error becomes the error bar
    void remember(const QString& path);
    void fillRecentMenu();
    void fillStrip();
    void restoreSettings();
    void storeSettings();
    void say(const QString& message);

    WindowOptions m_options;
    std::unique_ptr<QSettings> m_settings;
    Theme m_theme;
    ThemeKind m_shownTheme = ThemeKind::System;
    bool m_themed = false;
    bool m_updating = false; ///< widgets are being told; what they signal is no user's doing
    QString m_sentenceText;
    QString m_stripFolder;
    QString m_sessionPath;
    bool m_laidOut = false; ///< dock sizes are the remembered ones, or were set once
    QStringList m_shownJudges;
    QString m_stage;

    QStackedWidget* m_stack = nullptr;
    QLabel* m_empty = nullptr;
    ErrorBar* m_errors = nullptr;
    ImagePanes* m_panes = nullptr;
    Scrubber* m_scrubber = nullptr;
    QLabel* m_sentence = nullptr;
    QLabel* m_probe = nullptr;
    TrajectoryPlot* m_plot = nullptr;
    PredictionsPanel* m_predictions = nullptr;
    AttackPanel* m_attack = nullptr;
    PhotoPanel* m_photoPanel = nullptr;
    PhotoStrip* m_strip = nullptr;
    QList<QDockWidget*> m_docks;

    QToolBar* m_toolbar = nullptr;
    QToolButton* m_previous = nullptr;
    QToolButton* m_next = nullptr;
    QToolButton* m_open = nullptr;
    QLabel* m_photoName = nullptr;
    QToolButton* m_sourceButtons[2] = {};
    QToolButton* m_moreSources = nullptr;
    QToolButton* m_device = nullptr;
    QToolButton* m_export = nullptr;
    QPushButton* m_run = nullptr;
    QLabel* m_status = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
    QLabel* m_deviceLabel = nullptr;
    QLabel* m_memory = nullptr;
    QTimer m_memoryTimer;

    QList<QAction*> m_actions;
    QMenu* m_exportMenu = nullptr;
    QMenu* m_recentMenu = nullptr;
    QList<QAction*> m_recent;
    QAction* m_runAction = nullptr;
    QAction* m_swapPair = nullptr; ///< only with a pair
    QAction* m_cancelAction = nullptr;
    QAction* m_automaticAction = nullptr;
    QAction* m_floatAction = nullptr;
    QList<QAction*> m_compareActions;
    QList<QAction*> m_modeActions;
    QList<QAction*> m_themeActions;
    QList<QAction*> m_needPhoto;
    QList<QAction*> m_needTrace;

    // Last: their threads end before the widgets go.
    std::unique_ptr<JobRunner> m_thumbnails;
    std::unique_ptr<ExplorerSession> m_session;
};

} // namespace crossiter::ui
