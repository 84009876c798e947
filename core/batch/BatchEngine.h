#pragma once

#include "core/attack/AttackRequest.h"
#include "core/batch/TournamentPlan.h"
#include "core/image/Image.h"
#include "core/report/ReferenceTable.h"

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// What a tournament needs of the engine; core/jobs/BatchJobs.h connects them. Each function may
/// throw Error: BadInput is a fault of the image at hand, anything else ends the tournament.
struct BatchEngine
{
    /// The picture that is exported (saved and clipped to the budget), 299x299. Nothing: stopped.
    std::function<std::optional<Image>(
        const AttackRequest& request, const Image& clean, const std::stop_token& stop)>
        attack;
    /// A label for each picture, in order. Nothing: stopped. With batch statistics 16 pictures are
    /// one call (fewer at the end), else one.
    std::function<std::optional<std::vector<int>>(const TournamentPlan& plan,
        const PlanDefense& defense, const std::vector<Image>& images, const std::stop_token& stop)>
        defend;
    /// Before any work: throws when a network of the plan is not there.
    std::function<void(const TournamentPlan& plan)> check;
    /// SHA-256 of the weights by id, for the report.
    std::function<std::map<std::string, std::string>(const std::vector<std::string>& ids)> weights;
    std::string version; ///< of CrossIter
    std::string device = "cpu"; ///< kind of what really computes: "cpu", "cuda"
    std::vector<ReferenceTable> published; ///< that the report compares with
};

} // namespace crossiter
