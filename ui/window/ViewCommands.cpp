#include "ui/window/ViewCommands.h"

#include "ui/dialogs/KeysDialog.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/DockLayout.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QActionGroup>
#include <QDockWidget>
#include <QMenu>
#include <QMessageBox>
#include <QWhatsThis>

#include <algorithm>

namespace crossiter::ui {

ViewCommands::ViewCommands(const WindowParts& parts, DockLayout& docks)
    : m_parts(parts)
    , m_docks(docks)
{
}

void ViewCommands::addActions()
{
    QMenu* menu = m_parts.actions.addMenu("viewMenu", tr("&View"));
    addSteps(menu);
    menu->addSeparator();
    addZoom(menu);
    addCompare(menu);
    addPerturbation(menu);
    menu->addSeparator();
    addPanels(menu);
    addThemes(menu);
    m_parts.actions.add(menu, "fullScreen", { [this] {
        QWidget& window = m_parts.shell.window();
        window.setWindowState(window.windowState() ^ Qt::WindowFullScreen);
    } });
}

void ViewCommands::stepBy(int by)
{
    ExplorerSession& session = m_parts.shell.explorer();
    session.setCurrentSubStep(session.currentSubStep() + by);
}

void ViewCommands::addSteps(QMenu* menu)
{
    Scrubber* scrubber = m_parts.centre.scrubber();
    const auto move = [this, menu](const char* name, const std::function<void()>& run) {
        m_parts.actions.add(
            menu, name, { run, [this] { return m_parts.shell.explorer().trace() != nullptr; } });
    };
    move(
        "previousSubStep", [this] { stepBy(-1); });
    move(
        "nextSubStep", [this] { stepBy(1); });
    move(
        "previousRound", [scrubber] { scrubber->previousRound(); });
    move(
        "nextRound", [scrubber] { scrubber->nextRound(); });
    move(
        "firstSubStep", [scrubber] { scrubber->first(); });
    move(
        "lastSubStep", [scrubber] { scrubber->last(); });
    move("play", [scrubber] { scrubber->togglePlay(); });
}

void ViewCommands::addZoom(QMenu* menu)
{
    ImagePanes* panes = m_parts.centre.panes();
    const auto zoom = [this, menu](const char* name, const std::function<void()>& run) {
        m_parts.actions.add(
            menu, name, { run, [this] { return m_parts.shell.explorer().hasPhoto(); } });
    };
    zoom(
        "zoomIn", [panes] { panes->zoomIn(); });
    zoom(
        "zoomOut", [panes] { panes->zoomOut(); });
    zoom(
        "zoomFit", [panes] { panes->zoomFit(); });
    zoom("zoomOne", [panes] { panes->zoomOneToOne(); });
}

void ViewCommands::addCompare(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    Shell* shell = &m_parts.shell;
    QMenu* compare = actions.addMenu("compareMenu", tr("Co&mpare"), menu);
    auto* group = new QActionGroup(compare);
    for (const QString& word : compareWords()) {
        group->addAction(actions.add(compare, qPrintable(QStringLiteral("compare-") + word),
            { [shell, word] {
                 shell->edit(
                     Setting::Compare, [&word](ExplorerState& s) { s.compare = word; });
             },
                {}, [shell, word] { return shell->explorer().state().compare == word; } }));
    }
    actions.add(compare, "showFloat",
        { [shell] {
             shell->edit(Setting::Compare, [](ExplorerState& s) { s.showFloat = !s.showFloat; });
         },
            {}, [shell] { return shell->explorer().state().showFloat; } });
}

void ViewCommands::addPerturbation(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    Shell* shell = &m_parts.shell;
    QMenu* modes = actions.addMenu("perturbationMenu", tr("P&erturbation"), menu);
    auto* group = new QActionGroup(modes);
    int number = 0;
    for (const PerturbationMode mode : { PerturbationMode::Signed, PerturbationMode::Magnitude,
             PerturbationMode::EpsilonNormalised }) {
        group->addAction(actions.add(modes,
            qPrintable(QStringLiteral("perturbation-%1").arg(number)),
            { [shell, mode] {
                 shell->edit(
                     Setting::Perturbation, [mode](ExplorerState& s) { s.perturbation = mode; });
             },
                {}, [shell, mode] { return shell->explorer().state().perturbation == mode; } }));
        ++number;
    }
    actions.add(modes, "moreGain", { [shell] {
        shell->edit(
            Setting::Perturbation,
            [](ExplorerState& s) { s.gain = std::min(255, s.gain + std::max(1, s.gain / 4)); });
    } });
    actions.add(modes, "lessGain", { [shell] {
        shell->edit(Setting::Perturbation,
            [](ExplorerState& s) { s.gain = std::max(1, s.gain - std::max(1, s.gain / 5)); });
    } });
}

void ViewCommands::addPanels(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    QMenu* panels = actions.addMenu("panelsMenu", tr("P&anels"), menu);
    int number = 0;
    for (QDockWidget* dock : m_docks.docks()) {
        ++number;
        QAction* action = dock->toggleViewAction();
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+Alt+%1").arg(number)));
        action->setWhatsThis(tr("Shows or hides this panel."));
        action->setStatusTip(action->whatsThis());
        action->setObjectName(QStringLiteral("panel%1").arg(number));
        actions.addMade(panels, action);
    }
    actions.add(panels, "resetLayout", { [this] { m_docks.reset(); } });
}

void ViewCommands::addThemes(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    Shell* shell = &m_parts.shell;
    QMenu* themes = actions.addMenu("themeMenu", tr("&Theme"), menu);
    auto* group = new QActionGroup(themes);
    int number = 0;
    for (const ThemeKind kind : { ThemeKind::System, ThemeKind::Light, ThemeKind::Dark }) {
        group->addAction(actions.add(themes, qPrintable(QStringLiteral("theme%1").arg(number)),
            { [shell, kind] {
                 shell->edit(Setting::Theme, [kind](ExplorerState& s) { s.theme = kind; });
             },
                {}, [shell, kind] { return shell->explorer().state().theme == kind; } }));
        ++number;
    }
}

void ViewCommands::addHelp()
{
    Actions& actions = m_parts.actions;
    QMenu* menu = actions.addMenu("helpMenu", tr("&Help"));
    actions.add(menu, "keys",
        { [this] { KeysDialog(m_parts.actions.all(), &m_parts.shell.window()).exec(); } });
    actions.add(menu, "whatsThis", { [] { QWhatsThis::enterWhatsThisMode(); } });
    actions.add(menu, "about", { [this] { showAbout(); } });
}

void ViewCommands::showAbout()
{
    QWidget& window = m_parts.shell.window();
    QMessageBox about(QMessageBox::NoIcon, tr("About CrossIter"),
        tr("<b>CrossIter %1</b><p>An explorer of cross-iterative adversarial attacks on "
           "image classifiers.</p>"
           "<p>Licence: GPL-3.0-or-later. NOTICE names every part.</p>")
            .arg(QString::fromLatin1(version())),
        QMessageBox::Ok, &window);
    about.setIconPixmap(window.windowIcon().pixmap(64));
    about.setTextFormat(Qt::RichText);
    about.exec();
}

} // namespace crossiter::ui
