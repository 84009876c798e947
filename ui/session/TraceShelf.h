#pragma once

#include "core/attack/AttackTrace.h"

#include <memory>
#include <vector>

namespace crossiter::ui {

/// Traces of one photo, at most 24, the oldest given up first; of attacks that differ in rounds
/// alone only the longest.
class TraceShelf
{
public:
    void keep(const std::shared_ptr<const AttackTrace>& trace);
    /// One of this attack with any number of rounds; null: none.
    [[nodiscard]] std::shared_ptr<const AttackTrace> find(const AttackRequest& request) const;
    void clear() { m_traces.clear(); } ///< another photo

private:
    std::vector<std::shared_ptr<const AttackTrace>> m_traces; ///< newest last
};

} // namespace crossiter::ui
