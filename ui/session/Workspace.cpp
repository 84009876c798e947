#include "ui/session/Workspace.h"

#include <utility>

namespace crossiter::ui {

Workspace::Workspace(std::shared_ptr<Engine> engine)
    : m_engine(std::move(engine))
    , m_storeKeeper(m_engine->storePaths())
    , m_explorer(m_engine)
    , m_defense(m_explorer)
    , m_leaks(m_explorer)
    , m_study(m_explorer)
    , m_batch(m_engine, {})
{
    QObject::connect(
        &m_storeKeeper, &StoreKeeper::storeChanged, &m_explorer, &ExplorerSession::reloadModels);
}

Workspace::~Workspace() = default;

bool Workspace::settled() const
{
    return m_explorer.settled() && m_defense.settled() && m_leaks.settled() && m_study.settled()
        && m_batch.settled();
}

void Workspace::cancel()
{
    m_explorer.cancel();
    m_defense.cancel();
    m_batch.cancel();
    m_study.cancel();
}

} // namespace crossiter::ui
