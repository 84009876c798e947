#include "core/jobs/PredictFiles.h"

#include "core/base/Error.h"
#include "core/base/TimeLeft.h"

#include <optional>

namespace crossiter {

namespace fs = std::filesystem;

PredictReport predictFiles(
    Engine& engine, const PredictJob& job, const ProgressSink& progress, std::stop_token stop)
{
    engine.requireModels(job.request.models);
    PredictReport report;
    const Stopwatch started;
    bool loaded = false;
    for (const fs::path& path : job.images) {
        if (stop.stop_requested()) {
            report.cancelled = true;
            return report;
        }
        PredictedImage entry;
        entry.image = path;
        FoundProfile profile;
        if (const std::optional<Image> image =
                readOrExplain(path, job.read, entry.error, stop, &profile)) {
            if (job.read.colour == ColourRule::Srgb)
                entry.profileFault = profile.fault;
            // Not in a try: a network that cannot be loaded is no fault of the image.
            loaded = loaded || engine.load(job.request.models, job.request.compute, progress, stop);
            const auto result = loaded && !image->empty()
                ? engine.predict(job.request, { *image }, {}, stop)
                : nullptr;
            if (result == nullptr || result->cancelled) {
                report.cancelled = true;
                return report;
            }
            entry.predictions = result->predictions.front();
        }
        report.failed += entry.error.empty() ? 0 : 1;
        report.images.push_back(std::move(entry));
        const std::size_t done = report.images.size();
        if (progress)
            progress({ "predicting", done, job.images.size(),
                secondsLeft(started.seconds(), done, job.images.size() - done) });
    }
    return report;
}

} // namespace crossiter
