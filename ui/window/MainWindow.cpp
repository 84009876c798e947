#include "ui/window/MainWindow.h"

#include "ui/session/PlainText.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/PhotoPanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/window/Actions.h"
#include "ui/window/AttackCommands.h"
#include "ui/window/Centre.h"
#include "ui/window/DockLayout.h"
#include "ui/window/FileCommands.h"
#include "ui/window/ModelCommands.h"
#include "ui/window/PanelScroll.h"
#include "ui/window/PhotoStripController.h"
#include "ui/window/PictureCommands.h"
#include "ui/window/PredictionsView.h"
#include "ui/window/SessionCommands.h"
#include "ui/window/Shell.h"
#include "ui/window/StaleMark.h"
#include "ui/window/StatusLine.h"
#include "ui/window/Toolbar.h"
#include "ui/window/ViewCommands.h"
#include "ui/window/WindowSettings.h"

#include <QDockWidget>
#include <QDropEvent>
#include <QIcon>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QUndoStack>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace crossiter::ui {

MainWindow::MainWindow(
    Workspace& workspace, WindowOptions options, const std::vector<TabMaker>& tabs, QWidget* parent)
    : QMainWindow(parent)
    , m_workspace(workspace)
    , m_shell(std::make_unique<Shell>(workspace, std::move(options), *this))
    , m_settings(std::make_unique<WindowSettings>(m_shell->options().settingsFile))
    , m_actions(std::make_unique<Actions>(*menuBar(), workspace))
    , m_stale(std::make_unique<StaleMark>(workspace.explorer()))
    , m_docks(std::make_unique<DockLayout>(*this))
{
    usePointsInNumbers();
    new PlainTexts(this); // both before any widget is made
    setWindowIcon(QIcon(QStringLiteral(":/crossiter/icons/crossiter.svg")));
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    m_centre = std::make_unique<Centre>(*m_shell, *m_stale, *this);
    ExplorerSession& explorer = workspace.explorer();
    auto* photo = new PhotoPanel(explorer, this);
    auto* attack = new AttackPanel(explorer, this);
    buildSettings(photo, attack);
    const WindowParts parts { *m_shell, *m_actions, *m_settings, *m_stale, *m_centre, *photo,
        *attack, *new PredictionsPanel(this) };
    auto status = std::make_unique<StatusLine>(*m_shell);
    buildTabs(parts, tabs);
    buildCommands(parts);
    status->placeIn(*statusBar());
    m_followers.push_back(std::move(status));
    resize(1440, 900);
    m_docks->reset();
    connectTabs();
    restore();
}

// Here, where all of its parts are known.
MainWindow::~MainWindow() = default;

void MainWindow::buildSettings(PhotoPanel* photo, AttackPanel* attack)
{
    auto* settings = new QWidget(this);
    auto* column = new QVBoxLayout(settings);
    column->setContentsMargins(10, 6, 10, 6);
    column->setSpacing(12);
    column->addWidget(photo);
    column->addWidget(attack);
    column->addStretch();
    connect(photo, &PhotoPanel::problem, m_shell.get(), &Shell::complain);
    connect(attack, &AttackPanel::problem, m_shell.get(), &Shell::complain);
    connect(m_shell.get(), &Shell::themeChanged, photo, &PhotoPanel::setTheme);
    connect(m_shell.get(), &Shell::themeChanged, attack, &AttackPanel::setTheme);
    m_docks->add(tr("Settings"), QStringLiteral("dockSettings"), new PanelScroll(settings, this));
}

void MainWindow::buildTabs(const WindowParts& parts, const std::vector<TabMaker>& tabs)
{
    for (const TabMaker& maker : tabs)
        m_tabs.push_back(maker.make(parts));
    m_strip = std::make_unique<PhotoStripController>(*m_shell, this);
    m_docks->add(tr("Predictions"), QStringLiteral("dockPredictions"), &parts.predictions);
    for (const auto& tab : m_tabs) {
        const QString id = tab->id();
        m_docks->add(
            tab->title(), QStringLiteral("dock") + id.at(0).toUpper() + id.mid(1), tab->widget());
        if (tab == m_tabs.front()) // the photos stand below the tabs
            m_docks->add(tr("Photos"), QStringLiteral("dockPhotos"), m_strip->strip());
    }
}

void MainWindow::buildCommands(const WindowParts& parts)
{
    m_sessionFile = std::make_unique<SessionCommands>(*m_shell, *m_settings);
    m_models = std::make_unique<ModelCommands>(*m_shell);
    m_files = std::make_unique<FileCommands>(
        *m_shell, *m_actions, *m_settings, *m_sessionFile, *m_models);
    m_pictures = std::make_unique<PictureCommands>(parts, m_tabs);
    auto predictions = std::make_unique<PredictionsView>(*m_shell, *m_stale, parts.predictions);
    auto attack = std::make_unique<AttackCommands>(parts, *m_docks);
    auto view = std::make_unique<ViewCommands>(parts, *m_docks);

    QMenu* file = m_actions->addMenu("fileMenu", tr("&File"));
    m_files->addOpening(file);
    file->addSeparator();
    QMenu* exports = m_actions->addMenu("exportMenu", tr("E&xport"), file);
    m_files->addExports(exports);
    m_pictures->addExports(exports);
    file->addSeparator();
    m_actions->add(file, "quit", { [this] { close(); } });
    m_pictures->addEditActions(m_actions->addMenu("editMenu", tr("&Edit")));
    attack->addActions();
    for (const auto& tab : m_tabs)
        tab->addActions();
    m_models->addActions(*m_actions);
    view->addActions();
    view->addHelp();
    m_followers.push_back(std::move(predictions));
    m_followers.push_back(std::move(attack));
    m_followers.push_back(std::move(view));
    m_followers.push_back(std::make_unique<Toolbar>(*m_shell, *m_actions, *this));
}

void MainWindow::connectTabs()
{
    connect(m_shell.get(), &Shell::tabWanted, this, &MainWindow::showTab);
    connect(m_shell.get(), &Shell::largeWanted, this, [this](const QString& id, bool large) {
        if (const Tab* one = tab(id))
            m_docks->setLarge(dockOf(*one), large);
    });
    for (const auto& tab : m_tabs) {
        connect(m_shell.get(), &Shell::themeChanged, tab.get(), &Tab::setTheme);
        connect(dockOf(*tab), &QDockWidget::visibilityChanged, tab.get(), &Tab::setOnScreen);
    }
}

void MainWindow::restore()
{
    if (m_settings->remembers()) {
        if (m_settings->restore(*this))
            m_docks->takeRemembered();
        else
            m_docks->reset();
    }
    if (const auto theme = m_settings->theme())
        m_shell->edit(Setting::Theme, [theme](ExplorerState& s) { s.theme = *theme; });
    m_shell->applyTheme();
    // What the workspace holds already; what comes later is heard of.
    m_centre->showAll();
    m_strip->showPhoto();
    m_actions->refresh();
    m_workspace.explorer().undoStack()->clear(); // what was restored is where undo begins
    m_sessionFile->takeAsSaved({});
}

void MainWindow::start(const QString& photo, const QString& session, const QString& pair,
    const std::optional<PictureSize>& pairSize, const NpyReading& arrays)
{
    m_workspace.explorer().loadModels();
    for (const auto& tab : m_tabs)
        tab->started();
    if (!pair.isEmpty())
        m_workspace.explorer().openPair(photo, pair, pairSize, arrays);
    else if (!session.isEmpty())
        openSession(session);
    else
        openPath(photo.isEmpty() ? firstPhoto(m_shell->options().photosFolder) : photo);
}

void MainWindow::openPath(const QString& path)
{
    m_files->openPath(path);
}

void MainWindow::openSession(const QString& path)
{
    m_sessionFile->open(path);
}

const QString& MainWindow::sessionPath() const
{
    return m_sessionFile->path();
}

void MainWindow::setThemeKind(ThemeKind kind)
{
    m_shell->edit(Setting::Theme, [kind](ExplorerState& s) { s.theme = kind; });
    m_workspace.explorer().undoStack()->clear();
}

void MainWindow::showTab(const QString& id)
{
    if (const Tab* wanted = tab(id)) {
        QDockWidget* dock = dockOf(*wanted);
        dock->show();
        dock->raise();
    }
}

bool MainWindow::settled() const
{
    return m_workspace.settled() && m_strip->settled();
}

bool MainWindow::showsStale() const
{
    return m_stale->isStale();
}

ModelsDialog* MainWindow::modelManager() const
{
    return m_models->manager();
}

void MainWindow::saveWindowPicture(const QString& path)
{
    m_pictures->saveWindow(path);
}

QStringList MainWindow::saveViews(const QString& folder)
{
    return m_pictures->saveViews(folder);
}

Tab* MainWindow::tab(const QString& id) const
{
    const auto found = std::find_if(
        m_tabs.begin(), m_tabs.end(), [&id](const auto& one) { return one->id() == id; });
    return found == m_tabs.end() ? nullptr : found->get();
}

QDockWidget* MainWindow::dockOf(const Tab& tab) const
{
    return qobject_cast<QDockWidget*>(tab.widget()->parentWidget());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_shell->asking() || !m_sessionFile->mayStopWork() || !m_sessionFile->mayLeave()) {
        event->ignore();
        return;
    }
    for (const auto& tab : m_tabs)
        tab->giveRoomBack();
    m_settings->store(*this, m_workspace.explorer().state().theme);
    m_workspace.cancel();
    event->accept();
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    m_docks->windowShown();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.first().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    m_files->drop(event);
}

} // namespace crossiter::ui
