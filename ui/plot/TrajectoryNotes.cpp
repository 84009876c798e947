#include "ui/plot/TrajectoryNotes.h"

#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"

#include <QCoreApplication>

#include <algorithm>
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
    const auto add = [&notes](LegendEntry::Sample sample, const QPen& pen, const QString& text) {
        notes.entries.append({ sample, pen, text });
    };
    const auto tell = [&](const QString& sentence) {
        notes.sentences.append(sentence);
        add(LegendEntry::Sample::None, {}, sentence.toHtmlEscaped());
    };
    if (shown.trace == nullptr) {
        add(LegendEntry::Sample::None, {},
            say("Run an attack: the probability of the true, the attacked and the target label "
                "appears here, sub-step by sub-step."));
        return notes;
    }
    const bool linesAreTrue = shown.showTrue && shown.trueLabel;
    QString heading = say("Probability on the exported image");
    if (linesAreTrue) {
        const QString name = bold(labelText(*shown.trueLabel), theme.trueLabel)
            + (shown.assumed ? say(" (assumed: the joint top-1)") : QString());
        heading = say("Probability of %1 on the exported image").arg(name);
    }
    add(LegendEntry::Sample::None, {}, heading);
    for (const std::string& judge : shown.trace->judges) {
        const int source = shown.sourceIndexOf(judge);
        const QString name = shown.nameOf(judge).toHtmlEscaped();
        QPen pen(theme.sourceColor(source), source >= 0 ? 2.0 : 1.5);
        if (source < 0)
            pen.setDashPattern({ 4, 3 });
        add(LegendEntry::Sample::Line, pen,
            source >= 0 ? say("%1 (source %2)").arg(name).arg(source + 1)
                        : say("%1 (judge only)").arg(name));
    }
    const auto addDashed = [&](double width, const QVector<qreal>& dashes, const QString& text) {
        QPen pen(theme.muted, width);
        pen.setDashPattern(dashes);
        add(LegendEntry::Sample::Line, pen, text);
    };
    if (shown.showAttacked)
        addDashed(1.4, { 1.2, 2.2 }, say("of the label that the sub-step attacked"));
    if (shown.showTarget && shown.target)
        addDashed(1.6, { 7, 2.5, 1.5, 2.5 },
            say("of the target %1").arg(bold(labelText(*shown.target), theme.target)));
    if (linesAreTrue)
        addReturns(notes, shown, theme);
    const auto& steps = shown.trace->subSteps;
    if (!shown.trueLabel)
        tell(say("The true label is not known."));
    else if (std::ranges::any_of(steps,
                 [](const auto& step) { return step->attackedLabel >= 0 && !step->descends; }))
        add(LegendEntry::Sample::Strip, {}, say("attacked label true / not the true one"));
    if (shown.stale)
        tell(say("Of the former settings."));
    if (shown.trace->cancelled) {
        const QString done = countedText(shown.lastComputed(), say("sub-step"), say("sub-steps"));
        tell(shown.running ? say("Running: %1 so far.").arg(done)
                           : say("Cancelled after %1.").arg(done));
    }
    for (const std::string& fact : shown.trace->notes) // what the attack itself has to say
        tell(QString::fromStdString(fact));
    return notes;
}

} // namespace crossiter::ui
