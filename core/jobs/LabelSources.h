#pragma once

#include "core/base/Error.h"
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
    std::optional<int> base; ///< of both tables' numbers, 0 or 1; nothing: see parseLabelTable
    /// Called by a job, before any network is loaded, with how the tables and its images met.
    std::function<void(const LabelReport&)> onMatched;

    /// Throw Error(BadInput), and Error(Usage) for a base without a table; empty where no table was
    /// given.
    [[nodiscard]] LabelTable labels() const
    {
        if (base && labelsCsv.empty() && targetsCsv.empty())
            throw Error(ErrorKind::Usage, "a base without a table", "--label-base",
                "--labels CSV or --targets CSV with it", "neither");
        return readLabelTable(labelsCsv, base);
    }
    [[nodiscard]] LabelTable targets(const std::filesystem::path& input) const
    {
        return readTargetTable(targetsCsv, base, input);
    }

    void tell(const LabelReport& report) const
    {
        if (onMatched && !report.empty())
            onMatched(report);
    }
};

} // namespace crossiter
