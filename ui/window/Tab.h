#pragma once

#include "ui/window/Origin.h"
#include "ui/window/WindowParts.h"

#include <QImage>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <vector>

class QWidget;

namespace crossiter::ui {

struct Theme;

/// Files that a tab has written of what it shows, and what writes their provenance.
struct SavedViews
{
    QStringList paths;
    std::function<void()> explain;
};

/// A tab at the bottom of the window: a panel, its actions, and what both do with the rest of the
/// window. The window gives it a dock, shows it by its name (--tab) and asks it what to export.
class Tab : public QObject
{
    Q_OBJECT

public:
    [[nodiscard]] virtual QString id() const = 0; ///< as its TabMaker says: "defense"
    [[nodiscard]] virtual QString title() const = 0; ///< of the dock
    [[nodiscard]] virtual QWidget* widget() const = 0; ///< goes with the window
    virtual void setTheme(const Theme& theme) = 0;

    /// Its menu, and what it adds to others. Once; Edit and Export are there already.
    virtual void addActions() { }
    virtual void setOnScreen(bool onScreen) { static_cast<void>(onScreen); } ///< in front of others
    virtual void started() { } ///< the window is there: what an earlier start left may be offered
    /// It has taken room of others: gives it back, for the layout is to be remembered.
    virtual void giveRoomBack() { }

    /// What is copied and exported where the focus is `focus`: widget() or a widget in it. Null:
    /// nothing of its own, the picture of the explorer stands for it.
    [[nodiscard]] virtual QImage picture(const QWidget* focus) = 0;
    [[nodiscard]] virtual Origin origin(const QWidget* focus) = 0; ///< of that picture
    /// Its figures of the shown photo as files whose names begin with `base`. Throws Error.
    virtual QList<SavedViews> saveViews(const QString& base)
    {
        static_cast<void>(base);
        return {};
    }
};

struct TabMaker
{
    QString id; ///< lower-case ASCII; its dock is called "dock" and the id with a capital
    std::function<std::unique_ptr<Tab>(const WindowParts& parts)> make;
};

/// The window's own tabs, from left to right.
[[nodiscard]] std::vector<TabMaker> standardTabs();
/// Their names for the command line.
[[nodiscard]] QStringList tabNames(const std::vector<TabMaker>& tabs);

} // namespace crossiter::ui
