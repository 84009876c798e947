#include "core/study/StudyCounts.h"

#include "core/base/Error.h"

#include <algorithm>

namespace crossiter {

namespace {

bool sameBut(const StudyVariant& a, const StudyVariant& b)
{
    return a.order == b.order && (a.rule == b.rule) != (a.projection == b.projection);
}

void count(Discordant& pair, bool first, bool second)
{
    pair.onlyFirst += first && !second ? 1 : 0;
    pair.onlySecond += second && !first ? 1 : 0;
}

} // namespace

StudyCounts::StudyCounts(StudyRequest request)
    : m_request(std::move(request))
    , m_variants(variantsOf(m_request))
    , m_sources(m_request.attack.sources.size())
    , m_rightWhenClean(m_request.attack.judges.size(), 0)
{
    const auto measured = static_cast<std::size_t>(rounds()) + 1;
    const std::size_t subSteps = (measured - 1) * m_sources;
    PerVariant empty;
    empty.judges.resize(judges());
    for (PerJudge& judge : empty.judges) {
        judge.rounds.resize(measured);
        judge.pairs.resize(measured * measured);
    }
    empty.wrong.resize(measured);
    empty.wrongOfRight.resize(measured);
    empty.drift.resize(measured);
    empty.first.resize(subSteps + 1);
    empty.firstOfRight.resize(subSteps + 1);
    m_counts.assign(m_variants.size(), empty);
    m_pairs.resize(m_variants.size() * m_variants.size());
    m_returnedPairs.resize(m_pairs.size());
    for (std::size_t a = 0; a < m_variants.size(); ++a) {
        for (std::size_t b = 0; b < m_variants.size(); ++b) {
            if (sameBut(m_variants[a], m_variants[b])) {
                m_pairs[at(a, b)].resize(judges() * measured);
                m_returnedPairs[at(a, b)].resize(judges());
            }
        }
    }
}

StudyCounts::Seen StudyCounts::look(const std::vector<int>& top1, int trueLabel) const
{
    Seen seen;
    bool held = false;
    bool everHeld = false;
    bool lost = false;
    bool returned = false;
    for (std::size_t subStep = 0, round = 0; subStep < top1.size(); ++subStep) {
        const bool first = subStep == 0 || (subStep - 1) % m_sources == 0;
        if (first) {
            round = seen.right.size();
            seen.right.push_back(false);
            seen.lost.push_back(false);
            seen.returned.push_back(false);
            seen.now.push_back(false);
        }
        const bool holds = top1[subStep] == trueLabel;
        const bool back = holds && !held && everHeld;
        lost = lost || (everHeld && !holds);
        returned = returned || back;
        held = holds;
        everHeld = everHeld || holds;
        seen.right[round] = holds; // of the round's last sub-step in the end
        seen.lost[round] = lost;
        seen.returned[round] = returned;
        seen.now[round] = seen.now[round] || back;
    }
    return seen;
}

void StudyCounts::add(const StudyRecord& record, const StudyPhoto& photo)
{
    if (!record.error.empty())
        return;
    if (record.tracks.size() != m_variants.size())
        throw Error(ErrorKind::Internal, "a record of another study", photo.name);
    ++m_done;
    bool allRight = true;
    std::vector<int> clean;
    clean.reserve(judges());
    for (std::size_t judge = 0; judge < judges(); ++judge) {
        clean.push_back(record.tracks.front().top1[judge].front());
        const bool right = record.tracks.front().top1[judge].front() == photo.trueLabel;
        m_rightWhenClean[judge] += right ? 1 : 0;
        allRight = allRight && (right || judge >= m_sources);
    }
    m_labelShift.add(photo.trueLabel, clean);
    m_rightOnAllSources += allRight ? 1 : 0;
    std::vector<std::vector<Seen>> seen(m_variants.size());
    for (std::size_t v = 0; v < m_variants.size(); ++v) {
        for (const auto& top1 : record.tracks[v].top1)
            seen[v].push_back(look(top1, photo.trueLabel));
        addTrack(v, record.tracks[v], photo.trueLabel, allRight, seen[v]);
    }
    const auto measured = static_cast<std::size_t>(rounds()) + 1;
    for (std::size_t a = 0; a < m_variants.size(); ++a) {
        for (std::size_t b = 0; b < m_variants.size(); ++b) {
            if (m_pairs[at(a, b)].empty())
                continue;
            for (std::size_t judge = 0; judge < judges(); ++judge) {
                for (std::size_t k = 0; k < measured; ++k) {
                    count(m_pairs[at(a, b)][judge * measured + k], seen[a][judge].right[k],
                        seen[b][judge].right[k]);
                }
                count(m_returnedPairs[at(a, b)][judge], seen[a][judge].returned.back(),
                    seen[b][judge].returned.back());
            }
        }
    }
}

void StudyCounts::addTrack(std::size_t variant, const StudyTrack& track, int trueLabel,
    bool allRight, const std::vector<Seen>& seen)
{
    PerVariant& counts = m_counts[variant];
    const auto measured = static_cast<std::size_t>(rounds()) + 1;
    std::size_t first = track.attacked.size();
    for (std::size_t i = 0; i < track.attacked.size(); ++i) {
        if (track.attacked[i] == trueLabel)
            continue;
        first = std::min(first, i);
        counts.wrong[i / m_sources + 1] += 1;
        counts.wrongOfRight[i / m_sources + 1] += allRight ? 1 : 0;
    }
    ++counts.first[first];
    counts.firstOfRight[first] += allRight ? 1 : 0;
    const std::size_t turned = first < track.attacked.size() ? 0 : 1;
    counts.turned[turned] += allRight ? 1 : 0;
    for (std::size_t k = 0; k < measured; ++k)
        counts.drift[k] += track.driftPx[k * m_sources];
    for (std::size_t judge = 0; judge < judges(); ++judge) {
        const Seen& one = seen[judge];
        PerJudge& of = counts.judges[judge];
        const bool clean = one.right.front();
        const auto countIf = [clean](bool happened, auto& all, auto& ofClean) {
            all += happened ? 1 : 0;
            ofClean += happened && clean ? 1 : 0;
        };
        for (std::size_t k = 0; k < measured; ++k) {
            PerRound& round = of.rounds[k];
            countIf(one.right[k], round.right, round.rightOfClean);
            countIf(one.returned[k], round.returned, round.returnedOfClean);
            countIf(one.now[k], round.now, round.nowOfClean);
            round.lost += one.lost[k] ? 1 : 0;
            for (std::size_t other = 0; other < measured; ++other)
                count(of.pairs[k * measured + other], one.right[k], one.right[other]);
        }
        of.returned[turned] += allRight && one.returned.back() ? 1 : 0;
    }
}

StudyCurve StudyCounts::curve(std::size_t variant) const
{
    const PerVariant& counts = m_counts.at(variant);
    StudyCurve curve;
    curve.variant = m_variants[variant];
    curve.firstWrong = counts.first;
    curve.firstWrongOfRight = counts.firstOfRight;
    for (std::size_t k = 0; k < counts.wrong.size(); ++k) {
        const std::size_t steps = k == 0 ? 0 : m_sources;
        StudyRound round;
        round.wrongLabel = wilson(counts.wrong[k], steps * m_done);
        round.wrongLabelOfRight = wilson(counts.wrongOfRight[k], steps * m_rightOnAllSources);
        round.meanDriftPx = m_done > 0 ? counts.drift[k] / static_cast<double>(m_done) : 0.0;
        curve.rounds.push_back(round);
    }
    for (std::size_t judge = 0; judge < judges(); ++judge) {
        std::vector<StudyCell> cells;
        const std::size_t clean = m_rightWhenClean[judge];
        for (const PerRound& round : counts.judges[judge].rounds) {
            StudyCell cell;
            cell.right = wilson(round.right, m_done);
            cell.rightOfClean = wilson(round.rightOfClean, clean);
            cell.score = m_done - round.right;
            cell.lost = wilson(round.lost, m_done);
            cell.returned = wilson(round.returned, m_done);
            cell.returnedOfClean = wilson(round.returnedOfClean, clean);
            cell.returnsNow = wilson(round.now, m_done);
            cell.returnsNowOfClean = wilson(round.nowOfClean, clean);
            cells.push_back(cell);
        }
        curve.cells.push_back(std::move(cells));
    }
    return curve;
}

std::size_t StudyCounts::find(const StudyVariant& variant) const
{
    const auto found = std::ranges::find(m_variants, variant);
    return found == m_variants.end() ? kNone : static_cast<std::size_t>(found - m_variants.begin());
}

Discordant StudyCounts::betweenRounds(std::size_t variant, std::size_t judge, int a, int b) const
{
    const auto measured = static_cast<std::size_t>(rounds()) + 1;
    return m_counts.at(variant).judges.at(judge).pairs.at(
        static_cast<std::size_t>(a) * measured + static_cast<std::size_t>(b));
}

Discordant StudyCounts::betweenVariants(
    std::size_t a, std::size_t b, std::size_t judge, int round) const
{
    const auto measured = static_cast<std::size_t>(rounds()) + 1;
    return m_pairs.at(at(a, b)).at(judge * measured + static_cast<std::size_t>(round));
}

Discordant StudyCounts::returnedBetween(std::size_t a, std::size_t b, std::size_t judge) const
{
    return m_returnedPairs.at(at(a, b)).at(judge);
}

std::array<Proportion, 2> StudyCounts::returnsByWrongLabel(
    std::size_t variant, std::size_t judge) const
{
    const PerVariant& counts = m_counts.at(variant);
    const auto& returned = counts.judges.at(judge).returned;
    return { wilson(returned[0], counts.turned[0]), wilson(returned[1], counts.turned[1]) };
}

int bestRound(const StudyCurve& curve, std::size_t judge)
{
    const auto& cells = curve.cells.at(judge);
    const auto best = std::min_element(cells.begin() + 1, cells.end(),
        [](const StudyCell& a, const StudyCell& b) { return a.right.hits < b.right.hits; });
    return static_cast<int>(best - cells.begin());
}

std::vector<StudyComparison> comparisonsOf(const StudyCounts& counts)
{
    std::vector<StudyComparison> all;
    const auto add = [&all](const char* kind, std::size_t a, std::size_t b, int roundA, int roundB,
                         std::size_t judge, const Discordant& pair) {
        all.push_back(
            { kind, a, b, roundA, roundB, judge, pair.onlyFirst, pair.onlySecond, pair.p() });
    };
    const auto& variants = counts.variants();
    const LabelRule reference = counts.request().rules.front();
    for (std::size_t v = 0; v < variants.size(); ++v) {
        const std::size_t rule =
            counts.find({ reference, variants[v].projection, variants[v].order });
        const std::size_t free =
            counts.find({ variants[v].rule, Projection::None, variants[v].order });
        const bool ball = variants[v].projection == Projection::Ball && free != StudyCounts::kNone;
        const StudyCurve curve = counts.curve(v);
        for (std::size_t judge = 0; judge < counts.judges(); ++judge) {
            const int best = bestRound(curve, judge);
            for (int k = 1; k <= counts.rounds(); ++k) {
                if (rule != v)
                    add("rule", rule, v, k, k, judge, counts.betweenVariants(rule, v, judge, k));
                if (ball)
                    add("projection", free, v, k, k, judge,
                        counts.betweenVariants(free, v, judge, k));
                if (k != best)
                    add("round", v, v, best, k, judge, counts.betweenRounds(v, judge, best, k));
                add("clean", v, v, 0, k, judge, counts.betweenRounds(v, judge, 0, k));
            }
            if (rule != v)
                add("returned", rule, v, counts.rounds(), counts.rounds(), judge,
                    counts.returnedBetween(rule, v, judge));
        }
    }
    return all;
}

} // namespace crossiter
