#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/LeakSession.h"

#include <QMap>
#include <QString>
#include <QStringList>

namespace crossiter::ui {

/// What one attack's trace says about the watched label, counted from the trace; words and tracks
/// read it from here.
struct LeakFacts
{
    int done = 0; ///< sub-steps, without the clean image
    int wrong = 0; ///< that attacked (away from) another label than the true one
    int firstWrong = -1; ///< -1: none
    QVector<QVector<int>> returns; ///< per judge: sub-steps at which the true label is back
    QVector<int> lostAt; ///< per judge: the first sub-step without it; -1: never; -2: not on clean
    QVector<int> targetSince; ///< per judge: the target is top-1 from here to the end; -1: not
    QVector<double> targetLast; ///< per judge: its probability at the last sub-step
};

/// trueLabel, target: nothing where not known; what needs them stays at its "none".
[[nodiscard]] LeakFacts leakFacts(
    const AttackTrace& trace, std::optional<int> trueLabel, std::optional<int> target);

/// "own, refreshed", with "· ball" or "· none" when both projections are compared;
/// of networks: "Lite1 and Lite0 in turn", "Lite1 alone".
[[nodiscard]] QString trackName(const LeakTrack& track, LeakView view, bool bothProjections,
    const std::function<QString(const std::string&)>& shortName);
/// Beside the track: "6 of 10 wrong", "waiting", "4 of 10 ...".
[[nodiscard]] QString trackNote(
    const LeakTrack& track, const LeakFacts& facts, bool targeted, bool working);
/// One sentence a track: "own, refreshed: 6 of 10 sub-steps attacked another label; Dalmatian came
/// back at 2 on Lite0." Plain text.
[[nodiscard]] QString trackSentence(const LeakTrack& track, const QString& name,
    const LeakFacts& facts, std::optional<int> trueLabel, std::optional<int> target,
    const std::function<QString(const std::string&)>& shortName);
/// What the comparison with the exact trace says; empty when none was asked for.
[[nodiscard]] QString exactSentence(const ExactComparison& exact);

} // namespace crossiter::ui
