#pragma once

#include <QList>
#include <QSize>
#include <QString>

class QDockWidget;
class QMainWindow;
class QWidget;

namespace crossiter::ui {

/// Where the docks of the window stand: settings on the left, predictions on the right, below the
/// tabs and the photos.
class DockLayout
{
public:
    explicit DockLayout(QMainWindow& window); ///< which outlives this

    /// The first four: settings, predictions, the first tab, photos. All others are further tabs.
    /// name: its objectName, what the remembered layout knows it by.
    QDockWidget* add(const QString& title, const QString& name, QWidget* content);
    [[nodiscard]] const QList<QDockWidget*>& docks() const { return m_docks; }
    [[nodiscard]] QDockWidget* dock(const QString& name) const; ///< null: there is none

    void reset(); ///< every dock to its place, the first tab in front
    /// Once the window has the size that it was asked to have. Nothing where the sizes are
    /// remembered ones, and nothing a second time.
    void windowShown();
    void takeRemembered() { m_laidOut = true; }

    /// `own` gets the whole window; false: the others get back what they had.
    void setLarge(QDockWidget* own, bool large);

private:
    void fit();
    void giveBack(QDockWidget* own);

    struct DockSize
    {
        QDockWidget* dock = nullptr;
        QSize size;
    };

    QMainWindow& m_window;
    QList<QDockWidget*> m_docks;
    QList<DockSize> m_beside; ///< what stood beside the large one before it took the window
    bool m_laidOut = false;
};

} // namespace crossiter::ui
