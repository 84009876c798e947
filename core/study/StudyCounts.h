#pragma once

#include "core/contest/LabelMatch.h"
#include "core/study/LeakStudy.h"

#include <array>
#include <cstddef>
#include <vector>

namespace crossiter {

/// Photos on which one of two results alone holds.
struct Discordant
{
    std::size_t onlyFirst = 0;
    std::size_t onlySecond = 0;
    [[nodiscard]] double p() const { return mcNemarExact(onlyFirst, onlySecond); }
};

/// Everything a study's report follows from, as counts: its size does not depend on the photos, and
/// the order in which they come does not matter (but for the last bits of the mean drift).
class StudyCounts
{
public:
    explicit StudyCounts(StudyRequest request);
    void add(const StudyRecord& record, const StudyPhoto& photo);

    [[nodiscard]] const StudyRequest& request() const { return m_request; }
    [[nodiscard]] const std::vector<StudyVariant>& variants() const { return m_variants; }
    [[nodiscard]] std::size_t judges() const { return m_request.attack.judges.size(); }
    [[nodiscard]] int rounds() const { return m_request.attack.rounds; }
    [[nodiscard]] std::size_t done() const { return m_done; }
    [[nodiscard]] std::size_t rightOnAllSources() const { return m_rightOnAllSources; }
    [[nodiscard]] const LabelShift& labelShift() const { return m_labelShift; }

    [[nodiscard]] StudyCurve curve(std::size_t variant) const;
    /// Index, or kNone: the study has no such variant.
    [[nodiscard]] std::size_t find(const StudyVariant& variant) const;
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// First: right after round a; second: after round b.
    [[nodiscard]] Discordant betweenRounds(
        std::size_t variant, std::size_t judge, int a, int b) const;
    /// First: right under variant a after this round; second: under b. Both of one order; they
    /// differ in the rule or in the projection alone.
    [[nodiscard]] Discordant betweenVariants(
        std::size_t a, std::size_t b, std::size_t judge, int round) const;
    /// The same of "the label came back at least once".
    [[nodiscard]] Discordant returnedBetween(std::size_t a, std::size_t b, std::size_t judge) const;
    /// Of the photos that every source has right when clean and whose attack turned to a wrong
    /// label (first), or never did (second): those whose label came back on the judge.
    [[nodiscard]] std::array<Proportion, 2> returnsByWrongLabel(
        std::size_t variant, std::size_t judge) const;

private:
    struct PerRound
    {
        std::size_t right = 0;
        std::size_t rightOfClean = 0;
        std::size_t lost = 0;
        std::size_t returned = 0;
        std::size_t returnedOfClean = 0;
        std::size_t now = 0;
        std::size_t nowOfClean = 0;
    };
    struct PerJudge
    {
        std::vector<PerRound> rounds; ///< 0..K
        std::vector<Discordant> pairs; ///< of rounds, (K + 1)^2
        std::array<std::size_t, 2> returned {}; ///< see returnsByWrongLabel
    };
    struct PerVariant
    {
        std::vector<PerJudge> judges;
        std::vector<std::size_t> wrong; ///< sub-steps by round
        std::vector<std::size_t> wrongOfRight;
        std::vector<double> drift; ///< sum by round
        std::vector<std::size_t> first;
        std::vector<std::size_t> firstOfRight;
        std::array<std::size_t, 2> turned {}; ///< right on all sources: turned wrong, never did
    };
    /// What one track says of one judge.
    struct Seen
    {
        std::vector<bool> right; ///< by round
        std::vector<bool> lost; ///< by round, so far
        std::vector<bool> returned; ///< so far
        std::vector<bool> now; ///< in this round
    };
    [[nodiscard]] Seen look(const std::vector<int>& top1, int trueLabel) const;
    void addTrack(std::size_t variant, const StudyTrack& track, int trueLabel, bool allRight,
        const std::vector<Seen>& seen);
    [[nodiscard]] std::size_t at(std::size_t a, std::size_t b) const
    {
        return a * m_variants.size() + b;
    }

    StudyRequest m_request;
    std::vector<StudyVariant> m_variants;
    std::size_t m_sources;
    std::size_t m_done = 0;
    LabelShift m_labelShift;
    std::size_t m_rightOnAllSources = 0;
    std::vector<std::size_t> m_rightWhenClean; ///< by judge
    std::vector<PerVariant> m_counts;
    std::vector<std::vector<Discordant>> m_pairs; ///< [a, b][judge * (K + 1) + round]
    std::vector<std::vector<Discordant>> m_returnedPairs; ///< [a, b][judge]
};

/// Comparisons that the report lists: rules with the seed's, ball with none, every round with the
/// best one and with the clean image.
[[nodiscard]] std::vector<StudyComparison> comparisonsOf(const StudyCounts& counts);

/// The seed's hypotheses, in words that follow from the numbers.
[[nodiscard]] std::vector<StudyVerdict> verdictsOf(const StudyCounts& counts);

/// The round 1..K of least accuracy on the judge; the first of equal ones.
[[nodiscard]] int bestRound(const StudyCurve& curve, std::size_t judge);

} // namespace crossiter
