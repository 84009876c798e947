#include "core/contest/Score.h"

#include "core/base/Error.h"
#include "core/contest/SafeName.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

namespace crossiter {

namespace {

[[noreturn]] void misfit(const std::string& what)
{
    throw Error(ErrorKind::Internal, "a tournament's parts do not fit", what);
}

void checkNames(const std::vector<std::string>& names, const char* kind)
{
    std::set<std::string> seen;
    for (const std::string& name : names) {
        requireSubmissionName(name, kind);
        if (!seen.insert(name).second)
            throw Error(ErrorKind::BadInput, "two submissions of one name", kind,
                "names that differ", name);
    }
}

void check(const TournamentOutcome& tournament)
{
    checkNames(tournament.attacks, "attack");
    checkNames(tournament.targetedAttacks, "targeted attack");
    checkNames(tournament.defenses, "defense");
    for (const AdvExample& example : tournament.examples) {
        const auto& list = example.targeted ? tournament.targetedAttacks : tournament.attacks;
        if (example.attack >= list.size() || example.image >= tournament.images.size())
            misfit("example of an attack or image that is not there");
    }
    if (tournament.labels.size() != tournament.defenses.size())
        misfit("labels of " + std::to_string(tournament.labels.size()) + " defenses");
    for (const auto& labels : tournament.labels)
        if (labels.size() != tournament.examples.size())
            misfit("labels of " + std::to_string(labels.size()) + " examples");
    if (tournament.cleanLabels.empty())
        return;
    if (tournament.cleanLabels.size() != tournament.defenses.size())
        misfit("clean labels of " + std::to_string(tournament.cleanLabels.size()) + " defenses");
    for (const auto& labels : tournament.cleanLabels)
        if (labels.size() != tournament.images.size())
            misfit("clean labels of " + std::to_string(labels.size()) + " images");
}

ScoreMatrix emptyMatrix(std::vector<std::string> rows, std::vector<std::string> columns)
{
    ScoreMatrix matrix { std::move(rows), std::move(columns), {} };
    matrix.cells.assign(matrix.rows.size() * matrix.columns.size(), 0);
    return matrix;
}

void count(ScoreMatrix& matrix, std::size_t row, std::size_t column)
{
    ++matrix.cells[row * matrix.columns.size() + column];
}

Ranking ranked(const std::vector<std::string>& names, const std::vector<long>& scores)
{
    Ranking ranking;
    for (std::size_t i = 0; i < names.size(); ++i)
        ranking.push_back({ names[i], scores[i] });
    std::ranges::stable_sort(ranking, std::ranges::greater(), &RankedName::score);
    return ranking;
}

/// Both given, and equal. An unknown label equals nothing.
bool same(std::optional<int> label, std::optional<int> wanted)
{
    return label && wanted && *label == *wanted;
}

} // namespace

long ScoreMatrix::rowSum(std::size_t row) const
{
    long sum = 0;
    for (std::size_t column = 0; column < columns.size(); ++column)
        sum += at(row, column);
    return sum;
}

long ScoreMatrix::columnSum(std::size_t column) const
{
    long sum = 0;
    for (std::size_t row = 0; row < rows.size(); ++row)
        sum += at(row, column);
    return sum;
}

Scores scoreTournament(const TournamentOutcome& tournament)
{
    check(tournament);
    Scores scores;
    scores.accuracyOnAttacks = emptyMatrix(tournament.attacks, tournament.defenses);
    scores.accuracyOnTargetedAttacks = emptyMatrix(tournament.targetedAttacks, tournament.defenses);
    scores.hitTargetClass = scores.accuracyOnTargetedAttacks;
    for (std::size_t defense = 0; defense < tournament.defenses.size(); ++defense) {
        for (std::size_t number = 0; number < tournament.examples.size(); ++number) {
            const AdvExample& example = tournament.examples[number];
            const TournamentImage& image = tournament.images[example.image];
            const std::optional<int> label = tournament.labels[defense][number];
            if (same(label, image.trueLabel))
                count(
                    example.targeted ? scores.accuracyOnTargetedAttacks : scores.accuracyOnAttacks,
                    example.attack, defense);
            if (example.targeted && same(label, image.targetClass))
                count(scores.hitTargetClass, example.attack, defense);
        }
    }
    const auto all = static_cast<long>(tournament.images.size() * tournament.defenses.size());
    std::vector<long> attacks;
    for (std::size_t i = 0; i < tournament.attacks.size(); ++i)
        attacks.push_back(all - scores.accuracyOnAttacks.rowSum(i));
    std::vector<long> targeted;
    for (std::size_t i = 0; i < tournament.targetedAttacks.size(); ++i)
        targeted.push_back(scores.hitTargetClass.rowSum(i));
    std::vector<long> defenses;
    for (std::size_t i = 0; i < tournament.defenses.size(); ++i)
        defenses.push_back(
            scores.accuracyOnAttacks.columnSum(i) + scores.accuracyOnTargetedAttacks.columnSum(i));
    scores.attacks = ranked(tournament.attacks, attacks);
    scores.targetedAttacks = ranked(tournament.targetedAttacks, targeted);
    scores.defenses = ranked(tournament.defenses, defenses);
    return scores;
}

OfficialScores scoreOfficially(const TournamentOutcome& tournament)
{
    check(tournament);
    const std::size_t plain = tournament.attacks.size();
    std::vector<std::string> columns = tournament.attacks;
    columns.insert(
        columns.end(), tournament.targetedAttacks.begin(), tournament.targetedAttacks.end());
    OfficialScores scores;
    scores.accuracy = emptyMatrix(tournament.defenses, columns);
    scores.error = scores.accuracy;
    scores.hitTargetClass = scores.accuracy;

    const auto columnOf = [plain](const AdvExample& example) {
        return example.attack + (example.targeted ? plain : 0);
    };
    std::vector<std::size_t> written(columns.size(), 0);
    for (const AdvExample& example : tournament.examples)
        ++written[columnOf(example)];
    for (const std::size_t images : written)
        scores.attackComplete.push_back(images == tournament.images.size());

    for (std::size_t defense = 0; defense < tournament.defenses.size(); ++defense) {
        std::size_t labelled = 0;
        for (std::size_t number = 0; number < tournament.examples.size(); ++number) {
            const std::optional<int> label = tournament.labels[defense][number];
            if (!label)
                continue;
            ++labelled;
            const AdvExample& example = tournament.examples[number];
            const TournamentImage& image = tournament.images[example.image];
            const std::size_t column = columnOf(example);
            count(same(label, image.trueLabel) ? scores.accuracy : scores.error, defense, column);
            if (same(label, image.targetClass))
                count(scores.hitTargetClass, defense, column);
        }
        scores.defenseComplete.push_back(labelled == tournament.examples.size());
    }

    std::vector<long> attacks(columns.size(), 0);
    std::vector<long> defenses(tournament.defenses.size(), 0);
    for (std::size_t defense = 0; defense < defenses.size(); ++defense) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (scores.attackComplete[column])
                defenses[defense] += scores.accuracy.at(defense, column);
            if (scores.defenseComplete[defense])
                attacks[column] += column < plain ? scores.error.at(defense, column)
                                                  : scores.hitTargetClass.at(defense, column);
        }
    }
    const auto split = attacks.begin() + static_cast<std::ptrdiff_t>(plain);
    scores.attacks = ranked(tournament.attacks, { attacks.begin(), split });
    scores.targetedAttacks = ranked(tournament.targetedAttacks, { split, attacks.end() });
    scores.defenses = ranked(tournament.defenses, defenses);
    return scores;
}

namespace {

/// Which (defense, image) pairs are right on the clean image, and what the examples make of them.
class OverRight
{
public:
    explicit OverRight(const TournamentOutcome& tournament)
        : m_tournament(tournament)
    {
        m_rightOf.assign(tournament.defenses.size(), 0);
        for (std::size_t defense = 0; defense < tournament.cleanLabels.size(); ++defense) {
            std::vector<bool> right;
            for (std::size_t i = 0; i < tournament.images.size(); ++i)
                right.push_back(
                    same(tournament.cleanLabels[defense][i], tournament.images[i].trueLabel));
            m_rightOf[defense] = std::ranges::count(right, true);
            m_right.push_back(std::move(right));
        }
    }

    [[nodiscard]] bool known() const { return !m_tournament.cleanLabels.empty(); }
    [[nodiscard]] long rightOf(std::size_t defense) const { return m_rightOf[defense]; }
    [[nodiscard]] long rightOfAll() const
    {
        return std::accumulate(m_rightOf.begin(), m_rightOf.end(), 0L);
    }

    /// Pairs right on the clean image for which `counts(example, label, image)`.
    template <typename Counts>
    [[nodiscard]] long pairs(const Counts& counts) const
    {
        long sum = 0;
        for (std::size_t defense = 0; defense < m_right.size(); ++defense) {
            for (std::size_t number = 0; number < m_tournament.examples.size(); ++number) {
                const AdvExample& example = m_tournament.examples[number];
                if (m_right[defense][example.image]
                    && counts(defense, example, m_tournament.labels[defense][number],
                        m_tournament.images[example.image]))
                    ++sum;
            }
        }
        return sum;
    }

private:
    const TournamentOutcome& m_tournament;
    std::vector<std::vector<bool>> m_right; ///< [defense][image]
    std::vector<long> m_rightOf;
};

std::size_t indexOf(const std::vector<std::string>& names, const std::string& name)
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        misfit("ranking of another tournament: " + name);
    return static_cast<std::size_t>(found - names.begin());
}

std::optional<double> ratio(long part, long whole)
{
    if (whole <= 0)
        return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

std::vector<NormalisedScore> normaliseScores(const TournamentOutcome& tournament,
    const Ranking& attacks, const Ranking& targetedAttacks, const Ranking& defenses)
{
    check(tournament);
    const OverRight over(tournament);
    const std::size_t images = tournament.images.size();
    std::vector<NormalisedScore> all;
    const auto add = [&](const char* kind, const RankedName& ranked, std::size_t opponents,
                         long right, long scoreOverRight) {
        NormalisedScore score { kind, ranked.name, ranked.score, images, opponents, {}, {}, {},
            {} };
        score.normalised = ratio(ranked.score, static_cast<long>(images * opponents));
        if (over.known()) {
            score.rightlyClassified = right;
            score.scoreOverRight = scoreOverRight;
            score.normalisedOverRight = ratio(scoreOverRight, right);
        }
        all.push_back(std::move(score));
    };
    for (const RankedName& ranked : attacks) {
        const std::size_t attack = indexOf(tournament.attacks, ranked.name);
        const long stillRight = over.pairs([attack](std::size_t, const AdvExample& example,
                                               std::optional<int> label,
                                               const TournamentImage& image) {
            return !example.targeted && example.attack == attack && same(label, image.trueLabel);
        });
        add("attack", ranked, tournament.defenses.size(), over.rightOfAll(),
            over.rightOfAll() - stillRight);
    }
    for (const RankedName& ranked : targetedAttacks) {
        const std::size_t attack = indexOf(tournament.targetedAttacks, ranked.name);
        const long hits = over.pairs([attack](std::size_t, const AdvExample& example,
                                         std::optional<int> label, const TournamentImage& image) {
            return example.targeted && example.attack == attack && same(label, image.targetClass);
        });
        add("targeted_attack", ranked, tournament.defenses.size(), over.rightOfAll(), hits);
    }
    const std::size_t opponents = tournament.attacks.size() + tournament.targetedAttacks.size();
    for (const RankedName& ranked : defenses) {
        const std::size_t wanted = indexOf(tournament.defenses, ranked.name);
        const long stillRight =
            over.pairs([wanted](std::size_t defense, const AdvExample&, std::optional<int> label,
                           const TournamentImage& image) {
                return defense == wanted && same(label, image.trueLabel);
            });
        add("defense", ranked, opponents, over.rightOf(wanted) * static_cast<long>(opponents),
            stillRight);
    }
    return all;
}

} // namespace crossiter
