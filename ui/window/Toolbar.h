#pragma once

#include <QObject>

#include <cstddef>

class QMainWindow;
class QMenu;
class QPushButton;
class QToolBar;
class QToolButton;

namespace crossiter::ui {

class Actions;
class FittingLabel;
class Shell;

/// The row at the top: which photo, which networks, which device, Run and Export. What it does is
/// what the actions of the same names do.
class Toolbar : public QObject
{
    Q_OBJECT

public:
    /// The actions' menus are there already. All three outlive this.
    Toolbar(Shell& shell, Actions& actions, QMainWindow& window);

    void show(); ///< everything as it is now

private:
    QToolButton* toolButton(const QString& text, const QString& help, const char* name);
    void build(QMainWindow& window);
    void buildChoices();
    void arrange();
    void fillSourceMenu(int source);
    void fillNetworks(QMenu* menu, std::size_t at);
    void fillDeviceMenu();
    void showSources();
    void showPhotoName();
    void showRun();
    void trigger(const char* action);

    Shell& m_shell;
    Actions& m_actions;
    QToolBar* m_toolbar = nullptr;
    QToolButton* m_previous = nullptr;
    QToolButton* m_next = nullptr;
    QToolButton* m_open = nullptr;
    FittingLabel* m_photoName = nullptr;
    QToolButton* m_sourceButtons[2] = {};
    QToolButton* m_moreSources = nullptr;
    QToolButton* m_device = nullptr;
    QToolButton* m_export = nullptr;
    QPushButton* m_run = nullptr;
};

} // namespace crossiter::ui
