#pragma once

// Private to core/engine: pictures that another program made, judged beside the clean one.

#include "core/attack/AttackTrace.h"
#include "core/base/Progress.h"
#include "core/engine/LoadedModels.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Engine::traceElsewhere, which says what goes in and comes out. request outlives this.
class PairJudge
{
public:
    PairJudge(LoadedModels& models, const AttackRequest& request)
        : m_models(models)
        , m_request(request)
    {
    }

    [[nodiscard]] std::shared_ptr<const AttackTrace> judge(const Image& clean,
        const std::vector<OtherPicture>& pictures, const std::string& name,
        const std::shared_ptr<const AttackTrace>& previous, const SubStepSink& onSubStep,
        const ProgressSink& progress, const std::stop_token& stop);

private:
    LoadedModels& m_models;
    const AttackRequest& m_request;
};

} // namespace crossiter
