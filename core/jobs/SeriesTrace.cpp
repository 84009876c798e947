#include "core/jobs/SeriesTrace.h"

#include "core/base/Error.h"
#include "core/jobs/JobGuard.h"
#include "core/report/TraceExport.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// The photo at the size of the series; empty when stopped.
Image cleanOf(const SeriesJob& job, const std::stop_token& stop, FoundProfile& profile)
{
    const DecodeLimits limits;
    const TimeLimit time(limits.deadlineMs, stop);
    const Image photo = readImage(job.clean, job.read.rule(), limits, time, &profile);
    return photo.empty()
        ? Image()
        : toSize(photo, job.size.value_or(PictureSize()), job.read.crop, time, job.clean.string());
}

void guardSeries(
    const Engine& engine, const SeriesJob& job, const std::vector<OtherPicture>& pictures)
{
    if (job.outputDir.empty())
        return;
    std::error_code ignored;
    if (fs::equivalent(job.outputDir, job.series.path, ignored))
        throw Error(ErrorKind::BadInput, "the trace would lie among the series",
            job.outputDir.string(), "another folder for --output");
    const std::string stem = job.clean.stem().string();
    OutputGuard guard;
    guard.addPicture(job.clean);
    if (!fs::is_directory(job.series.path, ignored))
        guard.addInput(job.series.path, "the series");
    for (const OtherPicture& picture : pictures)
        guard.addPicture(picture.path, "a picture of the series,");
    addLabelFiles(guard, job.labels);
    addModelFiles(guard, engine, job.request.judges);
    const int last = static_cast<int>(kMaxSeriesPictures);
    guard.addOutputFolder(job.outputDir,
        [&](const std::string& name) { return stemOfTraceFile(name, last) == stem; });
    guard.addOutput(job.outputDir / (stem + ".trace.json"));
    guard.check();
    requireFileName(
        job.outputDir / (stem + ".sub-step-" + std::to_string(last) + ".png"), job.clean);
}

/// Sleeps for a moment. False: stopped.
bool pause(const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    return !wake.wait_for(lock, stop, SeriesWatcher::kPause, [] { return false; })
        && !stop.stop_requested();
}

/// Judges the series as it grows.
class Watch
{
public:
    Watch(Engine& engine, const SeriesJob& job, Image clean, const SubStepSink& onSubStep,
        const ProgressSink& progress)
        : m_engine(engine)
        , m_job(job)
        , m_clean(std::move(clean))
        , m_onSubStep(onSubStep)
        , m_progress(progress)
        , m_files(job.series)
    {
    }

    void go(SeriesReport& report, const std::stop_token& stop)
    {
        do {
            if (m_files.look(stop) || (!m_trace && !m_files.pictures().empty()))
                judge(stop);
            const std::size_t done = m_trace ? m_trace->subSteps.size() - 1 : 0;
            if (m_job.steps > 0 && done >= m_job.steps)
                break;
            if (m_progress)
                m_progress({ m_files.waitingFor().empty() ? "waiting for the next picture"
                                                          : m_files.waitingFor(),
                    done, m_job.steps, -1.0 });
        } while (pause(stop));
        guardSeries(m_engine, m_job, m_files.pictures()); // they were not known before
        report.cancelled = stop.stop_requested();
        report.waitedFor = m_files.waitingFor();
        report.trace = m_trace;
    }

private:
    void judge(const std::stop_token& stop)
    {
        std::vector<OtherPicture> pictures = m_files.pictures();
        if (m_job.steps > 0 && pictures.size() > m_job.steps)
            pictures.resize(m_job.steps);
        requireSeriesSize(pictures, m_job.size);
        const auto told = [this](const std::shared_ptr<const SubStep>& subStep) {
            const auto at = static_cast<std::size_t>(subStep->index);
            const bool known =
                m_trace && at < m_trace->subSteps.size() && m_trace->subSteps[at] == subStep;
            if (m_onSubStep && !known)
                m_onSubStep(subStep);
        };
        const auto trace = m_engine.traceElsewhere(m_job.request, m_clean, pictures,
            m_job.series.path.filename().string(), m_trace, told, m_progress, stop);
        if (!trace)
            return;
        auto whole = std::make_shared<AttackTrace>(*trace);
        whole->cancelled = false; // a watched series ends where it is told to
        m_trace = whole;
    }

    Engine& m_engine;
    const SeriesJob& m_job;
    Image m_clean;
    const SubStepSink& m_onSubStep;
    const ProgressSink& m_progress;
    SeriesWatcher m_files;
    std::shared_ptr<const AttackTrace> m_trace;
};

} // namespace

SeriesReport traceSeries(Engine& engine, const SeriesJob& given, const SeriesStepSink& onStep,
    const ProgressSink& progress, std::stop_token stop)
{
    SeriesJob job = given;
    if (!job.series.path.has_filename()) // "steps/": the folder's own name is wanted
        job.series.path = job.series.path.parent_path();
    SeriesReport report;
    engine.requireModels(job.request.judges);
    const LabelTable table = job.labels.labels();
    report.trueLabel = resolveTrueLabel(job.clean, job.labels.trueLabel, &table);
    if (table.given()) {
        report.labels.tables.push_back(matchTable(table, { job.clean }));
        job.labels.tell(report.labels);
    }
    job.request.trueLabel = report.trueLabel.label;
    FoundProfile profile;
    Image clean = cleanOf(job, stop, profile);
    std::vector<OtherPicture> pictures;
    if (!job.watch && !clean.empty())
        pictures = readSeries(job.series, stop);
    if (clean.empty() || stop.stop_requested()) {
        report.cancelled = true;
        return report;
    }
    requireSeriesSize(pictures, job.size);
    guardSeries(engine, job, pictures);
    std::optional<OutputFolder> output;
    if (!job.outputDir.empty())
        output.emplace(job.outputDir);

    const SubStepSink onSubStep = [&](const std::shared_ptr<const SubStep>& subStep) {
        if (onStep)
            onStep(*subStep, job.request.trueLabel);
    };
    if (job.watch) {
        Watch(engine, job, std::move(clean), onSubStep, progress).go(report, stop);
    } else {
        report.trace = engine.traceElsewhere(job.request, clean, pictures,
            job.series.path.filename().string(), nullptr, onSubStep, progress, stop);
        report.cancelled = !report.trace || report.trace->cancelled;
    }
    if (!report.trace || !output || (report.cancelled && !job.watch))
        return report;
    Provenance origin = engine.origin(report.trace->request);
    nameInput(origin, job.clean);
    nameSeries(origin, *report.trace);
    origin.colour = job.read.colour;
    origin.profile = profile;
    origin.trueLabelOrigin = describe(report.trueLabel.origin);
    origin.labels = report.labels;
    // A watched series is written after the stop that ended it.
    report.written = writeTrace(job.outputDir, job.clean.stem().string(), *report.trace, origin, {},
        progress, job.watch ? std::stop_token() : stop);
    report.cancelled = report.cancelled || report.written.empty();
    return report;
}

} // namespace crossiter
