#include "core/study/NumericsStudy.h"

#include "core/attack/AttackTrace.h"
#include "core/base/Error.h"
#include "core/base/TimeLeft.h"

#include <algorithm>
#include <array>

namespace crossiter {

namespace {

constexpr std::array kNumerics { Numerics::Fast, Numerics::Reference, Numerics::Exact };
/// Indices into kNumerics.
constexpr std::array<std::array<std::size_t, 2>, 3> kPairs { { { 0, 2 }, { 1, 2 }, { 0, 1 } } };

struct AgreementCount
{
    double pixels = 0.0;
    double least = 1.0;
    std::size_t pictures = 0;
    std::size_t attacked = 0;
    std::vector<std::size_t> top1;
};

struct PairCount
{
    std::vector<AgreementCount> subSteps;
    std::vector<std::vector<std::array<std::size_t, 2>>> only; ///< [judge][round]
};

using Traces = std::array<std::shared_ptr<const AttackTrace>, kNumerics.size()>;

class Counts
{
public:
    explicit Counts(const AttackRequest& attack)
        : m_judges(attack.judges.size())
        , m_perRound(static_cast<std::size_t>(subStepCount(attack) / attack.rounds))
        , m_subSteps(static_cast<std::size_t>(subStepCount(attack)) + 1)
        , m_rounds(static_cast<std::size_t>(attack.rounds) + 1)
    {
        AgreementCount empty;
        empty.top1.resize(m_judges);
        for (PairCount& pair : m_pairs) {
            pair.subSteps.assign(m_subSteps, empty);
            pair.only.assign(m_judges, std::vector<std::array<std::size_t, 2>>(m_rounds));
        }
        for (auto& right : m_right)
            right.assign(m_judges, std::vector<std::size_t>(m_rounds, 0));
    }

    void add(const Traces& traces, int trueLabel)
    {
        ++m_done;
        for (std::size_t n = 0; n < kNumerics.size(); ++n) {
            for (std::size_t judge = 0; judge < m_judges; ++judge)
                for (std::size_t k = 0; k < m_rounds; ++k)
                    m_right[n][judge][k] += right(*traces[n], judge, k, trueLabel) ? 1 : 0;
        }
        for (std::size_t p = 0; p < kPairs.size(); ++p)
            addPair(m_pairs[p], *traces[kPairs[p][0]], *traces[kPairs[p][1]], trueLabel);
    }

    void fill(NumericsResult& result) const
    {
        result.done = m_done;
        for (std::size_t p = 0; p < kPairs.size(); ++p)
            result.pairs.push_back(pair(p));
        for (std::size_t n = 0; n < kNumerics.size(); ++n) {
            NumericsAccuracy accuracy { kNumerics[n], {} };
            for (const auto& judge : m_right[n]) {
                accuracy.right.emplace_back();
                for (const std::size_t hits : judge)
                    accuracy.right.back().push_back(wilson(hits, m_done));
            }
            result.accuracy.push_back(std::move(accuracy));
        }
    }

private:
    [[nodiscard]] bool right(
        const AttackTrace& trace, std::size_t judge, std::size_t round, int trueLabel) const
    {
        return trace.subSteps.at(round * m_perRound)->judges.at(judge).top1() == trueLabel;
    }

    void addPair(PairCount& pair, const AttackTrace& a, const AttackTrace& b, int trueLabel) const
    {
        for (std::size_t s = 0; s < m_subSteps; ++s) {
            const SubStepDifference found = differenceOf(*a.subSteps.at(s), *b.subSteps.at(s));
            AgreementCount& count = pair.subSteps[s];
            count.pixels += found.equalPixels;
            count.least = std::min(count.least, found.equalPixels);
            count.pictures += found.samePicture ? 1 : 0;
            count.attacked += found.sameLabel ? 1 : 0;
            for (std::size_t judge = 0; judge < m_judges; ++judge) {
                count.top1[judge] +=
                    a.subSteps[s]->judges.at(judge).top1() == b.subSteps[s]->judges.at(judge).top1()
                    ? 1
                    : 0;
            }
        }
        for (std::size_t judge = 0; judge < m_judges; ++judge) {
            for (std::size_t k = 0; k < m_rounds; ++k) {
                const bool first = right(a, judge, k, trueLabel);
                const bool second = right(b, judge, k, trueLabel);
                pair.only[judge][k][0] += first && !second ? 1 : 0;
                pair.only[judge][k][1] += second && !first ? 1 : 0;
            }
        }
    }

    [[nodiscard]] NumericsPair pair(std::size_t index) const
    {
        NumericsPair out;
        out.a = kNumerics[kPairs[index][0]];
        out.b = kNumerics[kPairs[index][1]];
        for (const AgreementCount& count : m_pairs[index].subSteps) {
            NumericsAgreement agreement;
            if (m_done > 0)
                agreement.meanEqualPixels = count.pixels / static_cast<double>(m_done);
            agreement.leastEqualPixels = count.least;
            agreement.samePicture = wilson(count.pictures, m_done);
            agreement.sameAttacked = wilson(count.attacked, m_done);
            for (const std::size_t hits : count.top1)
                agreement.sameTop1.push_back(wilson(hits, m_done));
            out.subSteps.push_back(std::move(agreement));
        }
        for (std::size_t judge = 0; judge < m_judges; ++judge) {
            std::vector<StudyComparison> rounds;
            for (std::size_t k = 0; k < m_rounds; ++k) {
                const auto& only = m_pairs[index].only[judge][k];
                rounds.push_back({ "numerics", kPairs[index][0], kPairs[index][1],
                    static_cast<int>(k), static_cast<int>(k), judge, only[0], only[1],
                    mcNemarExact(only[0], only[1]) });
            }
            out.accuracy.push_back(std::move(rounds));
        }
        return out;
    }

    std::size_t m_judges;
    std::size_t m_perRound;
    std::size_t m_subSteps;
    std::size_t m_rounds;
    std::size_t m_done = 0;
    std::array<PairCount, kPairs.size()> m_pairs;
    std::array<std::vector<std::vector<std::size_t>>, kNumerics.size()> m_right;
};

/// Empty pointers when stopped.
Traces attackInAll(const AttackRequest& attack, const Image& clean, const StudyEngine& engine,
    const std::function<void(std::size_t, const Progress&)>& progress, const std::stop_token& stop)
{
    Traces traces;
    for (std::size_t n = 0; n < kNumerics.size(); ++n) {
        AttackRequest request = attack;
        request.compute.numerics = kNumerics[n];
        const auto trace = engine.attack(
            request, clean, nullptr, [&](const Progress& now) { progress(n, now); }, stop);
        if (!trace || trace->cancelled)
            return {};
        traces[n] = trace;
    }
    return traces;
}

} // namespace

NumericsStudyRequest defaultNumericsStudy()
{
    NumericsStudyRequest request { defaultStudy().attack };
    request.attack.rounds = 5;
    return request;
}

void checkNumericsStudy(const NumericsStudyRequest& request)
{
    StudyRequest study;
    study.rules = { request.attack.labelRule };
    study.projections = { request.attack.projection };
    study.attack = request.attack;
    checkStudy(study);
}

std::shared_ptr<const NumericsResult> runNumericsStudy(const NumericsStudyRequest& request,
    const std::vector<StudyPhoto>& photos, const StudyEngine& engine, const ProgressSink& progress,
    std::stop_token stop)
{
    checkNumericsStudy(request);
    if (photos.empty())
        throw Error(ErrorKind::BadInput, "no photo with a true label", "study");
    Counts counts(request.attack);
    auto result = std::make_shared<NumericsResult>();
    result->request = request;
    result->photos = photos.size();
    const Stopwatch clock;
    for (std::size_t photo = 0; photo < photos.size(); ++photo) {
        const auto report = [&](std::size_t numerics, const Progress& now) {
            if (!progress)
                return;
            const double left = secondsLeft(clock.seconds(), photo, photos.size() - photo);
            progress({ photos[photo].name + ", " + toString(kNumerics[numerics]) + ": " + now.stage,
                photo * kNumerics.size() + numerics, photos.size() * kNumerics.size(), left });
        };
        report(0, { "reading", 0, 0, -1.0 });
        if (stop.stop_requested()) {
            result->cancelled = true;
            break;
        }
        AttackRequest attack = request.attack;
        attack.trueLabel = photos[photo].trueLabel;
        attack.keepFloats = false;
        Image clean;
        try {
            clean = engine.read(photo);
        } catch (const Error& fault) {
            if (fault.kind() != ErrorKind::BadInput)
                throw;
            result->failed.push_back(photos[photo].name + ": " + fault.what());
            continue;
        }
        const Traces traces =
            clean.empty() ? Traces() : attackInAll(attack, clean, engine, report, stop);
        if (clean.empty() || !traces.back()) {
            result->cancelled = true;
            break;
        }
        counts.add(traces, photos[photo].trueLabel);
    }
    counts.fill(*result);
    return result;
}

} // namespace crossiter
