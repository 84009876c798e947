#include "core/study/LeakStudy.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/base/TimeLeft.h"
#include "core/classify/ModelStore.h"
#include "core/study/StudyCounts.h"
#include "core/study/StudyJournal.h"
#include "core/study/StudyRecords.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

namespace crossiter {

namespace {

constexpr int kMostRounds = 100;

template <typename T>
void requireDistinct(const std::vector<T>& values, const char* option)
{
    for (std::size_t i = 0; i < values.size(); ++i)
        if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i])
            != values.begin() + static_cast<std::ptrdiff_t>(i))
            throw Error(ErrorKind::Usage, "chosen twice", option, "each once", toString(values[i]));
    if (values.empty())
        throw Error(ErrorKind::Usage, "nothing chosen", option, "at least one");
}

/// The order in which variants are computed: own-refreshed first. What the others share with it is
/// then found under the label that it chose, and never asked for twice.
std::vector<std::size_t> workingOrder(const std::vector<StudyVariant>& variants)
{
    std::vector<std::size_t> order;
    for (const bool refreshed : { true, false }) {
        for (std::size_t i = 0; i < variants.size(); ++i)
            if ((variants[i].rule == LabelRule::OwnRefreshed) == refreshed)
                order.push_back(i);
    }
    return order;
}

class Run
{
public:
    Run(const StudyRequest& request, const std::vector<StudyPhoto>& photos,
        const StudyEngine& engine, const ProgressSink& progress, std::stop_token stop)
        : m_request(request)
        , m_photos(photos)
        , m_engine(engine)
        , m_progress(progress)
        , m_stop(std::move(stop))
        , m_variants(variantsOf(request))
        , m_counts(request)
        , m_done(photos.size(), false)
    {
    }

    std::shared_ptr<const StudyResult> go(const StudyJournalPlace& place, const StudySink& onPhoto)
    {
        std::optional<StudyJournal> journal;
        FailedFiles files;
        if (!place.file.empty()) {
            files = failedFiles(place.file);
            journal.emplace(place.file, studyHeader(m_request, photosAtFirst(files, m_photos)),
                place.resume, [&](const std::string& line, int number) {
                    const std::string where = journalPlace(place.file, number);
                    const StudyRecord record = readRecord(line, m_request, m_photos.size(), where);
                    if (!record.error.empty())
                        return; // tried again
                    requireSameFile(files, record.photo, m_photos[record.photo], where);
                    take(record);
                });
        }
        m_resumed = m_finished;
        m_clock.restart();
        for (std::size_t photo = 0; photo < m_photos.size(); ++photo) {
            if (m_done[photo])
                continue;
            const std::optional<StudyRecord> record = measure(photo);
            if (!record)
                return result(true);
            if (journal)
                journal->append(recordLine(*record, m_photos[photo], files.begun.count(photo) > 0));
            take(*record);
            report(0, "measured");
            if (onPhoto)
                onPhoto(result(false));
        }
        return result(false);
    }

private:
    void take(const StudyRecord& record)
    {
        if (m_done[record.photo])
            return; // told twice: the first counts
        m_done[record.photo] = true;
        ++m_finished;
        m_counts.add(record, m_photos[record.photo]);
        if (!record.error.empty())
            m_failed.insert({ record.photo, record.error });
        m_work.gradients += record.work.gradients;
        m_work.gradientsReused += record.work.gradientsReused;
        m_work.predictions += record.work.predictions;
        m_work.predictionsReused += record.work.predictionsReused;
    }

    /// Nothing when stopped.
    std::optional<StudyRecord> measure(std::size_t photo)
    {
        StudyRecord record;
        record.photo = photo;
        report(0, "reading");
        if (m_stop.stop_requested())
            return std::nullopt;
        Image clean;
        try {
            clean = m_engine.read(photo);
        } catch (const Error& fault) {
            if (fault.kind() != ErrorKind::BadInput)
                throw;
            record.error = fault.what();
            return record;
        }
        if (clean.empty())
            return std::nullopt;
        SharedWork shared(clean);
        record.tracks.resize(m_variants.size());
        std::size_t done = 0;
        for (const std::size_t variant : workingOrder(m_variants)) {
            const auto trace = m_engine.attack(
                attackOf(m_request, m_variants[variant], m_photos[photo].trueLabel), clean, &shared,
                [&](const Progress& now) { report(done, now.stage); }, m_stop);
            if (!trace || trace->cancelled)
                return std::nullopt;
            record.tracks[variant] = trackOf(*trace);
            ++done;
        }
        record.work = shared.count();
        return record;
    }

    /// Progress in variants of photos.
    void report(std::size_t variants, const std::string& stage)
    {
        if (!m_progress)
            return;
        const std::size_t each = m_variants.size();
        const std::size_t done = std::min(m_finished * each + variants, m_photos.size() * each);
        const std::size_t fresh = m_finished - m_resumed;
        double left = -1.0;
        if (fresh > 0) // a photo's first variants cost more than its last: count whole photos
            left = secondsLeft(
                m_clock.seconds(), fresh * each + variants, m_photos.size() * each - done);
        const std::string name =
            m_finished < m_photos.size() ? m_photos[m_finished].name + ": " : std::string();
        m_progress({ name + stage, done, m_photos.size() * each, left });
    }

    [[nodiscard]] std::shared_ptr<const StudyResult> result(bool cancelled) const
    {
        auto out = std::make_shared<StudyResult>();
        out->request = m_request;
        out->photos = m_photos.size();
        out->done = m_counts.done();
        for (const auto& [photo, why] : m_failed)
            out->failed.push_back(m_photos[photo].name + ": " + why);
        out->cancelled = cancelled;
        out->rightOnAllSources = m_counts.rightOnAllSources();
        out->labelShift = m_counts.labelShift();
        for (std::size_t variant = 0; variant < m_variants.size(); ++variant)
            out->curves.push_back(m_counts.curve(variant));
        out->comparisons = comparisonsOf(m_counts);
        out->verdicts = verdictsOf(m_counts);
        out->work = m_work;
        return out;
    }

    const StudyRequest& m_request;
    const std::vector<StudyPhoto>& m_photos;
    const StudyEngine& m_engine;
    const ProgressSink& m_progress;
    std::stop_token m_stop;
    std::vector<StudyVariant> m_variants;
    StudyCounts m_counts;
    std::vector<bool> m_done;
    std::size_t m_finished = 0;
    std::size_t m_resumed = 0;
    std::set<std::pair<std::size_t, std::string>> m_failed;
    WorkCount m_work;
    Stopwatch m_clock;
};

} // namespace

std::string toString(SourceOrder order)
{
    return order == SourceOrder::Given ? "given" : "reversed";
}

SourceOrder parseSourceOrder(const std::string& text)
{
    for (const SourceOrder order : { SourceOrder::Given, SourceOrder::Reversed })
        if (toString(order) == text)
            return order;
    throw Error(ErrorKind::Usage, "unknown choice", "--orders", "given, reversed",
        foundWord(text, { "given", "reversed" }));
}

StudyRequest defaultStudy()
{
    StudyRequest request;
    request.attack = defaultRequest(Method::CrossIterative);
    request.attack.rounds = 10;
    request.attack.judges = request.attack.sources;
    request.attack.judges.push_back(defaultJudge());
    return request;
}

void checkStudy(const StudyRequest& request)
{
    requireDistinct(request.rules, "--rules");
    requireDistinct(request.projections, "--projections");
    requireDistinct(request.orders, "--orders");
    const AttackRequest& attack = request.attack;
    if (attack.rounds < 1 || attack.rounds > kMostRounds)
        throw Error(ErrorKind::Usage, "value out of range", "--rounds",
            "1.." + std::to_string(kMostRounds), std::to_string(attack.rounds));
    if (attack.sources.size() == 1 && contains(request.orders, SourceOrder::Reversed))
        throw Error(ErrorKind::Usage, "one source has one order", "--orders", "given", "reversed");
    const std::set<std::string> sources(attack.sources.begin(), attack.sources.end());
    if (sources.size() != attack.sources.size())
        throw Error(ErrorKind::Usage, "a source twice", "--source", "different networks");
    const std::set<std::string> judges(attack.judges.begin(), attack.judges.end());
    if (judges.size() != attack.judges.size() || attack.judges.size() < attack.sources.size()
        || !std::equal(attack.sources.begin(), attack.sources.end(), attack.judges.begin()))
        throw Error(ErrorKind::Usage, "wrong judges", "--judge",
            "the sources in their order, then other networks, each once");
    try {
        for (const StudyVariant& variant : variantsOf(request))
            checkRequest(attackOf(request, variant, 1));
    } catch (const Error& error) { // a study has several of what an attack has one
        if (error.place() == "label-rule")
            throw error.at("rules");
        if (error.place() == "projection")
            throw error.at("projections");
        throw;
    }
}

std::vector<StudyVariant> variantsOf(const StudyRequest& request)
{
    std::vector<StudyVariant> variants;
    for (const SourceOrder order : request.orders) {
        for (const Projection projection : request.projections)
            for (const LabelRule rule : request.rules)
                variants.push_back({ rule, projection, order });
    }
    return variants;
}

std::string describe(const StudyVariant& variant)
{
    return toString(variant.rule) + ", " + toString(variant.projection) + ", "
        + toString(variant.order);
}

AttackRequest attackOf(const StudyRequest& request, const StudyVariant& variant, int trueLabel)
{
    AttackRequest attack = request.attack;
    attack.labelRule = variant.rule;
    attack.projection = variant.projection;
    attack.trueLabel = trueLabel;
    attack.keepFloats = false;
    if (variant.order == SourceOrder::Reversed)
        std::ranges::reverse(attack.sources);
    return attack;
}

bool StudyResult::heldOut(std::size_t judge) const
{
    return judge >= request.attack.sources.size();
}

StudyStage studyStage(const StudyRequest& request, const std::vector<StudyPhoto>& photos,
    const std::filesystem::path& journal)
{
    std::ifstream in(journal, std::ios::binary);
    std::string line;
    if (!in || !std::getline(in, line) || in.eof())
        return StudyStage::None;
    const FailedFiles files = failedFiles(journal);
    if (line != studyHeader(request, photosAtFirst(files, photos)))
        return StudyStage::Another;
    std::set<std::size_t> measured;
    for (int number = 2; std::getline(in, line) && !in.eof(); ++number) {
        const StudyRecord record =
            readRecord(line, request, photos.size(), journalPlace(journal, number));
        if (record.error.empty())
            measured.insert(record.photo);
    }
    for (const std::size_t photo : measured) {
        const auto found = files.measured.find(photo);
        if (found != files.measured.end() && found->second != photos[photo].sha256)
            return StudyStage::Another;
    }
    return measured.size() == photos.size() ? StudyStage::Complete : StudyStage::Unfinished;
}

std::shared_ptr<const StudyResult> runStudy(const StudyRequest& request,
    const std::vector<StudyPhoto>& photos, const StudyEngine& engine,
    const StudyJournalPlace& journal, const StudySink& onPhoto, const ProgressSink& progress,
    std::stop_token stop)
{
    checkStudy(request);
    if (photos.empty())
        throw Error(ErrorKind::BadInput, "no photo with a true label", "study");
    return Run(request, photos, engine, progress, std::move(stop)).go(journal, onPhoto);
}

} // namespace crossiter
