#include "ui/viewmodels/ScoreSheet.h"

#include <QCoreApplication>

#include <algorithm>
#include <string>

namespace crossiter::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("ScoreSheet", text);
}

std::vector<std::optional<long>> scoresOf(
    const std::vector<std::string>& names, const Ranking& ranking)
{
    std::vector<std::optional<long>> scores;
    scores.reserve(names.size());
    for (const std::string& name : names) {
        const auto found = std::ranges::find_if(
            ranking, [&](const RankedName& ranked) { return ranked.name == name; });
        scores.push_back(found == ranking.end() ? std::nullopt : std::optional(found->score));
    }
    return scores;
}

QVector<ScoreSheet> developmentSheets(const TournamentOutcome& outcome)
{
    const Scores scores = scoreTournament(outcome);
    const auto most = static_cast<long>(outcome.images.size());
    const int attacks = static_cast<int>(outcome.attacks.size());
    QVector<ScoreSheet> sheets;
    const auto add = [&](const QString& title, const char* file, const QString& help,
                         const ScoreMatrix& matrix, bool targeted, const Ranking* rows,
                         const Ranking* columns) {
        if (matrix.rows.empty() || matrix.columns.empty())
            return;
        ScoreSheet sheet;
        sheet.title = title;
        sheet.file = QString::fromLatin1(file);
        sheet.cellHelp = help;
        sheet.matrix = matrix;
        sheet.targeted = targeted;
        sheet.attacks = attacks;
        sheet.most = most;
        sheet.rowScores = rows != nullptr ? scoresOf(matrix.rows, *rows)
                                          : std::vector<std::optional<long>>(matrix.rows.size());
        sheet.columnScores = columns != nullptr
            ? scoresOf(matrix.columns, *columns)
            : std::vector<std::optional<long>>(matrix.columns.size());
        sheets << sheet;
    };
    const QString right = tr("images that the defense got right");
    add(tr("Right on attacks"), "accuracy_on_attacks.csv", right, scores.accuracyOnAttacks, false,
        &scores.attacks, &scores.defenses);
    add(tr("Right on targeted attacks"), "accuracy_on_targeted_attacks.csv", right,
        scores.accuracyOnTargetedAttacks, true, nullptr, &scores.defenses);
    add(tr("Target hit"), "hit_target_class.csv", tr("images that the defense took for the target"),
        scores.hitTargetClass, true, &scores.targetedAttacks, nullptr);
    return sheets;
}

QVector<ScoreSheet> officialSheets(const TournamentOutcome& outcome)
{
    const OfficialScores scores = scoreOfficially(outcome);
    std::vector<std::optional<long>> attackScores = scoresOf(outcome.attacks, scores.attacks);
    const auto targeted = scoresOf(outcome.targetedAttacks, scores.targetedAttacks);
    const std::size_t plain = attackScores.size();
    QVector<ScoreSheet> sheets;
    const auto add = [&](const QString& title, const char* file, const QString& help,
                         const ScoreMatrix& matrix) -> ScoreSheet* {
        if (matrix.rows.empty() || matrix.columns.empty())
            return nullptr;
        ScoreSheet sheet;
        sheet.title = title;
        sheet.file = QString::fromLatin1(file);
        sheet.cellHelp = help;
        sheet.matrix = matrix;
        sheet.rowsAreDefenses = true;
        sheet.attacks = static_cast<int>(plain);
        sheet.most = static_cast<long>(outcome.images.size());
        sheet.rowScores.resize(matrix.rows.size());
        sheet.columnScores.resize(matrix.columns.size());
        sheets << sheet;
        return &sheets.last();
    };
    if (ScoreSheet* sheet = add(tr("Right"), "accuracy_matrix.csv",
            tr("images that the defense got right"), scores.accuracy))
        sheet->rowScores = scoresOf(sheet->matrix.rows, scores.defenses);
    if (ScoreSheet* sheet = add(
            tr("Wrong"), "error_matrix.csv", tr("images that the defense got wrong"), scores.error))
        std::ranges::copy(attackScores, sheet->columnScores.begin());
    if (ScoreSheet* sheet = add(tr("Target hit"), "hit_target_class_matrix.csv",
            tr("images that the defense took for the target"), scores.hitTargetClass)) {
        if (sheet->columnScores.size() == plain + targeted.size()) {
            std::ranges::copy(
                targeted, sheet->columnScores.begin() + static_cast<std::ptrdiff_t>(plain));
        }
    }
    return sheets;
}

} // namespace

Meeting ScoreSheet::meetingOf(int row, int column) const
{
    if (row < 0 || column < 0 || row >= static_cast<int>(matrix.rows.size())
        || column >= static_cast<int>(matrix.columns.size()))
        return {};
    if (!rowsAreDefenses)
        return { targeted, row, column };
    return column < attacks ? Meeting { false, column, row }
                            : Meeting { true, column - attacks, row };
}

bool ScoreSheet::isPending(int row, int column) const
{
    const std::size_t at =
        static_cast<std::size_t>(row) * matrix.columns.size() + static_cast<std::size_t>(column);
    return at < pending.size() && pending[at];
}

void markPending(ScoreSheet& sheet, const TournamentSnapshot& tournament)
{
    sheet.pending.clear();
    if (tournament.complete)
        return;
    const TournamentOutcome& outcome = tournament.outcome;
    const std::size_t plain = outcome.attacks.size();
    const std::size_t attacks = plain + outcome.targetedAttacks.size();
    const std::size_t defenses = outcome.defenses.size();
    std::vector<bool> open(attacks * defenses);
    for (std::size_t attack = 0; attack < attacks; ++attack) {
        const SubmissionProgress& progress = tournament.submissions.at(attack);
        for (std::size_t defense = 0; defense < defenses; ++defense)
            open[attack * defenses + defense] = progress.done + progress.failed < progress.total;
    }
    for (std::size_t number = 0; number < outcome.examples.size(); ++number) {
        const AdvExample& example = outcome.examples[number];
        const std::size_t attack = example.attack + (example.targeted ? plain : 0);
        for (std::size_t defense = 0; defense < defenses; ++defense)
            if (!outcome.labels[defense][number])
                open[attack * defenses + defense] = true;
    }
    sheet.pending.resize(sheet.matrix.cells.size());
    for (std::size_t at = 0; at < sheet.pending.size(); ++at) {
        const Meeting meeting = sheet.meetingOf(static_cast<int>(at / sheet.matrix.columns.size()),
            static_cast<int>(at % sheet.matrix.columns.size()));
        const std::size_t attack =
            static_cast<std::size_t>(meeting.attack) + (meeting.targeted ? plain : 0);
        sheet.pending[at] = open[attack * defenses + static_cast<std::size_t>(meeting.defense)];
    }
}

QVector<ScoreSheet> scoreSheets(const TournamentOutcome& outcome, ScoreMode mode)
{
    return mode == ScoreMode::Official ? officialSheets(outcome) : developmentSheets(outcome);
}

std::vector<std::optional<int>> placesOf(const std::vector<std::optional<long>>& scores)
{
    std::vector<std::optional<int>> places;
    places.reserve(scores.size());
    for (const std::optional<long>& score : scores) {
        if (!score) {
            places.emplace_back();
            continue;
        }
        places.emplace_back(1
            + static_cast<int>(std::ranges::count_if(scores,
                [&](const std::optional<long>& other) { return other && *other > *score; })));
    }
    return places;
}

} // namespace crossiter::ui
