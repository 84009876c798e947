#include "ui/window/DockLayout.h"

#include <QDockWidget>
#include <QLayout>
#include <QMainWindow>

#include <algorithm>
#include <utility>

namespace crossiter::ui {

namespace {

constexpr int kLowWindow = 800; // px: a row of photos of their own would squeeze the pictures

// Places in m_docks.
constexpr int kSettings = 0;
constexpr int kPredictions = 1;
constexpr int kFirstTab = 2;
constexpr int kPhotos = 3;
constexpr int kFurtherTabs = 4;

} // namespace

DockLayout::DockLayout(QMainWindow& window)
    : m_window(window)
{
}

QDockWidget* DockLayout::add(const QString& title, const QString& name, QWidget* content)
{
    auto* made = new QDockWidget(title, &m_window);
    made->setObjectName(name);
    made->setWidget(content);
    made->setAccessibleName(title);
    m_docks << made;
    return made;
}

QDockWidget* DockLayout::dock(const QString& name) const
{
    const auto found = std::ranges::find_if(
        m_docks, [&name](const QDockWidget* dock) { return dock->objectName() == name; });
    return found == m_docks.end() ? nullptr : *found;
}

void DockLayout::reset()
{
    for (const Qt::Corner corner : { Qt::TopLeftCorner, Qt::BottomLeftCorner })
        m_window.setCorner(corner, Qt::LeftDockWidgetArea);
    for (const Qt::Corner corner : { Qt::TopRightCorner, Qt::BottomRightCorner })
        m_window.setCorner(corner, Qt::RightDockWidgetArea);
    const auto areaOf = [](int dock) {
        return dock == kSettings   ? Qt::LeftDockWidgetArea
            : dock == kPredictions ? Qt::RightDockWidgetArea
                                   : Qt::BottomDockWidgetArea;
    };
    // Side by side the docks are wider than a small screen: the window must not follow them before
    // they lie behind each other.
    m_window.layout()->setEnabled(false);
    for (int i = 0; i < m_docks.size(); ++i) {
        m_docks[i]->setFloating(false);
        m_window.addDockWidget(areaOf(i), m_docks[i]);
        m_docks[i]->show();
    }
    m_window.splitDockWidget(m_docks[kFirstTab], m_docks[kPhotos], Qt::Vertical);
    for (int i = kFurtherTabs; i < m_docks.size(); ++i)
        m_window.tabifyDockWidget(m_docks[i == kFurtherTabs ? kFirstTab : i - 1], m_docks[i]);
    m_docks[kFirstTab]->raise();
    m_window.layout()->setEnabled(true);
    m_window.layout()->activate();
    fit();
}

void DockLayout::windowShown()
{
    if (!m_laidOut) {
        m_laidOut = true;
        fit();
    }
}

void DockLayout::fit()
{
    // Before it is shown it has no size of its own.
    const bool low = m_window.isVisible() && m_window.height() < kLowWindow;
    if (low) {
        const auto front = std::find_if(m_docks.begin() + kFurtherTabs, m_docks.end(),
            [](const QDockWidget* dock) { return !dock->visibleRegion().isEmpty(); });
        m_window.tabifyDockWidget(m_docks.last(), m_docks[kPhotos]);
        (front == m_docks.end() ? m_docks[kFirstTab] : *front)->raise();
    }
    // The pictures get what is left: on a small screen the plot gives way first.
    m_window.resizeDocks({ m_docks[kSettings], m_docks[kPredictions] },
        { 226, std::clamp(m_window.width() / 4, 320, 420) }, Qt::Horizontal);
    if (!low) { // else the tabs keep their least height, and the pictures get the photos' row
        m_window.resizeDocks({ m_docks[kFirstTab], m_docks[kPhotos] },
            { std::clamp(m_window.height() * 2 / 5 - 100, 170, 420), 104 }, Qt::Vertical);
    }
}

// Not by saveState and restoring it: on a visible window Qt 6.4 goes through a set of tab bars that
// showing one of them may replace (it ended in a crash once in some twenty minutes).
void DockLayout::setLarge(QDockWidget* own, bool large)
{
    if (!large) {
        giveBack(own);
        return;
    }
    const QList<QDockWidget*> tabs = m_window.tabifiedDockWidgets(own);
    m_beside.clear();
    for (QDockWidget* other : std::as_const(m_docks))
        if (!other->isHidden() && !other->isFloating())
            m_beside.append({ other, other->size() });
    for (const DockSize& beside : std::as_const(m_beside))
        if (beside.dock != own && !tabs.contains(beside.dock))
            beside.dock->hide();
    m_window.centralWidget()->hide();
}

void DockLayout::giveBack(QDockWidget* own)
{
    QDockWidget* front = own;
    for (QDockWidget* tab : m_window.tabifiedDockWidgets(own)) {
        // A tab behind another one is visible too, at a place outside of the window.
        front = tab->visibleRegion().isEmpty() ? front : tab;
    }
    m_window.centralWidget()->show();
    QList<QDockWidget*> docks;
    QList<int> widths;
    QList<int> heights;
    for (const DockSize& beside : std::exchange(m_beside, {})) {
        if (!beside.dock->isFloating()) {
            beside.dock->show();
            docks << beside.dock;
            widths << beside.size.width();
            heights << beside.size.height();
        }
    }
    m_window.layout()->activate(); // all have their places before they have their sizes
    m_window.resizeDocks(docks, widths, Qt::Horizontal);
    m_window.resizeDocks(docks, heights, Qt::Vertical);
    front->raise();
}

} // namespace crossiter::ui
