#include "ui/window/JudgeList.h"

#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/ModelListModel.h"

#include <QCoreApplication>

#include <algorithm>

namespace crossiter::ui {

namespace {

struct Words // their translations' context
{
    Q_DECLARE_TR_FUNCTIONS(JudgeList)
};

} // namespace

JudgeList judgesOf(const ExplorerSession& session, const Theme& theme)
{
    const auto trace = session.trace();
    const AttackRequest request = trace ? trace->request : session.request();
    JudgeList list;
    for (const std::string& id : request.judges) {
        const auto source = std::ranges::find(request.sources, id);
        const int index = source == request.sources.end()
            ? -1
            : static_cast<int>(source - request.sources.begin());
        list.ids << QString::fromStdString(id);
        list.names << session.modelName(id);
        if (const StoredModel* model = findModel(session.models(), id))
            list.names.last() = modelTitle(model->manifest);
        list.roles << (index < 0 ? Words::tr("judge") : Words::tr("source %1").arg(index + 1));
        list.colors << theme.sourceColor(index);
        list.indices << index;
    }
    for (const QString& name : list.names)
        list.shortNames << shortModelName(name, list.names);
    return list;
}

} // namespace crossiter::ui
