#pragma once

namespace crossiter::ui {

class Actions;
class AttackPanel;
class Centre;
class PhotoPanel;
class PredictionsPanel;
class Shell;
class StaleMark;
class WindowSettings;

/// What the tabs and commands of the window may use of each other. All of it outlives them.
struct WindowParts
{
    Shell& shell;
    Actions& actions;
    WindowSettings& settings;
    StaleMark& stale;
    Centre& centre;
    PhotoPanel& photo;
    AttackPanel& attack;
    PredictionsPanel& predictions;
};

} // namespace crossiter::ui
