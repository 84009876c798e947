#pragma once

// Private to core/engine: sweeps, and the memory of what they have computed.

#include "core/base/Progress.h"
#include "core/defense/DefendResult.h"
#include "core/engine/CellMemory.h"
#include "core/engine/LoadedModels.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace crossiter {

/// Engine::sweep, which says shapes, ranges and errors. Thread-safe; keeps cells in its memory.
class Sweeper
{
public:
    explicit Sweeper(LoadedModels& models)
        : m_models(models)
    {
    }

    [[nodiscard]] std::shared_ptr<const SweepResult> sweep(const SweepRequest& request,
        const std::vector<SweepPicture>& pictures, const SweepSink& onCells,
        const ProgressSink& progress, const std::stop_token& stop);

private:
    LoadedModels& m_models;
    CellMemory m_memory;
};

} // namespace crossiter
