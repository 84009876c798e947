#include "core/jobs/SweepJobs.h"

#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/TimeLeft.h"
#include "core/defense/SweptSize.h"
#include "core/jobs/DefendJobs.h"
#include "core/jobs/JobGuard.h"
#include "core/report/SweepExport.h"
#include "core/report/TraceRead.h"

#include <algorithm>
#include <map>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// What a sweep's answers come from.
Provenance originOf(Engine& engine, const SweepRequest& request)
{
    return engine.origin(request.models, request.defense, request.compute);
}

void requireSweep(const Engine& engine, const SweepRequest& request)
{
    if (request.models.empty())
        throw Error(ErrorKind::Usage, "no model", "--model", "at least one id");
    if (request.sizes.empty())
        throw Error(ErrorKind::Usage, "no size", "--sizes", "1..299 pixels");
    for (const int size : request.sizes)
        checkDefense(withSize(request.defense, size));
    requireDefense(engine, request.models, request.defense);
}

/// The folder's labels, or those of one image.
TrueLabel trueLabelOf(const fs::path& image, const LabelSources& labels, const LabelTable& table)
{
    return resolveTrueLabel(image, labels.trueLabel, &table);
}

/// Null when stopped.
std::shared_ptr<const AttackTrace> traceFromDisk(
    const SweepJob& job, const Image& clean, const std::stop_token& stop)
{
    const fs::path file = job.traceDir / (job.image.stem().string() + ".trace.json");
    auto trace = readTrace(file, stop);
    if (trace != nullptr && trace->clean != clean)
        throw Error(ErrorKind::BadInput, "the trace is of another picture", file.string(),
            "sub-step 0 equal to " + job.image.string() + " in image space", "other pixels");
    return trace;
}

/// What the image is attacked with; nothing: it is swept as it is, or with a trace from disk.
std::optional<AttackRequest> attackOf(
    const SweepJob& job, const TrueLabel& trueLabel, const LabelTable& table, LabelReport& labels)
{
    if (!job.attack)
        return std::nullopt;
    AttackRequest request = *job.attack;
    request.judges.clear(); // the sweep's models judge
    request.trueLabel = trueLabel.label;
    request.keepFloats = false;
    if (const LabelTable targets = job.labels.targets(job.image); targets.given()) {
        labels.tables.push_back(matchTable(targets, { job.image }));
        const LabelRow* row = targets.find(job.image);
        if (row == nullptr)
            failNoRow("no target for an image", targets, job.image, labels.tables.back());
        request.target = row->label;
    }
    if (table.given() && attacksTrueLabel(request) && !trueLabel.label)
        failNoRow("no true label for an image", table, job.image, labels.tables.front());
    if (attacksTrueLabel(request))
        requireAttackable(job.image, trueLabel, table);
    checkRequest(request);
    return request;
}

/// All models that are loaded. Throws Error(BadInput): one of the attack's is not there.
std::vector<std::string> modelsOf(
    const Engine& engine, const SweepRequest& request, const std::optional<AttackRequest>& attack)
{
    std::vector<std::string> models = request.models;
    const auto add = [&models](const std::vector<std::string>& more) {
        models.insert(models.end(), more.begin(), more.end());
    };
    if (attack) {
        const std::vector<std::string> purifiers = purifiersOf(parseDefense(attack->through));
        engine.requireModels(attack->sources);
        engine.requireModels(purifiers);
        add(attack->sources);
        add(purifiers);
    }
    add(purifiersOf(request.defense));
    return models;
}

/// Counts of one size and model.
struct Sums
{
    std::size_t right = 0;
    double probability = 0.0;
};

/// Accuracy over sizes, image by image.
class FolderSweep
{
public:
    FolderSweep(Engine& engine, const FolderSweepJob& job, const FolderSweepSink& onRows,
        const ProgressSink& progress, std::stop_token stop)
        : m_engine(engine)
        , m_job(job)
        , m_onRows(onRows)
        , m_progress(progress)
        , m_stop(std::move(stop))
    {
        m_report.request = job.request;
        m_report.colour = job.read.colour;
    }

    FolderSweepReport go(const std::vector<fs::path>& images, const LabelTable& table)
    {
        const bool batches = m_job.request.defense.batchStatistics;
        const std::size_t together = batches ? kBatchOfStatistics : 1;
        m_images = images.size();
        m_started.restart();
        for (std::size_t i = 0; i < images.size() && !m_report.cancelled; ++i) {
            try {
                Image image = readIntoImageSpace(images[i], m_job.read, m_stop);
                if (image.empty()) {
                    m_report.cancelled = true;
                    break;
                }
                m_batch.push_back(std::move(image));
                m_labels.push_back(trueLabelOf(images[i], m_job.labels, table));
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::BadInput)
                    throw;
                m_report.errors.emplace_back(error.what());
            }
            if (m_batch.size() < together && i + 1 < images.size())
                continue;
            if (!m_batch.empty())
                m_report.cancelled = !(batches ? judgeBatch() : sweepAlone());
            tell(i + 1);
        }
        m_report.labels.suspicion = m_shift.suspicion(m_job.labels.labelsCsv.filename().string());
        return std::move(m_report);
    }

private:
    void add(int size, int model, bool right, double probability)
    {
        Sums& sums = m_sums[{ size, model }];
        sums.right += right ? 1 : 0;
        sums.probability += probability;
    }

    /// False when stopped: nothing of the image counts.
    bool sweepAlone()
    {
        SweepRequest request = m_job.request;
        request.subSteps.clear();
        request.trueLabel = m_labels.front().label;
        const SweepPicture picture { std::make_shared<const Image>(m_batch.front()) };
        const auto result = m_engine.sweep(request, { picture }, {}, partOfImage(), m_stop);
        if (result->cancelled)
            return false;
        for (const SweepCell& cell : result->cells)
            add(cell.size, cell.model, cell.label == *request.trueLabel, cell.trueProbability);
        std::vector<int> said;
        for (const SweepCell& cell : result->cells)
            if (cell.size == largestSize())
                said.push_back(cell.label);
        addToShift(m_labels.front(), said);
        done();
        return true;
    }

    bool judgeBatch()
    {
        DefendRequest request;
        request.models = m_job.request.models;
        request.compute = m_job.request.compute;
        std::map<int, std::shared_ptr<const DefendResult>> found;
        for (const int size : m_job.request.sizes) {
            request.defense = withSize(m_job.request.defense, size);
            found[size] = m_engine.defend(request, m_batch, {}, m_stop);
            if (found[size]->cancelled)
                return false;
        }
        for (const auto& [size, result] : found) {
            for (std::size_t i = 0; i < m_batch.size(); ++i) {
                for (std::size_t model = 0; model < request.models.size(); ++model) {
                    const Prediction& mean = result->predictions[i][model].mean;
                    add(size, static_cast<int>(model), mean.top1() == *m_labels[i].label,
                        mean.probabilityOf(*m_labels[i].label));
                }
            }
        }
        for (std::size_t i = 0; i < m_batch.size(); ++i) {
            std::vector<int> said;
            said.reserve(m_job.request.models.size());
            for (const DefendedPrediction& answer : found[largestSize()]->predictions[i])
                said.push_back(answer.mean.top1());
            addToShift(m_labels[i], said);
        }
        done();
        return true;
    }

    [[nodiscard]] int largestSize() const
    {
        const std::vector<int>& sizes = m_job.request.sizes;
        return *std::max_element(sizes.begin(), sizes.end());
    }

    /// What the models say at the largest size, where a table gives the label.
    void addToShift(const TrueLabel& label, const std::vector<int>& said)
    {
        if (label.origin == TrueLabelOrigin::Csv)
            m_shift.add(*label.label, said);
    }

    void done()
    {
        m_report.images += m_batch.size();
        m_batch.clear();
        m_labels.clear();
    }

    [[nodiscard]] ProgressSink partOfImage() const
    {
        if (!m_progress)
            return {};
        return [this](const Progress& now) {
            const std::size_t seen = m_report.images + m_report.errors.size();
            m_progress({ "image " + std::to_string(seen + 1) + " of " + std::to_string(m_images)
                    + ": " + now.stage,
                seen, m_images, left(seen) });
        };
    }

    [[nodiscard]] double left(std::size_t seen) const
    {
        return secondsLeft(m_started.seconds(), seen, m_images - seen);
    }

    void tell(std::size_t seen)
    {
        m_report.rows.clear();
        for (const auto& [place, sums] : m_sums)
            m_report.rows.push_back({ place.first, place.second,
                wilson(sums.right, m_report.images),
                m_report.images == 0 ? 0.0
                                     : sums.probability / static_cast<double>(m_report.images) });
        if (m_onRows)
            m_onRows(m_report);
        if (m_progress)
            m_progress({ "sweeping", seen, m_images, left(seen) });
    }

    Engine& m_engine;
    const FolderSweepJob& m_job;
    const FolderSweepSink& m_onRows;
    const ProgressSink& m_progress;
    std::stop_token m_stop;
    FolderSweepReport m_report;
    std::size_t m_images = 0;
    Stopwatch m_started;
    std::vector<Image> m_batch;
    std::vector<TrueLabel> m_labels;
    LabelShift m_shift;
    std::map<std::pair<int, int>, Sums> m_sums;
};

} // namespace

SweepReport sweepImage(Engine& engine, const SweepJob& job, const SweepSink& onCells,
    const ProgressSink& progress, std::stop_token stop)
{
    if (job.attack && !job.traceDir.empty())
        throw Error(ErrorKind::Usage, "two sources of sub-steps", "--from-trace",
            "a trace or an attack, not both", "--method");
    requireSweep(engine, job.request);
    SweepReport report;
    const LabelTable table = job.labels.labels();
    if (table.given())
        report.labels.tables.push_back(matchTable(table, { job.image }));
    report.trueLabel = trueLabelOf(job.image, job.labels, table);
    const std::optional<AttackRequest> attack =
        attackOf(job, report.trueLabel, table, report.labels);
    job.labels.tell(report.labels);
    guardSweep(engine, job, modelsOf(engine, job.request, attack));
    FoundProfile profile;
    const Image clean = readIntoImageSpace(job.image, job.read, stop, &profile);
    if (clean.empty()) {
        report.cancelled = true;
        return report;
    }
    if (!job.traceDir.empty()) {
        report.trace = traceFromDisk(job, clean, stop);
        if (!report.trace) {
            report.cancelled = true;
            return report;
        }
    }
    const OutputFolder output(job.outputDir);

    if (attack) {
        report.trace = engine.attack(*attack, clean, nullptr, {}, progress, stop);
        if (!report.trace || report.trace->cancelled) {
            report.cancelled = true;
            return report;
        }
    }
    SweepRequest request = job.request;
    request.trueLabel = report.trueLabel.label;
    if (!request.target && report.trace)
        request.target = report.trace->request.target;
    // What batch statistics want in place of `fast` is loaded by the sweep itself.
    Compute loaded = request.compute;
    if (request.defense.batchStatistics && loaded.numerics == Numerics::Fast)
        loaded.numerics = Numerics::Reference;
    if (!engine.load(request.models, loaded, progress, stop)) {
        report.cancelled = true;
        return report;
    }
    const Stopwatch started;
    if (report.trace)
        report.result = engine.sweep(request, report.trace, onCells, progress, stop);
    else
        report.result = engine.sweep(request,
            std::vector<SweepPicture> { { std::make_shared<const Image>(clean) } }, onCells,
            progress, stop);
    report.seconds = started.seconds();
    report.cancelled = report.result->cancelled;
    if (report.cancelled)
        return report;
    Provenance origin = originOf(engine, request);
    nameInput(origin, job.image);
    origin.trueLabelOrigin = describe(report.trueLabel.origin);
    origin.labels = report.labels;
    origin.colour = job.read.colour;
    origin.profile = profile;
    if (attack)
        origin.weightsSha256.merge(engine.origin(*attack).weightsSha256);
    report.written = writeSweep(job.outputDir, *report.result, job.image.filename().string(),
        origin, report.trace ? &report.trace->request : nullptr);
    return report;
}

FolderSweepReport sweepFolder(Engine& engine, const FolderSweepJob& job,
    const FolderSweepSink& onRows, const ProgressSink& progress, std::stop_token stop)
{
    requireSweep(engine, job.request);
    const InputListing listing = listInputs(job.folder);
    guardFolderSweep(engine, job, listing.images);
    const LabelTable table = job.labels.labels();
    std::vector<fs::path> labelled;
    for (const fs::path& image : listing.images)
        if (trueLabelOf(image, job.labels, table).label)
            labelled.push_back(image);
    LabelReport labels;
    if (table.given())
        labels.tables.push_back(matchTable(table, listing.images));
    if (labelled.empty())
        throw Error(ErrorKind::BadInput, "no image with a true label",
            (labels.empty() ? job.folder : job.labels.labelsCsv).string(),
            labels.empty() ? "labels CSV, names imagenet_NN_LABEL or a folder named as a class"
                           : "a row for an image in " + job.folder.string(),
            labels.empty() ? counted(listing.images.size(), "image") + " without"
                           : foundIn(labels.tables.front()));
    job.labels.tell(labels);
    FolderSweepReport report =
        FolderSweep(engine, job, onRows, progress, std::move(stop)).go(labelled, table);
    report.unlabelled = listing.images.size() - labelled.size();
    report.labels.tables = std::move(labels.tables);
    report.litter = listing.litter;
    return report;
}

std::vector<fs::path> writeAccuracy(
    Engine& engine, const fs::path& directory, const FolderSweepReport& report)
{
    Provenance origin = originOf(engine, report.request);
    origin.labels = report.labels;
    origin.colour = report.colour;
    return writeAccuracy(directory, report, origin);
}

} // namespace crossiter
