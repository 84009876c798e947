#pragma once

#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"
#include "ui/views/explore/ImagePanes.h"

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
class BatchPanel;
class DefensePanel;
class DefenseSession;
class ErrorBar;
class LeakingPanel;
class ModelsDialog;
class NoticeBar;
class PhotoPanel;
class PhotoStrip;
class StoreKeeper;
class PredictionsPanel;
class Scrubber;
class TrajectoryPlot;

/// What the window asks before something would be lost.
struct Question
{
    enum class Kind
    {
        SaveChanges, ///< Yes: save, No: discard
        Overwrite, ///< Yes: replace the file
        StopWork, ///< Yes: stop what runs and quit
    };
    Kind kind = Kind::SaveChanges;
    QString text;
    QString detail;
};

enum class Answer
{
    Yes,
    No,
    Cancel, ///< everything stays as it is
};

struct WindowOptions
{
    QString settingsFile; ///< INI; empty: nothing is remembered. A damaged one is as good as none.
    QString photosFolder; ///< of the embedded photos; empty: none
    /// Asks for a path: (title, suggestion, filter, save, folder). Empty answer: cancelled.
    /// Default: a file dialog.
    std::function<QString(const QString&, const QString&, const QString&, bool, bool)> choosePath;
    /// Asks what a pair is compared at: (question, the result's own size as "224x224"). The answer
    /// is such a text; empty: cancelled. Default: a small dialog.
    std::function<QString(const QString&, const QString&)> choosePairSize;
    std::function<Answer(const Question&)> answer; ///< default: a message box
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
    /// pairSize: what `pair` is compared at; nothing: 299x299.
    void start(const QString& photo, const QString& session = {}, const QString& pair = {},
        const std::optional<PictureSize>& pairSize = std::nullopt);
    /// A photo, a folder or a session file.
    void openPath(const QString& path);
    /// Asks first where the present one has changes; refused, all stays as it is.
    void openSession(const QString& path);
    /// Of the open session: empty before one was opened or saved.
    [[nodiscard]] const QString& sessionPath() const { return m_sessionPath; }
    /// There is something that Save would keep (docs/session-files.md); the title has a mark.
    [[nodiscard]] bool modified() const;
    void setThemeKind(ThemeKind kind); ///< no undo step; for the command line

    /// Nothing is computed, loaded or drawn later.
    [[nodiscard]] bool settled() const;
    [[nodiscard]] ExplorerSession& session() { return *m_session; }
    [[nodiscard]] DefenseSession& defenseSession() const { return *m_defense; }
    [[nodiscard]] DefensePanel* defensePanel() const { return m_defensePanel; }
    [[nodiscard]] LeakingPanel* leakingPanel() const { return m_leaking; }
    [[nodiscard]] BatchPanel* batchPanel() const { return m_batch; }
    /// The tabs of the bottom by name: "trajectory", "defense".
    [[nodiscard]] static QStringList tabNames();
    void showTab(const QString& name); ///< brings that tab to the front; unknown: nothing
    [[nodiscard]] ImagePanes* panes() const { return m_panes; }
    [[nodiscard]] Scrubber* scrubber() const { return m_scrubber; }
    [[nodiscard]] TrajectoryPlot* plot() const { return m_plot; }
    [[nodiscard]] PredictionsPanel* predictions() const { return m_predictions; }
    [[nodiscard]] AttackPanel* attackPanel() const { return m_attack; }
    [[nodiscard]] PhotoStrip* strip() const { return m_strip; }
    [[nodiscard]] ErrorBar* errorBar() const { return m_errors; }
    [[nodiscard]] NoticeBar* noticeBar() const { return m_notice; }
    /// What is shown is not what the settings ask for: dimmed, and said.
    [[nodiscard]] bool showsStale() const { return m_stale; }
    [[nodiscard]] QString sentence() const; ///< what the shown sub-step did, as plain text
    [[nodiscard]] const QList<QAction*>& allActions() const { return m_actions; }
    [[nodiscard]] StoreKeeper& storeKeeper() const { return *m_keeper; }
    [[nodiscard]] ModelsDialog* modelManager() const { return m_models; } ///< null: never opened

    /// Writes the window as it looks, at the screen's resolution. Throws Error(BadInput).
    void saveWindowPicture(const QString& path);
    /// The views of the shown sub-step as files in `folder`: original, perturbation, adversarial,
    /// plot (PNG and PDF), predictions and window, the defended picture and, where there is a
    /// sweep, its curve and heat map. Returns their paths; their provenance follows beside them on
    /// the session's worker. Throws Error(BadInput).
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

    // MainWindowDefense.cpp
    void connectDefense();
    void buildDefenseMenu();
    void fillDefenseExports();
    void showDefended();
    void showDefenseActions();
    void changeSize(int by);
    void exportSweepDialog();
    void exportDefensePlotDialog(bool heatMap);
    [[nodiscard]] QDockWidget* dock(const char* name) const;

    // MainWindowLeaking.cpp
    void buildLeaking();
    void buildLeakingMenu();
    void chooseTargetTable();
    /// What savePictureDialog wants, of the tracks as they are now.
    [[nodiscard]] std::function<void(const QString& path)> originOfTracks();
    void saveLeakingPicture(
        const QString& suggestion, const std::function<void(const QString&)>& save);

    // MainWindowBatch.cpp
    void buildBatch();
    void buildBatchMenu();
    void setBatchLarge(bool large);
    void leaveLargeBatch(bool inFront); ///< where another tab is in front

    // MainWindowActions.cpp
    void buildActions();
    void buildFileMenu();
    void buildEditMenu();
    void buildAttackMenu();
    void buildModelsMenu();
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
    void cancelWork(); ///< what the status bar's Cancel names
    void showExporting(bool exporting);

    // MainWindowModels.cpp
    void buildStoreKeeper();
    void openModelManager(const QString& select = {});
    void usePair(const PairPreset& pair);
    void useModel(const QString& id, int source);
    void fillPairMenu();
    /// Names that are not in the store; empty: all are.
    [[nodiscard]] QStringList missing(const std::vector<std::string>& ids) const;
    QToolButton* toolButton(const QString& text, const QString& help, const char* name);

    // MainWindowSession.cpp
    [[nodiscard]] Answer answerTo(const Question& question);
    void takeAsSaved(const QString& path);
    void showTitle();
    void openSessionDialog();
    bool saveSession(); ///< false: cancelled or not written
    bool saveSessionAs();
    bool saveSessionTo(const QString& path, bool renamed);
    [[nodiscard]] bool mayLeaveSession(); ///< may ask; false: everything stays
    [[nodiscard]] bool mayStopWork();

    // MainWindowResume.cpp
    [[nodiscard]] QStringList unfinishedTournaments() const;
    void keepUnfinished(const QString& folder, bool unfinished);
    void connectUnfinished();
    void offerUnfinished(const QString& folder); ///< empty: no offer
    void lookForUnfinished();
    void buildStale();
    void showStale();
    void markStale(bool stale);

    // MainWindowFiles.cpp
    [[nodiscard]] QString ask(const QString& title, const QString& suggestion,
        const QString& filter, bool save, bool folder = false);
    /// MainWindowGuard.cpp: an input of the window would be replaced by a file of this name or by
    /// what lies beside it; `beside`: or a picture of the study's or the tournament's folder that
    /// has no provenance. Throws Error(BadInput); the second says so in the error bar.
    void requireNoInput(const QString& path, bool beside = true) const;
    [[nodiscard]] bool refusesToReplace(const QString& path);
    void openPhotoDialog();
    void openFolderDialog();
    void openPairDialog();
    void swapPair();
    void askPairSize(const QString& other, const PictureSize& found);
    void runAttack(); ///< of a pair's clean picture too: the picture made elsewhere gives way
    void openLabelsDialog();
    void exportImageDialog();
    void exportTraceDialog();
    void exportPlotDialog();
    /// explain: writes the provenance beside the saved picture; made with the picture, for a trace
    /// may go on while the path is asked for.
    void savePictureDialog(const QString& what, const QImage& picture,
        const std::function<void(const QString& path)>& explain);
    /// What savePictureDialog wants, of a view of the shown sub-step.
    [[nodiscard]] std::function<void(const QString& path)> shownOrigin(
        const std::string& defense = {});
    /// The same of focusedView().
    [[nodiscard]] std::function<void(const QString& path)> originOfFocus();
    [[nodiscard]] std::string defenseOfWindow() const; ///< empty: the window shows none
    void savePicture(const QString& path, const QImage& picture);
    void copyPicture(const QImage& picture, const QString& what);
    [[nodiscard]] QImage focusedView() const;
    void guarded(const std::function<void()>& work); ///< Error becomes the error bar
    void remember(const QString& path);
    void fillRecentMenu();
    void fillStrip();
    int showOpenThumbnail(); ///< of the open photo, without decoding it again; its row, -1 if none
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
    QString m_sessionPath; ///< empty: none was opened or saved
    ExplorerState m_savedState; ///< as it was opened, saved or started with
    bool m_asking = false;
    QString m_offered; ///< an unfinished tournament's folder; empty: none
    bool m_stale = false;
    QTimer m_staleTimer;
    bool m_laidOut = false; ///< dock sizes are the remembered ones, or were set once
    QStringList m_shownJudges;
    QString m_stage;

    QStackedWidget* m_stack = nullptr;
    QLabel* m_empty = nullptr;
    ErrorBar* m_errors = nullptr;
    NoticeBar* m_notice = nullptr;
    QLabel* m_staleNote = nullptr;
    ImagePanes* m_panes = nullptr;
    Scrubber* m_scrubber = nullptr;
    QLabel* m_sentence = nullptr;
    QLabel* m_probe = nullptr;
    TrajectoryPlot* m_plot = nullptr;
    DefensePanel* m_defensePanel = nullptr;
    LeakingPanel* m_leaking = nullptr;
    BatchPanel* m_batch = nullptr;
    PredictionsPanel* m_predictions = nullptr;
    AttackPanel* m_attack = nullptr;
    PhotoPanel* m_photoPanel = nullptr;
    PhotoStrip* m_strip = nullptr;
    QList<QDockWidget*> m_docks;
    struct DockSize
    {
        QDockWidget* dock = nullptr;
        QSize size;
    };
    QList<DockSize> m_beside; ///< what stood beside the Batch tab before it took the window

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
    QMenu* m_pairMenu = nullptr;
    ModelsDialog* m_models = nullptr;
    QAction* m_automaticAction = nullptr;
    QAction* m_floatAction = nullptr;
    QAction* m_defendedAction = nullptr;
    QAction* m_dropoutAction = nullptr;
    QAction* m_statisticsAction = nullptr;
    QAction* m_twoStagesAction = nullptr;
    QAction* m_sweepAction = nullptr;
    QAction* m_stopSweepAction = nullptr;
    QAction* m_automaticSweepAction = nullptr;
    QAction* m_bestSizeAction = nullptr;
    QList<QAction*> m_pairActions;
    QList<QAction*> m_needSweep;
    QList<QAction*> m_compareActions;
    QList<QAction*> m_modeActions;
    QList<QAction*> m_themeActions;
    QList<QAction*> m_needPhoto;
    QList<QAction*> m_needTrace;

    // Last: their threads end before the widgets go.
    std::unique_ptr<StoreKeeper> m_keeper;
    std::unique_ptr<JobRunner> m_thumbnails;
    std::unique_ptr<ExplorerSession> m_session;
    std::unique_ptr<DefenseSession> m_defense; ///< after the session that it follows
};

} // namespace crossiter::ui
