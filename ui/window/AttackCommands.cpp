#include "ui/window/AttackCommands.h"

#include "ui/views/explore/PhotoPanel.h"
#include "ui/window/Actions.h"
#include "ui/window/DockLayout.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QDockWidget>
#include <QMenu>

#include <algorithm>

namespace crossiter::ui {

AttackCommands::AttackCommands(const WindowParts& parts, const DockLayout& docks)
    : m_parts(parts)
    , m_docks(docks)
{
}

void AttackCommands::run(ExplorerSession& session)
{
    if (session.showsPair() && !session.outdated()) // a stopped series goes on
        session.leavePair();
    session.run();
}

void AttackCommands::addActions()
{
    m_menu = m_parts.actions.addMenu("attackMenu", tr("&Attack"));
    addRun();
    m_menu->addSeparator();
    addChanges();
}

void AttackCommands::addRun()
{
    Actions& actions = m_parts.actions;
    ExplorerSession* session = &m_parts.shell.explorer();
    actions.add(m_menu, "run",
        { [session] { run(*session); },
            [session] { return session->hasPhoto() && !session->running(); } });
    actions.add(m_menu, "cancel",
        { [session] {
             if (session->running() || !session->exporting()) {
                 session->cancel();
             } else {
                 session->cancelExport();
             }
         },
            [session] { return session->running() || session->exporting(); } });
    QAction* automatic = actions.add(m_menu, "automatic", {});
    automatic->setCheckable(true);
    automatic->setChecked(true);
    connect(automatic, &QAction::toggled, session, &ExplorerSession::setAutomatic);
}

void AttackCommands::addChanges()
{
    Actions& actions = m_parts.actions;
    Shell* shell = &m_parts.shell;
    actions.add(m_menu, "moreRounds", { [shell] {
        shell->edit(
            Setting::Rounds,
            [](ExplorerState& s) { s.attack.rounds = std::min(1000, s.attack.rounds + 1); });
    } });
    actions.add(m_menu, "fewerRounds", { [shell] {
        shell->edit(
            Setting::Rounds,
            [](ExplorerState& s) { s.attack.rounds = std::max(0, s.attack.rounds - 1); });
    } });
    actions.add(m_menu, "swapSources", { [shell] {
        shell->edit(Setting::Sources, [](ExplorerState& s) {
            std::reverse(s.attack.sources.begin(), s.attack.sources.end());
        });
    } });
    actions.add(m_menu, "setTrueLabel", { [this] {
        m_docks.docks().first()->show(); // the settings
        m_parts.photo.focusTrueLabel();
    } });
}

} // namespace crossiter::ui
