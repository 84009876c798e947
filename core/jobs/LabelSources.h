#pragma once

#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace crossiter {

/// Where the true labels and the targets of a job's images come from; see resolveTrueLabel.
struct LabelSources
{
    std::optional<int> trueLabel; ///< for all images
    std::filesystem::path labelsCsv; ///< empty: none
    std::filesystem::path targetsCsv; ///< empty: request.target, if any
    /// Called by a job, before any network is loaded, with how the tables and its images met.
    std::function<void(const LabelReport&)> onMatched;

    void tell(const LabelReport& report) const
    {
        if (onMatched && !report.empty())
            onMatched(report);
    }
};

} // namespace crossiter
