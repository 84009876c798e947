#include "core/jobs/PredictFiles.h"

#include "core/base/Error.h"

#include <chrono>
#include <optional>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

PredictReport predictFiles(
    Engine& engine, const PredictJob& job, const ProgressSink& progress, std::stop_token stop)
{
    engine.requireModels(job.request.models);
    PredictReport report;
    const auto started = Clock::now();
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
            loaded = loaded
                || engine.load(
                    job.request.models, job.request.numerics, job.request.device, progress, stop);
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
        if (progress) {
            const auto done = static_cast<double>(report.images.size());
            const auto left = static_cast<double>(job.images.size()) - done;
            progress({ "predicting", report.images.size(), job.images.size(),
                secondsSince(started) / done * left });
        }
    }
    return report;
}

} // namespace crossiter
