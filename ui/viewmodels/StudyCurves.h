#pragma once

#include "core/study/LeakStudy.h"

#include <QString>
#include <QVector>

namespace crossiter::ui {

/// One line over the rounds, with its 95 % band.
struct BandCurve
{
    QString name; ///< "own, refreshed (seed)"
    LabelRule rule = LabelRule::OwnRefreshed; ///< decides the colour
    bool ball = false; ///< drawn dashed
    bool reversed = false; ///< drawn dotted
    QVector<double> rounds;
    QVector<double> values; ///< by round
    QVector<double> low;
    QVector<double> high;
};

enum class StudyMeasure
{
    Accuracy, ///< judge's top-1 is the true label
    Returned, ///< the true label came back at least once so far
    ReturnsNow, ///< it comes back in this round
    WrongLabel, ///< sub-steps of the round that attacked another label; whatever the judge
    Score, ///< photos that are not right: the competition's score of the attack
};
[[nodiscard]] const QVector<StudyMeasure>& allMeasures();
[[nodiscard]] QString measureText(StudyMeasure measure);
[[nodiscard]] QString measureTip(StudyMeasure measure);

/// What the study's result holds, as curves; nothing is counted here. ofClean: of the photos that
/// were right when clean (of wrongLabel: on every source) instead of all; the score knows no such
/// choice.
[[nodiscard]] QVector<BandCurve> studyCurves(
    const StudyResult& result, StudyMeasure measure, std::size_t judge, bool ofClean);

} // namespace crossiter::ui
