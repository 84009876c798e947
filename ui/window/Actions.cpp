#include "ui/window/Actions.h"

#include "ui/session/Workspace.h"

#include <QAction>
#include <QCoreApplication>
#include <QMenu>
#include <QMenuBar>
#include <QUndoStack>

#include <algorithm>

namespace crossiter::ui {

Actions::Actions(QMenuBar& bar, Workspace& workspace)
    : m_bar(bar)
{
    const auto follow = [this](auto* sender, auto signal) {
        connect(sender, signal, this, &Actions::refresh);
    };
    ExplorerSession* explorer = &workspace.explorer();
    follow(explorer, &ExplorerSession::stateChanged);
    follow(explorer, &ExplorerSession::photoChanged);
    follow(explorer, &ExplorerSession::labelChanged);
    follow(explorer, &ExplorerSession::traceChanged);
    follow(explorer, &ExplorerSession::runningChanged);
    follow(explorer, &ExplorerSession::photoLoading);
    follow(explorer, &ExplorerSession::modelsLoaded);
    follow(explorer, &ExplorerSession::modelsChanged);
    follow(explorer, &ExplorerSession::exportingChanged);
    follow(explorer->undoStack(), &QUndoStack::indexChanged);
    DefenseSession* defense = &workspace.defense();
    follow(defense, &DefenseSession::sweepChanged);
    follow(defense, &DefenseSession::sweepingChanged);
    follow(defense, &DefenseSession::folderChanged);
}

QMenu* Actions::addMenu(const char* name, const QString& title, QMenu* in)
{
    QMenu* menu = in != nullptr ? in->addMenu(title) : m_bar.addMenu(title);
    menu->setObjectName(QLatin1String(name));
    return menu;
}

QMenu* Actions::menu(const char* name) const
{
    return m_bar.findChild<QMenu*>(QLatin1String(name));
}

QAction* Actions::add(QMenu* menu, const char* name, const ActionUse& use)
{
    const ActionText* text = findActionText(name);
    Q_ASSERT_X(text != nullptr, "Actions::add", name);
    if (text == nullptr)
        return add(menu, name, QString::fromLatin1(name), {}, {}, use);
    const auto translated = [](const char* words) {
        return QCoreApplication::translate("crossiter::ui::Actions", words);
    };
    return add(menu, name, translated(text->text), QString::fromLatin1(text->key),
        translated(text->help), use);
}

QAction* Actions::add(QMenu* menu, const char* name, const QString& text, const QString& key,
    const QString& help, const ActionUse& use)
{
    auto* made = new QAction(text, menu);
    made->setObjectName(QString::fromLatin1(name));
    made->setShortcut(QKeySequence(key));
    made->setStatusTip(help);
    made->setWhatsThis(help);
    made->setToolTip(help);
    made->setCheckable(static_cast<bool>(use.checkedWhen));
    if (use.run)
        connect(made, &QAction::triggered, this, [run = use.run] { run(); });
    QAction* next = use.before != nullptr ? action(use.before) : nullptr;
    menu->insertAction(next, made); // null: at the end
    m_all.insert(next != nullptr ? m_all.indexOf(next) : m_all.size(), made);
    if (use.enabledWhen || use.checkedWhen)
        m_conditions.push_back({ made, use.enabledWhen, use.checkedWhen });
    return made;
}

void Actions::addMade(QMenu* menu, QAction* action)
{
    menu->addAction(action);
    m_all << action;
}

void Actions::forget(QAction* action)
{
    m_all.removeAll(action);
    std::erase_if(m_conditions, [action](const Conditions& c) { return c.action == action; });
}

QAction* Actions::action(const char* name) const
{
    const auto found = std::ranges::find_if(
        m_all, [name](const QAction* one) { return one->objectName() == QLatin1String(name); });
    return found == m_all.end() ? nullptr : *found;
}

void Actions::refresh()
{
    for (const Conditions& one : m_conditions) {
        if (one.enabledWhen)
            one.action->setEnabled(one.enabledWhen());
        if (one.checkedWhen)
            one.action->setChecked(one.checkedWhen());
    }
}

} // namespace crossiter::ui
