#include "core/jobs/AttackFolder.h"

#include "core/base/Error.h"
#include "core/base/TimeLeft.h"
#include "core/defense/SweptSize.h"
#include "core/jobs/JobGuard.h"
#include "core/report/TraceExport.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> unique(
    const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::vector<std::string> all;
    std::set<std::string> seen;
    for (const auto* list : { &a, &b }) {
        for (const std::string& id : *list)
            if (seen.insert(id).second)
                all.push_back(id);
    }
    return all;
}

/// What one image of an attack job is to become.
struct Plan
{
    fs::path image;
    TrueLabel trueLabel;
    AttackRequest request;
};

std::vector<Plan> planAll(
    const AttackJob& job, const std::vector<fs::path>& images, LabelReport& report)
{
    const LabelTable labels = job.labels.labels();
    const LabelTable targets = job.labels.targets(job.input);
    for (const LabelTable* table : { &labels, &targets })
        if (table->given())
            report.tables.push_back(matchTable(*table, images));
    std::vector<Plan> plans;
    for (const fs::path& image : images) {
        Plan plan { image, {}, job.request };
        plan.trueLabel = resolveTrueLabel(image, job.labels.trueLabel, &labels);
        plan.request.trueLabel = plan.trueLabel.label;
        plan.request.keepFloats = job.floats && !job.traceDir.empty();
        if (targets.given()) {
            const LabelRow* row = targets.find(image);
            if (row == nullptr)
                failNoRow("no target for an image", targets, image, report.tables.back());
            plan.request.target = row->label;
        }
        if (job.targetRank)
            plan.request.target = 1; // stands in until the image is there
        if (labels.given() && attacksTrueLabel(plan.request) && !plan.trueLabel.label)
            failNoRow("no true label for an image", labels, image, report.tables.front());
        if (attacksTrueLabel(plan.request))
            requireAttackable(image, plan.trueLabel, labels);
        checkRequest(plan.request);
        plans.push_back(std::move(plan));
    }
    return plans;
}

fs::path outputOf(const AttackJob& job, const fs::path& image)
{
    return job.outputDir / (image.stem().string() + ".png");
}

/// Why the image has no result: its files' names would be too long. Empty: they fit.
std::string nameFault(const AttackJob& job, const fs::path& image)
{
    try {
        requireResultNames(job, image);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// The images whose results can be written; a single one that cannot be throws.
std::vector<fs::path> writable(const AttackJob& job, const std::vector<fs::path>& images)
{
    if (images.size() == 1)
        requireResultNames(job, images.front());
    std::vector<fs::path> fitting;
    std::copy_if(images.begin(), images.end(), std::back_inserter(fitting),
        [&job](const fs::path& image) { return nameFault(job, image).empty(); });
    return fitting;
}

void summarise(const AttackTrace& trace, AttackedImage& summary)
{
    summary.notes = trace.notes;
    summary.linfExported = trace.last().linfExported;
    for (std::size_t i = 1; i < trace.subSteps.size(); ++i) {
        const SubStep& step = *trace.subSteps[i];
        summary.steps.push_back({ step.source, step.attackedLabel, step.descends });
    }
    for (std::size_t i = 0; i < trace.judges.size(); ++i) {
        const auto best = [i](const SubStep& step) { return step.judges.at(i).top(1).at(0); };
        summary.judges.push_back(
            { trace.judges[i], best(*trace.subSteps.front()), best(trace.last()) });
    }
}

/// What the judges say of the clean image, where a table gives its label.
void addTo(LabelShift& shift, const AttackedImage& entry)
{
    if (entry.trueLabel.origin != TrueLabelOrigin::Csv || entry.judges.empty())
        return;
    std::vector<int> top1;
    top1.reserve(entry.judges.size());
    for (const JudgeOutcome& judge : entry.judges)
        top1.push_back(judge.clean.label);
    shift.add(*entry.trueLabel.label, top1);
}

/// Progress over all images, told in sub-steps.
class Counter
{
public:
    Counter(const ProgressSink& sink, std::size_t total)
        : m_sink(sink)
        , m_total(total)
    {
    }

    void startImage(std::size_t done, std::string name)
    {
        m_before = done;
        m_name = std::move(name);
        report(0, "reading");
    }

    /// secondsMore: of the image's own, beside its sub-steps; negative: not known.
    void report(std::size_t doneOfImage, const std::string& stage, double secondsMore = 0.0)
    {
        if (!m_sink)
            return;
        const std::size_t done = std::min(m_before + doneOfImage, m_total);
        if (done > 0 && !m_started)
            m_started = { Stopwatch(), done }; // loading the networks does not count
        double left = -1.0;
        if (m_started && done > m_started->second)
            left = secondsLeft(m_started->first.seconds(), done - m_started->second, m_total - done)
                + std::max(0.0, secondsMore);
        m_sink({ m_name + ": " + stage, done, m_total, left });
    }

private:
    const ProgressSink& m_sink;
    std::size_t m_total;
    std::size_t m_before = 0;
    std::string m_name;
    std::optional<std::pair<Stopwatch, std::size_t>> m_started;
};

/// False when stopped: then nothing is written. A fault of the image's own goes into the entry.
bool attackOne(Engine& engine, const AttackJob& job, const Plan& plan, const Image& clean,
    const FoundProfile& profile, AttackedImage& entry, const LabelReport& labels, Counter& counter,
    const std::stop_token& stop)
{
    try {
        auto trace = engine.attack(
            plan.request, clean, nullptr, {},
            [&](const Progress& now) { counter.report(now.done, now.stage); }, stop);
        if (trace == nullptr || trace->cancelled)
            return false;
        if (job.targetRank) {
            auto noted = std::make_shared<AttackTrace>(*trace);
            noted->notes.push_back("target: " + describe(*job.targetRank));
            trace = noted;
        }
        if (job.read.colour == ColourRule::Srgb && !profile.fault.empty()) {
            auto noted = std::make_shared<AttackTrace>(*trace);
            noted->notes.push_back("the picture's colour profile is ignored: " + profile.fault);
            trace = noted;
        }
        Provenance origin = engine.origin(plan.request);
        nameInput(origin, plan.image);
        origin.trueLabelOrigin = describe(plan.trueLabel.origin);
        origin.labels = labels;
        origin.colour = job.read.colour;
        origin.profile = profile;
        if (!job.traceDir.empty()) {
            entry.written = writeTrace(
                job.traceDir, plan.image.stem().string(), *trace, origin, { job.floats, true },
                [&](const Progress& now) {
                    counter.report(trace->subSteps.size(), now.stage, now.secondsLeft);
                },
                stop);
            if (entry.written.empty())
                return false;
        }
        const fs::path png = outputOf(job, plan.image);
        for (fs::path& path : writeResult(png, *trace, origin))
            entry.written.push_back(std::move(path));
        summarise(*trace, entry);
        entry.output = png;
    } catch (const Error& error) {
        if (!isOfOneFile(error))
            throw;
        entry.error = error.what();
    }
    return true;
}

} // namespace

std::optional<int> targetByRank(Engine& engine, const AttackRequest& request, TargetRank rank,
    const Image& clean, std::stop_token stop)
{
    const auto said =
        engine.predict({ request.sources, request.compute }, { clean }, {}, std::move(stop));
    if (said->cancelled)
        return std::nullopt;
    return chooseTarget(rank, said->predictions.front(), request.trueLabel, request.seed, clean);
}

AttackReport attackInputs(Engine& engine, const AttackJob& job, const AttackedImageSink& onImage,
    const ProgressSink& progress, std::stop_token stop)
{
    const InputListing listing = listInputs(job.input);
    LabelReport labels;
    const std::vector<Plan> plans = planAll(job, listing.images, labels);
    job.labels.tell(labels);
    const bool gradients = usesSources(job.request.method);
    const std::vector<std::string> ids =
        unique(gradients ? job.request.sources : std::vector<std::string>(), job.request.judges);
    engine.requireModels(ids);
    const std::vector<std::string> purifiers = purifiersOf(parseDefense(job.request.through));
    engine.requireModels(purifiers);
    guardAttack(engine, job, writable(job, listing.images), unique(ids, purifiers));
    // A single image that cannot be read must not leave so much as a folder, even for a moment.
    std::optional<Image> ahead;
    FoundProfile profile;
    if (plans.size() == 1)
        ahead = readIntoImageSpace(plans.front().image, job.read, stop, &profile);
    const OutputFolder output(job.outputDir);
    std::optional<OutputFolder> traces;
    if (!job.traceDir.empty())
        traces.emplace(job.traceDir);

    AttackReport report;
    report.inputs = plans.size();
    report.skipped = listing.skipped;
    report.labels = std::move(labels);
    LabelShift shift;
    report.litter = listing.litter;
    const auto perImage = static_cast<std::size_t>(subStepCount(job.request)) + 1;
    Counter counter(progress, perImage * plans.size());
    bool loaded = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const Plan& plan = plans[i];
        const Stopwatch started;
        counter.startImage(i * perImage, plan.image.filename().string());
        AttackedImage entry;
        entry.image = plan.image;
        entry.trueLabel = plan.trueLabel;
        entry.target = job.targetRank ? std::nullopt : plan.request.target;
        entry.error = nameFault(job, plan.image);
        std::optional<Image> clean = std::exchange(ahead, std::nullopt);
        if (!clean && entry.error.empty())
            clean = readOrExplain(plan.image, job.read, entry.error, stop, &profile);
        if (clean && clean->empty()) {
            report.cancelled = true;
            return report;
        }
        if (clean) {
            // Not in a try: a network that cannot be loaded is no fault of the image.
            loaded = loaded
                || engine.load(
                    ids, plan.request.compute,
                    [&](const Progress& now) { counter.report(0, now.stage); }, stop);
            Plan targeted = plan;
            if (loaded && job.targetRank) {
                targeted.request.target =
                    targetByRank(engine, plan.request, *job.targetRank, *clean, stop);
                loaded = targeted.request.target.has_value();
                entry.target = targeted.request.target;
            }
            if (!loaded
                || !attackOne(
                    engine, job, targeted, *clean, profile, entry, report.labels, counter, stop)) {
                report.cancelled = true;
                return report;
            }
            addTo(shift, entry);
        }
        report.failed += entry.error.empty() ? 0 : 1;
        entry.seconds = started.seconds();
        if (onImage)
            onImage(entry);
        report.images.push_back(std::move(entry));
        if (stop.stop_requested() && i + 1 < plans.size()) {
            report.cancelled = true;
            break;
        }
    }
    report.labels.suspicion = shift.suspicion(job.labels.labelsCsv.filename().string());
    return report;
}

} // namespace crossiter
