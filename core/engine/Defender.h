#pragma once

// Private to core/engine: what models say behind a defense, and the picture that they see.

#include "core/base/Progress.h"
#include "core/defense/DefendResult.h"
#include "core/engine/LoadedModels.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace crossiter {

/// Engine::defend and Engine::defendedPicture, which say shapes, ranges and errors. Thread-safe.
class Defender
{
public:
    explicit Defender(LoadedModels& models)
        : m_models(models)
    {
    }

    [[nodiscard]] std::shared_ptr<const DefendResult> defend(const DefendRequest& request,
        const std::vector<Image>& images, const ProgressSink& progress,
        const std::stop_token& stop);
    [[nodiscard]] Image picture(const DefenseRequest& defense, const Image& image, int draw);

private:
    LoadedModels& m_models;
};

} // namespace crossiter
