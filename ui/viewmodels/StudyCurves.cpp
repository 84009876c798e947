#include "ui/viewmodels/StudyCurves.h"

#include "ui/viewmodels/SubStepText.h"

#include <QCoreApplication>

namespace crossiter::ui {

namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("crossiter::ui::StudyCurves", words);
}

/// Nothing: this measure has no value at this round.
const Proportion* proportionOf(const StudyCurve& curve, StudyMeasure measure, std::size_t judge,
    std::size_t round, bool ofClean)
{
    const StudyCell& cell = curve.cells.at(judge).at(round);
    switch (measure) {
    case StudyMeasure::Accuracy:
    case StudyMeasure::Score:
        return ofClean && measure == StudyMeasure::Accuracy ? &cell.rightOfClean : &cell.right;
    case StudyMeasure::Returned:
        return ofClean ? &cell.returnedOfClean : &cell.returned;
    case StudyMeasure::ReturnsNow:
        return round == 0 ? nullptr : ofClean ? &cell.returnsNowOfClean : &cell.returnsNow;
    case StudyMeasure::WrongLabel:
        return round == 0 ? nullptr
            : ofClean     ? &curve.rounds.at(round).wrongLabelOfRight
                          : &curve.rounds.at(round).wrongLabel;
    }
    return nullptr;
}

} // namespace

const QVector<StudyMeasure>& allMeasures()
{
    static const QVector<StudyMeasure> all { StudyMeasure::Accuracy, StudyMeasure::Returned,
        StudyMeasure::ReturnsNow, StudyMeasure::WrongLabel, StudyMeasure::Score };
    return all;
}

QString measureText(StudyMeasure measure)
{
    switch (measure) {
    case StudyMeasure::Accuracy:
        return say("accuracy");
    case StudyMeasure::Returned:
        return say("came back so far");
    case StudyMeasure::ReturnsNow:
        return say("comes back now");
    case StudyMeasure::WrongLabel:
        return say("wrong-label share");
    case StudyMeasure::Score:
        return say("competition score");
    }
    return {};
}

QString measureTip(StudyMeasure measure)
{
    switch (measure) {
    case StudyMeasure::Accuracy:
        return say("Share of photos whose exported image the judge calls by the true label.");
    case StudyMeasure::Returned:
        return say("Share of photos whose true label was lost and came back at least once.");
    case StudyMeasure::ReturnsNow:
        return say("Share of photos whose true label comes back in this round.");
    case StudyMeasure::WrongLabel:
        return say("Share of the round's sub-steps that attacked another than the true label.");
    case StudyMeasure::Score:
        return say("Photos that the judge gets wrong: the attack's score in the competition.");
    }
    return {};
}

QVector<BandCurve> studyCurves(
    const StudyResult& result, StudyMeasure measure, std::size_t judge, bool ofClean)
{
    QVector<BandCurve> curves;
    const auto& projections = result.request.projections;
    const auto& orders = result.request.orders;
    for (const StudyCurve& from : result.curves) {
        BandCurve curve;
        curve.rule = from.variant.rule;
        curve.ball = from.variant.projection == Projection::Ball;
        curve.reversed = from.variant.order == SourceOrder::Reversed;
        curve.name = ruleText(from.variant.rule);
        if (projections.size() > 1)
            curve.name += curve.ball ? say(" · ball") : say(" · no ball");
        if (orders.size() > 1 && curve.reversed)
            curve.name += say(" · reversed");
        for (std::size_t round = 0; round < from.rounds.size(); ++round) {
            const Proportion* share = judge < from.cells.size()
                ? proportionOf(from, measure, judge, round, ofClean)
                : nullptr;
            if (share == nullptr || share->total == 0)
                continue;
            curve.rounds << static_cast<double>(round);
            if (measure == StudyMeasure::Score) { // right shares, told as photos that are not right
                const auto total = static_cast<double>(share->total);
                curve.values << static_cast<double>(from.cells[judge][round].score);
                curve.low << total * (1.0 - share->high);
                curve.high << total * (1.0 - share->low);
            } else {
                curve.values << share->share;
                curve.low << share->low;
                curve.high << share->high;
            }
        }
        curves << curve;
    }
    return curves;
}

} // namespace crossiter::ui
