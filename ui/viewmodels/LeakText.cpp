#include "ui/viewmodels/LeakText.h"

#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"
#include "ui/viewmodels/SubStepText.h"

#include <QCoreApplication>

#include <algorithm>

namespace crossiter::ui {

namespace {

QString say(const char* words)
{
    return QCoreApplication::translate("crossiter::ui::LeakText", words);
}

QString stepsText(int count)
{
    return countedText(count, say("sub-step"), say("sub-steps"));
}

/// ruleText for the narrow column beside a track.
QString shortRule(LabelRule rule)
{
    switch (rule) {
    case LabelRule::OwnRefreshed:
        return say("own, refreshed");
    case LabelRule::OwnClean:
        return say("own, clean");
    case LabelRule::JointClean:
        return say("joint, clean");
    case LabelRule::LeastLikely:
        return say("least likely");
    default:
        return ruleText(rule);
    }
}

QString quoted(int label)
{
    return QStringLiteral("“%1”").arg(labelText(label));
}

QString listed(const QStringList& words)
{
    if (words.size() < 2)
        return words.value(0);
    return words.mid(0, words.size() - 1).join(QStringLiteral(", ")) + say(" and ") + words.last();
}

/// "2, 7 and 9"; of many the first ones.
QString stepList(const QVector<int>& steps)
{
    constexpr int kMost = 5;
    QStringList words;
    for (const int step : steps.mid(0, kMost))
        words << QString::number(step);
    if (steps.size() > kMost)
        words << say("%1 more").arg(steps.size() - kMost);
    return listed(words);
}

QString leakWords(const LeakFacts& facts, const AttackTrace& trace, int trueLabel,
    const std::function<QString(const std::string&)>& shortName)
{
    QStringList back;
    QStringList kept;
    for (int judge = 0; judge < facts.returns.size(); ++judge) {
        const QString name = shortName(trace.judges[static_cast<std::size_t>(judge)]);
        if (!facts.returns[judge].isEmpty())
            back << say("at %1 on %2").arg(stepList(facts.returns[judge]), name);
        else if (facts.lostAt[judge] == -1)
            kept << name;
    }
    QString text;
    if (!back.isEmpty())
        text += say("; %1 came back %2").arg(quoted(trueLabel), back.join(QStringLiteral(", ")));
    else
        text += say("; %1 never came back").arg(quoted(trueLabel));
    if (!kept.isEmpty())
        text += say("; %1 never lost it").arg(listed(kept));
    return text;
}

QString targetWords(const LeakFacts& facts, const AttackTrace& trace,
    const std::function<QString(const std::string&)>& shortName)
{
    QStringList won;
    QStringList lost;
    for (int judge = 0; judge < facts.targetSince.size(); ++judge) {
        const QString name = shortName(trace.judges[static_cast<std::size_t>(judge)]);
        const QString share = probabilityText(facts.targetLast[judge]);
        if (facts.targetSince[judge] >= 0) {
            won << say("%1 from sub-step %2 on (%3)")
                       .arg(name)
                       .arg(facts.targetSince[judge])
                       .arg(share);
        } else {
            lost << say("%1 (%2)").arg(name, share);
        }
    }
    QString text = won.isEmpty() ? say("no judge says the target")
                                 : say("the target is top-1 of %1").arg(listed(won));
    if (!won.isEmpty() && !lost.isEmpty())
        text += say("; not of %1").arg(listed(lost));
    else if (!lost.isEmpty())
        text += say(": %1").arg(listed(lost));
    return text;
}

} // namespace

LeakFacts leakFacts(
    const AttackTrace& trace, std::optional<int> trueLabel, std::optional<int> target)
{
    LeakFacts facts;
    facts.done = static_cast<int>(trace.subSteps.size()) - 1;
    const auto judges = static_cast<int>(trace.judges.size());
    facts.returns.resize(judges);
    facts.lostAt.fill(-1, judges);
    facts.targetSince.fill(-1, judges);
    facts.targetLast.fill(0.0, judges);
    for (const auto& step : trace.subSteps) {
        const bool wrong = trueLabel && step->attackedLabel >= 0 && !step->descends
            && step->attackedLabel != *trueLabel;
        if (wrong) {
            ++facts.wrong;
            facts.firstWrong = facts.firstWrong < 0 ? step->index : facts.firstWrong;
        }
    }
    for (int judge = 0; judge < judges; ++judge) {
        if (trueLabel) {
            const auto back = labelReturns(trace, judge, *trueLabel);
            facts.returns[judge] = QVector<int>(back.begin(), back.end());
        }
        for (const auto& step : trace.subSteps) {
            const Prediction& says = step->judges.at(static_cast<std::size_t>(judge));
            const int top = says.top1();
            if (trueLabel && facts.lostAt[judge] == -1 && top != *trueLabel)
                facts.lostAt[judge] = step->index == 0 ? -2 : step->index;
            if (target) {
                facts.targetLast[judge] = says.probabilityOf(*target);
                if (top != *target)
                    facts.targetSince[judge] = -1;
                else if (facts.targetSince[judge] < 0)
                    facts.targetSince[judge] = step->index;
            }
        }
    }
    return facts;
}

QString trackName(const LeakTrack& track, LeakView view, bool bothProjections,
    const std::function<QString(const std::string&)>& shortName)
{
    if (view == LeakView::Networks) {
        QStringList names;
        for (const std::string& id : track.request.sources)
            names << shortName(id);
        return names.size() > 1 ? say("%1 in turn").arg(listed(names))
                                : say("%1 alone").arg(names.value(0));
    }
    QString name = shortRule(track.request.labelRule);
    if (bothProjections)
        name += track.request.projection == Projection::Ball ? say(" · ball") : say(" · no ball");
    return name;
}

QString trackNote(const LeakTrack& track, const LeakFacts& facts, bool targeted, bool working)
{
    if (!track.obstacle.isEmpty())
        return track.obstacle;
    if (!track.complete()) {
        const int planned = subStepCount(track.request);
        return track.trace ? say("%1 of %2").arg(track.done()).arg(planned)
                           : (working ? say("waiting") : say("not computed"));
    }
    if (targeted) {
        const auto won =
            std::ranges::count_if(facts.targetSince, [](int since) { return since >= 0; });
        return say("target on %1 of %2").arg(won).arg(facts.targetSince.size());
    }
    if (!track.trace->subSteps.empty() && track.trace->last().descends)
        return say("towards a label");
    return say("%1 of %2 wrong").arg(facts.wrong).arg(facts.done);
}

QString trackSentence(const LeakTrack& track, const QString& name, const LeakFacts& facts,
    std::optional<int> trueLabel, std::optional<int> target,
    const std::function<QString(const std::string&)>& shortName)
{
    if (!track.obstacle.isEmpty())
        return say("%1: %2.").arg(name, track.obstacle);
    if (!track.trace || facts.done == 0)
        return {};
    QString text = QStringLiteral("%1: ").arg(name);
    if (target)
        return text + targetWords(facts, *track.trace, shortName) + QLatin1Char('.');
    if (!trueLabel)
        return text + say("the true label is not known, so nothing can be counted.");
    if (track.trace->last().descends) {
        text += say("%1 moved towards another label").arg(stepsText(facts.done));
    } else if (facts.wrong == 0) {
        text += (facts.done == 1
                ? say("the one sub-step attacked %1").arg(quoted(*trueLabel))
                : say("all %1 sub-steps attacked %2").arg(facts.done).arg(quoted(*trueLabel)));
    } else {
        text += say("%1 of %2 attacked another label, first %3")
                    .arg(facts.wrong)
                    .arg(stepsText(facts.done))
                    .arg(facts.firstWrong);
    }
    return text + leakWords(facts, *track.trace, *trueLabel, shortName) + QLatin1Char('.');
}

QString exactSentence(const ExactComparison& exact)
{
    if (exact.compared < 0)
        return exact.running ? say("The exact trace is being computed.") : QString();
    const int planned = subStepCount(exact.shown);
    QString text;
    if (exact.departure() < 0) {
        text = exact.compared == planned
            ? (planned == 1
                    ? say("The one sub-step equals the exact trace's, picture and attacked label.")
                    : say("All %1 sub-steps equal the exact trace's, picture and attacked label.")
                          .arg(planned))
            : say("The first %1 of %2 equal the exact trace's.")
                  .arg(exact.compared)
                  .arg(stepsText(planned));
        return text;
    }
    if (exact.firstPicture >= 0) {
        const double share = exact.equalPixels[static_cast<std::size_t>(exact.firstPicture)];
        text = say("From sub-step %1 on the picture is not the exact one's (%2 % of its pixels are "
                   "equal)")
                   .arg(exact.firstPicture)
                   .arg(100.0 * share, 0, 'f', share > 0.9995 && share < 1.0 ? 3 : 1);
    } else {
        text = say("Every picture so far is the exact one's");
    }
    text += exact.firstLabel >= 0
        ? say("; the first other label is attacked at %1.").arg(exact.firstLabel)
        : say("; the attacked labels are the same up to %1.").arg(exact.compared);
    if (exact.compared > 0) {
        text += QLatin1Char(' ')
            + say("At %1, %2 % of the pixels and %3 % of the judges' top-1 agree.")
                  .arg(exact.compared)
                  .arg(100.0 * exact.equalPixels.back(), 0, 'f', 1)
                  .arg(100.0 * exact.equalTop1.back(), 0, 'f', 0);
    }
    return text;
}

} // namespace crossiter::ui
