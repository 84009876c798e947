#include "ui/plot/TrajectoryData.h"

#include "ui/session/ModelChoice.h"

#include <algorithm>

namespace crossiter::ui {

int TrajectoryData::lastComputed() const
{
    return trace == nullptr ? 0 : std::max(0, static_cast<int>(trace->subSteps.size()) - 1);
}

QString TrajectoryData::nameOf(const std::string& id) const
{
    const QString text = QString::fromStdString(id);
    return names.value(static_cast<int>(ids.indexOf(text)), text);
}

int TrajectoryData::sourceIndexOf(const std::string& id) const
{
    return indexAmong(trace->request.sources, id);
}

} // namespace crossiter::ui
