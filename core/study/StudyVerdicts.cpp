#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/study/StudyCounts.h"

namespace crossiter {

namespace {

constexpr double kLevel = 0.05;

std::string percent(const Proportion& share)
{
    return fixedText(100.0 * share.share, 1) + " % (" + fixedText(100.0 * share.low, 1) + " to "
        + fixedText(100.0 * share.high, 1) + ")";
}

std::string chance(double p)
{
    if (p < 0.0001)
        return "p < 0.0001";
    return "p = " + fixedText(p, 4);
}

std::string pairText(const Discordant& pair)
{
    return std::to_string(pair.onlyFirst) + " against " + counted(pair.onlySecond, "photo") + ", "
        + chance(pair.p());
}

/// More of the second than of the first, beyond chance.
bool rises(const Discordant& pair)
{
    return pair.onlySecond > pair.onlyFirst && pair.p() < kLevel;
}
bool falls(const Discordant& pair)
{
    return pair.onlyFirst > pair.onlySecond && pair.p() < kLevel;
}

/// Collects sentences judge by judge; the finding follows from where they went.
class Weighing
{
public:
    Weighing(const char* id, const char* claim) { m_verdict = { id, claim, {}, {}, {}, {} }; }
    void supports(const std::string& text) { m_verdict.supporting.push_back(text); }
    void opposes(const std::string& text) { m_verdict.against.push_back(text); }
    void leavesOpen(const std::string& text) { m_verdict.open.push_back(text); }
    /// Where a judge's sentence goes.
    void put(const std::string& text, bool isFor, bool isAgainst)
    {
        if (isFor)
            supports(text);
        else if (isAgainst)
            opposes(text);
        else
            leavesOpen(text);
    }

    [[nodiscard]] StudyVerdict notAsked(const std::string& why)
    {
        m_verdict.finding = "not asked";
        m_verdict.open = { why };
        return m_verdict;
    }
    [[nodiscard]] StudyVerdict weighed()
    {
        const bool some = !m_verdict.supporting.empty();
        const bool other = !m_verdict.against.empty();
        m_verdict.finding = some && other ? "mixed"
            : some                        ? "supported"
            : other                       ? "contradicted"
                                          : "undecided";
        return m_verdict;
    }

private:
    StudyVerdict m_verdict;
};

/// The seed's own setting, and the variants beside it; kNone where the study has none.
struct Seed
{
    explicit Seed(const StudyCounts& counts)
        : order(counts.request().orders.front())
        , own(counts.find({ LabelRule::OwnRefreshed, Projection::None, order }))
        , ownBall(counts.find({ LabelRule::OwnRefreshed, Projection::Ball, order }))
        , trueFree(counts.find({ LabelRule::True, Projection::None, order }))
    {
    }
    SourceOrder order;
    std::size_t own;
    std::size_t ownBall;
    std::size_t trueFree;
};

std::string at(const StudyCounts& counts, std::size_t judge)
{
    return counts.request().attack.judges[judge]
        + (judge < counts.request().attack.sources.size() ? "" : " (held out)") + ": ";
}

std::string roundText(int round)
{
    return "round " + std::to_string(round);
}

StudyVerdict minimumAtTwoOrThree(const StudyCounts& counts, const Seed& seed)
{
    Weighing weighing("H1",
        "The seed's attack (own-refreshed, no projection) is strongest after 2 or 3 rounds: later "
        "rounds give accuracy back.");
    if (seed.own == StudyCounts::kNone)
        return weighing.notAsked("The study has no own-refreshed without projection.");
    if (counts.rounds() < 4)
        return weighing.notAsked("It needs at least 4 rounds.");
    const StudyCurve curve = counts.curve(seed.own);
    const int last = counts.rounds();
    for (std::size_t judge = 0; judge < counts.judges(); ++judge) {
        const auto& cells = curve.cells[judge];
        const auto cell = [&](int round) -> const StudyCell& {
            return cells[static_cast<std::size_t>(round)];
        };
        const int best = bestRound(curve, judge);
        const int early = cell(2).right.hits <= cell(3).right.hits ? 2 : 3;
        const Discordant after = counts.betweenRounds(seed.own, judge, early, last);
        const Discordant before = counts.betweenRounds(seed.own, judge, 1, early);
        const Discordant behind = counts.betweenRounds(seed.own, judge, best, early);
        const std::string text = at(counts, judge) + "least accuracy after " + roundText(best)
            + ", " + percent(cell(best).right) + "; after " + roundText(1) + " "
            + percent(cell(1).right) + ", after " + roundText(early) + " "
            + percent(cell(early).right) + ", after " + roundText(last) + " "
            + percent(cell(last).right) + ". " + "Right after " + roundText(early)
            + " alone and after " + roundText(last) + " alone: " + pairText(after) + ".";
        const bool inTime = best == 2 || best == 3;
        weighing.put(text, inTime && rises(after) && !rises(before),
            (!inTime && rises(behind)) || falls(after));
    }
    return weighing.weighed();
}

StudyVerdict wrongLabelsBringItBack(const StudyCounts& counts, const Seed& seed)
{
    Weighing weighing("H2",
        "Later sub-steps of the seed's attack attack a wrong label, and so the true label comes "
        "back.");
    if (seed.own == StudyCounts::kNone)
        return weighing.notAsked("The study has no own-refreshed without projection.");
    const StudyCurve curve = counts.curve(seed.own);
    const StudyRound& first = curve.rounds[1];
    const StudyRound& last = curve.rounds.back();
    const std::string shares = "Of the photos that all sources have right when clean, the share of "
                               "sub-steps on a wrong label is "
        + percent(first.wrongLabelOfRight) + " in round 1 and " + percent(last.wrongLabelOfRight)
        + " in round " + std::to_string(counts.rounds()) + ".";
    weighing.put(shares, last.wrongLabelOfRight.low > first.wrongLabelOfRight.high,
        last.wrongLabelOfRight.high < first.wrongLabelOfRight.low);
    for (std::size_t judge = 0; judge < counts.judges(); ++judge) {
        const auto [turned, never] = counts.returnsByWrongLabel(seed.own, judge);
        std::string text = at(counts, judge) + "the true label came back on "
            + percent(curve.cells[judge].back().returned) + " of all photos; among those right on "
            + "all sources when clean, on " + percent(turned) + " of the "
            + std::to_string(turned.total) + " whose attack turned to a wrong label"
            + (never.total == 0 ? std::string("; there is none whose attack never did.")
                                : " and on " + percent(never) + " of the "
                        + std::to_string(never.total) + " whose attack never did.");
        if (seed.trueFree == StudyCounts::kNone) {
            weighing.leavesOpen(text + " Without the rule true there is nothing to pair it with.");
            continue;
        }
        const Discordant pair = counts.returnedBetween(seed.trueFree, seed.own, judge);
        text += " Came back under the rule true alone and under own-refreshed alone: "
            + pairText(pair) + ".";
        weighing.put(text, rises(pair), falls(pair));
    }
    return weighing.weighed();
}

StudyVerdict trueLabelDoesBetter(const StudyCounts& counts, const Seed& seed)
{
    Weighing weighing("H3",
        "Attacking the true label at every sub-step does better than the seed's rule, and does not "
        "leak.");
    if (seed.own == StudyCounts::kNone || seed.trueFree == StudyCounts::kNone)
        return weighing.notAsked("It needs own-refreshed and true, without projection.");
    const StudyCurve own = counts.curve(seed.own);
    const StudyCurve label = counts.curve(seed.trueFree);
    const int last = counts.rounds();
    for (std::size_t judge = 0; judge < counts.judges(); ++judge) {
        std::vector<int> asked { std::min(3, last) };
        if (last > 3)
            asked.push_back(last);
        for (const int round : asked) {
            const auto k = static_cast<std::size_t>(round);
            const Discordant pair = counts.betweenVariants(seed.trueFree, seed.own, judge, round);
            const std::string text = at(counts, judge) + "after " + roundText(round)
                + " accuracy is " + percent(label.cells[judge][k].right) + " with true and "
                + percent(own.cells[judge][k].right)
                + " with own-refreshed. Right under true alone and under own-refreshed alone: "
                + pairText(pair) + ".";
            weighing.put(text, rises(pair), falls(pair));
        }
        // Kurakin's leak: better on attacked than on clean images.
        for (int round = 1; round <= last; ++round) {
            const Discordant clean = counts.betweenRounds(seed.trueFree, judge, 0, round);
            const auto k = static_cast<std::size_t>(round);
            if (label.cells[judge][k].right.hits <= label.cells[judge][0].right.hits)
                continue;
            const std::string text = at(counts, judge) + "accuracy after " + roundText(round)
                + " of the rule true is " + percent(label.cells[judge][k].right)
                + ", above the clean images' " + percent(label.cells[judge][0].right)
                + ": a leak in the sense of Kurakin et al. Right when clean alone and when "
                  "attacked "
                  "alone: "
                + pairText(clean) + ".";
            weighing.put(text, false, rises(clean));
        }
    }
    return weighing.weighed();
}

StudyVerdict overshootExplainsIt(const StudyCounts& counts, const Seed& seed)
{
    Weighing weighing("H4",
        "The fixed step without a projection overshoots the ball, and that explains the optimum: "
        "with the projection accuracy does not rise again.");
    if (seed.own == StudyCounts::kNone || seed.ownBall == StudyCounts::kNone)
        return weighing.notAsked("It needs own-refreshed with none and with ball.");
    if (counts.rounds() < 4)
        return weighing.notAsked("It needs at least 4 rounds.");
    const StudyCurve free = counts.curve(seed.own);
    const StudyCurve ball = counts.curve(seed.ownBall);
    const int last = counts.rounds();
    const auto k = static_cast<std::size_t>(last);
    const std::string drift = "Mean distance of the float image from the clean one after round "
        + std::to_string(last) + ": " + fixedText(free.rounds[k].meanDriftPx, 2)
        + " grey levels without and " + fixedText(ball.rounds[k].meanDriftPx, 2)
        + " with the projection, at epsilon " + std::to_string(counts.request().attack.epsilon255)
        + ".";
    for (std::size_t judge = 0; judge < counts.judges(); ++judge) {
        const int bestFree = bestRound(free, judge);
        const int bestBall = bestRound(ball, judge);
        const Discordant freeRise = counts.betweenRounds(seed.own, judge, bestFree, last);
        const Discordant ballRise = counts.betweenRounds(seed.ownBall, judge, bestBall, last);
        const auto story = [&](const StudyCurve& curve, int best, const Discordant& rise) {
            return percent(curve.cells[judge][static_cast<std::size_t>(best)].right) + " after "
                + roundText(best) + " to " + percent(curve.cells[judge][k].right) + " after "
                + roundText(last) + " (" + pairText(rise) + ")";
        };
        const std::string text = at(counts, judge) + "without projection from "
            + story(free, bestFree, freeRise) + "; with it from " + story(ball, bestBall, ballRise)
            + ". Right without alone and with alone after " + roundText(last) + ": "
            + pairText(counts.betweenVariants(seed.own, seed.ownBall, judge, last)) + ".";
        if (!rises(freeRise))
            weighing.leavesOpen(text + " There is no rise to explain.");
        else if (rises(ballRise))
            weighing.opposes(text);
        else
            weighing.supports(text);
    }
    weighing.leavesOpen(drift);
    return weighing.weighed();
}

} // namespace

std::vector<StudyVerdict> verdictsOf(const StudyCounts& counts)
{
    const Seed seed(counts);
    return { minimumAtTwoOrThree(counts, seed), wrongLabelsBringItBack(counts, seed),
        trueLabelDoesBetter(counts, seed), overshootExplainsIt(counts, seed) };
}

} // namespace crossiter
