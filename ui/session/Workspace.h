#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/LeakSession.h"
#include "ui/session/StoreKeeper.h"
#include "ui/session/StudySession.h"

#include <memory>

namespace crossiter::ui {

/// Everything behind the window: the engine, the model store and the five sessions that share its
/// networks. Made before the window and gone after it. None of its parts owns another one.
class Workspace
{
public:
    explicit Workspace(std::shared_ptr<Engine> engine); ///< not null
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    [[nodiscard]] const std::shared_ptr<Engine>& engine() const { return m_engine; }
    [[nodiscard]] StoreKeeper& storeKeeper() { return m_storeKeeper; }
    [[nodiscard]] ExplorerSession& explorer() { return m_explorer; }
    [[nodiscard]] DefenseSession& defense() { return m_defense; }
    [[nodiscard]] LeakSession& leaks() { return m_leaks; }
    [[nodiscard]] StudySession& study() { return m_study; }
    [[nodiscard]] BatchSession& batch() { return m_batch; }

    /// Nothing is computed, loaded or written, or about to be. Work on the model store does not
    /// count: nothing that is shown waits for it.
    [[nodiscard]] bool settled() const;
    /// Asks what is computed or run to stop; what is there already stays.
    void cancel();

private:
    // From the last to the first they go: each one's threads have ended before what its jobs use
    // goes. The three after the explorer follow it, and hear of it for the last time while they
    // are still whole.
    std::shared_ptr<Engine> m_engine;
    StoreKeeper m_storeKeeper;
    ExplorerSession m_explorer;
    DefenseSession m_defense;
    LeakSession m_leaks;
    StudySession m_study;
    BatchSession m_batch;
};

} // namespace crossiter::ui
