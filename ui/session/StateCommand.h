#pragma once

#include "ui/session/ExplorerSession.h"

#include <QUndoCommand>

#include <chrono>

namespace crossiter::ui {

/// One undo step: the settings before and after. The shown sub-step is no setting: it stays.
class StateCommand : public QUndoCommand
{
public:
    /// dragging: the change belongs to a slider that is held.
    StateCommand(ExplorerSession& session, ExplorerState before, ExplorerState after,
        Setting setting, bool dragging);

    void undo() override { m_session.apply(m_before); }
    void redo() override { m_session.apply(m_after); }
    [[nodiscard]] int id() const override { return static_cast<int>(m_setting) + 1; }
    /// Joins changes of one continuous setting within one drag, or in quick succession.
    bool mergeWith(const QUndoCommand* other) override;

private:
    ExplorerSession& m_session;
    ExplorerState m_before;
    ExplorerState m_after;
    Setting m_setting;
    bool m_dragging;
    std::chrono::steady_clock::time_point m_at = std::chrono::steady_clock::now();
};

/// "Change epsilon", for the Edit menu.
[[nodiscard]] QString settingText(Setting setting);

} // namespace crossiter::ui
