#pragma once

#include "ui/window/WindowParts.h"

#include <QObject>

class QMenu;

namespace crossiter::ui {

class DockLayout;

/// The View menu: sub-steps, zoom, comparison, panels, theme. And the Help menu.
class ViewCommands : public QObject
{
    Q_OBJECT

public:
    ViewCommands(const WindowParts& parts, DockLayout& docks); ///< which outlives this

    void addActions();
    void addHelp();

private:
    void addSteps(QMenu* menu);
    void addZoom(QMenu* menu);
    void addCompare(QMenu* menu);
    void addPerturbation(QMenu* menu);
    void addPanels(QMenu* menu);
    void addThemes(QMenu* menu);
    void stepBy(int by);
    void showAbout();

    WindowParts m_parts;
    DockLayout& m_docks;
};

} // namespace crossiter::ui
