#pragma once

// Private to core/engine: a picture that another program made, judged beside the clean one.

#include "core/attack/AttackTrace.h"
#include "core/base/Progress.h"
#include "core/engine/LoadedModels.h"

#include <memory>
#include <stop_token>
#include <string>

namespace crossiter {

/// Engine::tracePair, which says what goes in and comes out. request outlives this.
class PairJudge
{
public:
    PairJudge(LoadedModels& models, const AttackRequest& request)
        : m_models(models)
        , m_request(request)
    {
    }

    [[nodiscard]] std::shared_ptr<const AttackTrace> judge(const Image& clean, const Image& other,
        const std::string& name, const ProgressSink& progress, const std::stop_token& stop);

private:
    LoadedModels& m_models;
    const AttackRequest& m_request;
};

} // namespace crossiter
