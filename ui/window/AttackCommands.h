#pragma once

#include "ui/window/WindowParts.h"

#include <QObject>

class QMenu;

namespace crossiter::ui {

class DockLayout;
class ExplorerSession;

/// The Attack menu.
class AttackCommands : public QObject
{
    Q_OBJECT

public:
    AttackCommands(const WindowParts& parts, const DockLayout& docks);

    void addActions();
    /// Of a pair's clean picture too: the picture made elsewhere gives way.
    static void run(ExplorerSession& session);

private:
    void addRun();
    void addChanges();

    WindowParts m_parts;
    const DockLayout& m_docks;
    QMenu* m_menu = nullptr;
};

} // namespace crossiter::ui
