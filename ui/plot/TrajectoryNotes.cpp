#include "ui/plot/TrajectoryNotes.h"

#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"

#include <QCoreApplication>

#include <map>

namespace crossiter::ui {

namespace {

constexpr int kMostNotes = 3;

QString bold(const QString& text, const QColor& color)
{
    return QStringLiteral("<b style='color:%1'>%2</b>").arg(color.name(), text.toHtmlEscaped());
}

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::TrajectoryPlot", text);
}

void addReturns(TrajectoryNotes& notes, const TrajectoryData& shown, const Theme& theme)
{
    // By sub-step, then in the judges' order: one sentence each, the first ones only.
    std::map<int, QStringList> returns;
    for (std::size_t judge = 0; judge < shown.trace->judges.size(); ++judge)
        for (const int subStep :
            labelReturns(*shown.trace, static_cast<int>(judge), *shown.trueLabel))
            returns[subStep].append(shown.nameOf(shown.trace->judges[judge]));
    const QString trueName = labelText(*shown.trueLabel);
    int told = 0;
    for (const auto& [subStep, models] : returns) {
        if (told == kMostNotes) {
            const int more = static_cast<int>(returns.size()) - kMostNotes;
            notes.sentences.append(
                say("and at %1")
                    .arg(countedText(more, say("further sub-step"), say("further sub-steps"))));
            notes.entries.append({ LegendEntry::Sample::Ring, QPen(theme.wrongLabel, 2.0),
                notes.sentences.constLast().toHtmlEscaped() });
            break;
        }
        const SubStep& step = *shown.trace->subSteps.at(static_cast<std::size_t>(subStep));
        const QString on = models.join(say(" and "));
        if (step.attackedLabel >= 0 && step.attackedLabel != *shown.trueLabel && !step.descends) {
            notes.sentences.append(
                say("the true label is back: sub-step %1 attacked \u201c%2\u201d, so "
                    "\u201c%3\u201d returned on %4")
                    .arg(QString::number(subStep), labelText(step.attackedLabel), trueName, on));
        } else {
            notes.sentences.append(
                say("the true label is back: \u201c%1\u201d returned at sub-step %2 on %3")
                    .arg(trueName, QString::number(subStep), on));
        }
        notes.entries.append({ LegendEntry::Sample::Ring, QPen(theme.wrongLabel, 2.0),
            notes.sentences.constLast().toHtmlEscaped() });
        ++told;
    }
}

} // namespace

TrajectoryNotes trajectoryNotes(const TrajectoryData& shown, const Theme& theme)
{
    TrajectoryNotes notes;
    const bool hasTrace = shown.trace != nullptr;
    bool descends = false;
    bool ascends = false;
    if (!hasTrace) {
        notes.entries.append({ LegendEntry::Sample::None, {},
            say("Run an attack: the probability of the true, the attacked and the target label "
                "appears here, sub-step by sub-step.") });
    } else {
        for (const auto& subStep : shown.trace->subSteps) {
            descends = descends || (subStep->attackedLabel >= 0 && subStep->descends);
            ascends = ascends || (subStep->attackedLabel >= 0 && !subStep->descends);
        }
        const bool linesAreTrue = shown.showTrue && shown.trueLabel;
        QString heading = say("Probability on the exported image");
        if (linesAreTrue) {
            const QString name = bold(labelText(*shown.trueLabel), theme.trueLabel)
                + (shown.assumed ? say(" (assumed: the joint top-1)") : QString());
            heading = say("Probability of %1 on the exported image").arg(name);
        }
        notes.entries.append({ LegendEntry::Sample::None, {}, heading });
        for (const std::string& judge : shown.trace->judges) {
            const int source = shown.sourceIndexOf(judge);
            const QString name = shown.nameOf(judge).toHtmlEscaped();
            QPen pen(theme.sourceColor(source), source >= 0 ? 2.0 : 1.5);
            if (source < 0)
                pen.setDashPattern({ 4, 3 });
            notes.entries.append({ LegendEntry::Sample::Line, pen,
                source >= 0 ? say("%1 (source %2)").arg(name).arg(source + 1)
                            : say("%1 (judge only)").arg(name) });
        }
        if (shown.showAttacked) {
            QPen pen(theme.muted, 1.4);
            pen.setDashPattern({ 1.2, 2.2 });
            notes.entries.append(
                { LegendEntry::Sample::Line, pen, say("of the label that the sub-step attacked") });
        }
        if (shown.showTarget && shown.target) {
            QPen pen(theme.muted, 1.6);
            pen.setDashPattern({ 7, 2.5, 1.5, 2.5 });
            notes.entries.append({ LegendEntry::Sample::Line, pen,
                say("of the target %1").arg(bold(labelText(*shown.target), theme.target)) });
        }
        if (linesAreTrue)
            addReturns(notes, shown, theme);
        if (shown.trueLabel && ascends) {
            notes.entries.append(
                { LegendEntry::Sample::Strip, {}, say("attacked label true / not the true one") });
        } else if (!shown.trueLabel) {
            notes.sentences.append(say("The true label is not known."));
            notes.entries.append({ LegendEntry::Sample::None, {}, notes.sentences.constLast() });
        }
        if (shown.stale) {
            notes.sentences.append(say("Of the former settings."));
            notes.entries.append({ LegendEntry::Sample::None, {}, notes.sentences.constLast() });
        }
        if (shown.trace->cancelled) {
            const QString done =
                countedText(shown.lastComputed(), say("sub-step"), say("sub-steps"));
            notes.sentences.append(shown.running ? say("Running: %1 so far.").arg(done)
                                                 : say("Cancelled after %1.").arg(done));
            notes.entries.append({ LegendEntry::Sample::None, {}, notes.sentences.constLast() });
        }
        for (const std::string& fact : shown.trace->notes) { // what the attack itself has to say
            notes.sentences.append(QString::fromStdString(fact));
            notes.entries.append(
                { LegendEntry::Sample::None, {}, notes.sentences.constLast().toHtmlEscaped() });
        }
    }
    return notes;
}

} // namespace crossiter::ui
