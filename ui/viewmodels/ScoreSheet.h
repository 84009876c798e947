#pragma once

#include "core/batch/TournamentView.h"
#include "core/contest/Score.h"

#include <QString>
#include <QVector>

#include <optional>
#include <vector>

namespace crossiter::ui {

/// One meeting of a tournament: an attack and a defense, indices in the plan's order.
struct Meeting
{
    bool targeted = false; ///< `attack` counts in the targeted attacks
    int attack = -1;
    int defense = -1;

    bool operator==(const Meeting&) const = default;
    [[nodiscard]] bool valid() const { return attack >= 0 && defense >= 0; }
};

/// One of the competition's matrices with what stands at its margins, ready to be shown.
struct ScoreSheet
{
    QString title; ///< "Right on attacks"
    QString file; ///< the competition's file that holds the same counts
    QString cellHelp; ///< what a cell counts, for tooltips: "images that the defense got right"
    ScoreMatrix matrix;
    bool rowsAreDefenses = false; ///< the official evaluation's matrices
    bool targeted = false; ///< which attacks these are; in the official matrices: the first ones
                           ///< are not, see attacks
    int attacks = 0; ///< official: so many rows or columns are non-targeted attacks
    long most = 0; ///< the highest count that a cell can have: images
    /// The competition's score of each row and column; none: this matrix decides none.
    std::vector<std::optional<long>> rowScores;
    std::vector<std::optional<long>> columnScores;

    /// As matrix.cells: not all answers are there yet, so the count says nothing. Empty: none is.
    std::vector<bool> pending;

    [[nodiscard]] bool isPending(int row, int column) const;
    [[nodiscard]] Meeting meetingOf(int row, int column) const;
};

/// The matrices that a tournament's files hold, as far as they have rows: accuracy on attacks, on
/// targeted attacks, hits; official: accuracy, error, hits with a row a defense.
/// Throws what scoreTournament throws.
[[nodiscard]] QVector<ScoreSheet> scoreSheets(const TournamentOutcome& outcome, ScoreMode mode);

/// Marks what a running or interrupted tournament has not found out yet. A complete one: nothing.
void markPending(ScoreSheet& sheet, const TournamentSnapshot& tournament);

/// 1-based; ties share a place. Empty where there is no score.
[[nodiscard]] std::vector<std::optional<int>> placesOf(
    const std::vector<std::optional<long>>& scores);

} // namespace crossiter::ui
