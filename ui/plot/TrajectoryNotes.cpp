// TrajectoryPlot: the sentences beside the plot.
#include "core/classify/Labels.h"
#include "ui/plot/TrajectoryParts.h"
#include "ui/session/Counted.h"

#include <map>

namespace crossiter::ui {
namespace {

constexpr int kMostNotes = 3;

QString bold(const QString& text, const QColor& color)
{
    return QStringLiteral("<b style='color:%1'>%2</b>").arg(color.name(), text.toHtmlEscaped());
}

QString nameOfLabel(int label)
{
    return QString::fromStdString(labelName(label));
}

} // namespace

void TrajectoryPlot::updateNotes()
{
    QVector<LegendEntry> entries;
    m_notes.clear();
    const bool hasTrace = m_trace != nullptr;
    bool descends = false;
    bool ascends = false;
    if (!hasTrace) {
        entries.append({ LegendEntry::Sample::None, {},
            tr("Run an attack: the probability of the true, the attacked and the target label "
               "appears here, sub-step by sub-step.") });
    } else {
        for (const auto& subStep : m_trace->subSteps) {
            descends = descends || (subStep->attackedLabel >= 0 && subStep->descends);
            ascends = ascends || (subStep->attackedLabel >= 0 && !subStep->descends);
        }
        const bool linesAreTrue = m_showTrue && m_trueLabel;
        QString heading = tr("Probability on the exported image");
        if (linesAreTrue) {
            const QString name = bold(nameOfLabel(*m_trueLabel), theme().trueLabel)
                + (m_assumed ? tr(" (assumed: the joint top-1)") : QString());
            heading = tr("Probability of %1 on the exported image").arg(name);
        }
        entries.append({ LegendEntry::Sample::None, {}, heading });
        for (const std::string& judge : m_trace->judges) {
            const int source = sourceIndexOf(judge);
            const QString name = nameOf(judge).toHtmlEscaped();
            QPen pen(theme().sourceColor(source), source >= 0 ? 2.0 : 1.5);
            if (source < 0) {
                pen.setDashPattern({ 4, 3 });
            }
            entries.append({ LegendEntry::Sample::Line, pen,
                source >= 0 ? tr("%1 (source %2)").arg(name).arg(source + 1)
                            : tr("%1 (judge only)").arg(name) });
        }
        if (m_showAttacked) {
            QPen pen(theme().muted, 1.4);
            pen.setDashPattern({ 1.2, 2.2 });
            entries.append(
                { LegendEntry::Sample::Line, pen, tr("of the label that the sub-step attacked") });
        }
        if (m_showTarget && m_target) {
            QPen pen(theme().muted, 1.6);
            pen.setDashPattern({ 7, 2.5, 1.5, 2.5 });
            entries.append({ LegendEntry::Sample::Line, pen,
                tr("of the target %1").arg(bold(nameOfLabel(*m_target), theme().target)) });
        }
        if (linesAreTrue) {
            addReturnNotes(entries);
        }
        if (m_trueLabel && ascends) {
            entries.append(
                { LegendEntry::Sample::Strip, {}, tr("attacked label true / not the true one") });
        } else if (!m_trueLabel) {
            m_notes.append(tr("The true label is not known."));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast() });
        }
        if (m_stale) {
            m_notes.append(tr("Of the former settings."));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast() });
        }
        if (m_trace->cancelled) {
            const QString done = countedText(lastComputed(), tr("sub-step"), tr("sub-steps"));
            m_notes.append(m_running ? tr("Running: %1 so far.").arg(done)
                                     : tr("Cancelled after %1.").arg(done));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast() });
        }
        for (const std::string& fact : m_trace->notes) { // what the attack itself has to say
            m_notes.append(QString::fromStdString(fact));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast().toHtmlEscaped() });
        }
    }
    m_parts->legend->setAvailable(m_trueLabel.has_value(), hasTrace, m_target.has_value());
    m_parts->legend->setEntries(entries);
    m_entries = entries;
    setAccessibleDescription(m_notes.join(QLatin1Char(' ')));
}

void TrajectoryPlot::addReturnNotes(QVector<LegendEntry>& entries)
{
    // By sub-step, then in the judges' order: one sentence each, the first ones only.
    std::map<int, QStringList> returns;
    for (std::size_t judge = 0; judge < m_trace->judges.size(); ++judge) {
        for (const int subStep : labelReturns(*m_trace, static_cast<int>(judge), *m_trueLabel)) {
            returns[subStep].append(nameOf(m_trace->judges[judge]));
        }
    }
    const QString trueName = nameOfLabel(*m_trueLabel);
    int told = 0;
    for (const auto& [subStep, models] : returns) {
        if (told == kMostNotes) {
            const int more = static_cast<int>(returns.size()) - kMostNotes;
            m_notes.append(
                tr("and at %1")
                    .arg(countedText(more, tr("further sub-step"), tr("further sub-steps"))));
            entries.append({ LegendEntry::Sample::Ring, QPen(theme().wrongLabel, 2.0),
                m_notes.constLast().toHtmlEscaped() });
            break;
        }
        const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(subStep));
        const QString on = models.join(tr(" and "));
        if (step.attackedLabel >= 0 && step.attackedLabel != *m_trueLabel && !step.descends) {
            m_notes.append(
                tr("the true label is back: sub-step %1 attacked \u201c%2\u201d, so "
                   "\u201c%3\u201d returned on %4")
                    .arg(QString::number(subStep), nameOfLabel(step.attackedLabel), trueName, on));
        } else {
            m_notes.append(
                tr("the true label is back: \u201c%1\u201d returned at sub-step %2 on %3")
                    .arg(trueName, QString::number(subStep), on));
        }
        entries.append({ LegendEntry::Sample::Ring, QPen(theme().wrongLabel, 2.0),
            m_notes.constLast().toHtmlEscaped() });
        ++told;
    }
}

} // namespace crossiter::ui
