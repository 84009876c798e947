#include "ui/window/Tab.h"

#include "ui/window/BatchTab.h"
#include "ui/window/DefenseTab.h"
#include "ui/window/LeakingTab.h"
#include "ui/window/TrajectoryTab.h"

namespace crossiter::ui {

namespace {

template <typename OneTab>
TabMaker maker(const char* id)
{
    return { QString::fromLatin1(id),
        [](const WindowParts& parts) { return std::make_unique<OneTab>(parts); } };
}

} // namespace

std::vector<TabMaker> standardTabs()
{
    return {
        maker<TrajectoryTab>("trajectory"),
        maker<LeakingTab>("leaking"),
        maker<DefenseTab>("defense"),
        maker<BatchTab>("batch"),
    };
}

QStringList tabNames(const std::vector<TabMaker>& tabs)
{
    QStringList names;
    for (const TabMaker& tab : tabs)
        names << tab.id;
    return names;
}

} // namespace crossiter::ui
