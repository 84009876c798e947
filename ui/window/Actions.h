#pragma once

#include "ui/window/ActionTable.h"

#include <QList>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QAction;
class QMenu;
class QMenuBar;

namespace crossiter::ui {

class Workspace;

/// What an action does and when it can.
struct ActionUse
{
    std::function<void()> run; ///< when it is triggered; empty: connected by who adds it
    std::function<bool()> enabledWhen; ///< empty: always
    std::function<bool()> checkedWhen; ///< set: it has a check mark, which follows this
    const char* before = nullptr; ///< name of the action of the menu that follows it; null: last
};

/// Every menu and action of the window, known by name and never by its words. Words and keys come
/// from the table; whether an action is enabled or checked is asked whenever the workspace changes.
class Actions : public QObject
{
    Q_OBJECT

public:
    Actions(QMenuBar& bar, Workspace& workspace);

    /// in: null: the menu bar. name: its objectName.
    QMenu* addMenu(const char* name, const QString& title, QMenu* in = nullptr);
    [[nodiscard]] QMenu* menu(const char* name) const; ///< null: there is none

    /// The action of the table (findActionText), which must have it.
    QAction* add(QMenu* menu, const char* name, const ActionUse& use);
    /// One with words of its own, translated already; its help may be any text of a person's.
    QAction* add(QMenu* menu, const char* name, const QString& text, const QString& key,
        const QString& help, const ActionUse& use);
    void addMade(QMenu* menu, QAction* action); ///< made elsewhere, with its words
    void forget(QAction* action); ///< before it goes

    [[nodiscard]] QAction* action(const char* name) const; ///< null: there is none
    [[nodiscard]] const QList<QAction*>& all() const { return m_all; } ///< in the menus' order
    void refresh(); ///< asks every condition again

private:
    struct Conditions
    {
        QAction* action = nullptr;
        std::function<bool()> enabledWhen;
        std::function<bool()> checkedWhen;
    };

    QMenuBar& m_bar;
    QList<QAction*> m_all;
    std::vector<Conditions> m_conditions;
};

} // namespace crossiter::ui
