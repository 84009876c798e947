#include "ui/viewmodels/SubStepText.h"

#include "ui/session/Counted.h"
#include "ui/session/FieldWords.h"
#include "ui/session/ShownText.h"

#include <QCoreApplication>
#include <QTextDocumentFragment>

#include <algorithm>

namespace crossiter::ui {

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::SubStepText", text);
}

QString coloured(const QString& text, const QColor& color)
{
    return QStringLiteral("<b style=\"color:%1\">%2</b>").arg(color.name(), text.toHtmlEscaped());
}

QString quoted(int label)
{
    return QStringLiteral("“%1”").arg(labelText(label));
}

/// The judges whose top-1 is the true label again at this sub-step, having lost it before.
QStringList returnedOn(
    const AttackTrace& trace, int subStep, int trueLabel, const QStringList& names)
{
    QStringList models;
    for (std::size_t judge = 0; judge < trace.judges.size(); ++judge) {
        const auto& sources = trace.request.sources;
        const auto source = std::find(sources.begin(), sources.end(), trace.judges[judge]);
        if (source == sources.end())
            continue;
        const auto returns = labelReturns(trace, static_cast<int>(judge), trueLabel);
        const auto at = source - sources.begin();
        if (std::find(returns.begin(), returns.end(), subStep) != returns.end() && at < names.size()
            && !models.contains(names[at]))
            models << names[at];
    }
    return models;
}

/// " “Dalmatian” is back on B0."; empty: on none.
QString returnedText(const AttackTrace& trace, int subStep, const ShownLabel& trueLabel,
    const QStringList& names, const Theme& theme)
{
    const QStringList back =
        trueLabel.label ? returnedOn(trace, subStep, *trueLabel.label, names) : QStringList();
    if (back.isEmpty())
        return {};
    return QLatin1Char(' ')
        + say("%1 is back on %2.")
              .arg(coloured(quoted(*trueLabel.label), theme.trueLabel),
                  back.join(say(" and ")).toHtmlEscaped());
}

} // namespace

QString subStepSentence(const AttackTrace& trace, int subStep, const ShownLabel& trueLabel,
    const QStringList& names, const Theme& theme)
{
    const SubStep& step = *trace.subSteps[static_cast<std::size_t>(subStep)];
    if (step.index == 0)
        return say("The clean image: nothing has been attacked yet.");
    if (!trace.madeElsewhere.empty()) {
        const std::string& name = step.other.name.empty() ? trace.madeElsewhere : step.other.name;
        return say("Made elsewhere: %1, %2 at most from the clean image.")
                   .arg(coloured(QString::fromStdString(name), theme.accent),
                       countedText(step.linfExported, say("grey level"), say("grey levels")))
            + (trace.clean.isImageSpace()
                    ? QString()
                    : say(" Both at %1 × %2 px.").arg(trace.clean.width).arg(trace.clean.height))
            + returnedText(trace, subStep, trueLabel, names, theme);
    }
    const QString head = say("Sub-step %1: ").arg(step.index);
    if (step.source.empty()) {
        return head
            + say("random noise of ±%1; no network was asked.")
                  .arg(
                      countedText(trace.request.epsilon255, say("grey level"), say("grey levels")));
    }
    const QString source =
        coloured(names.value(step.sourceIndex, QString::fromStdString(step.source)),
            theme.sourceColor(step.sourceIndex));
    QString text;
    if (step.descends) {
        const bool target = trace.request.target == step.attackedLabel;
        text = head
            + say("%1 was stepped towards %2, %3.")
                  .arg(source, coloured(quoted(step.attackedLabel), theme.target),
                      target ? say("the target") : say("its least likely label"));
    } else {
        const bool isTrue = trueLabel.label == step.attackedLabel;
        const QString truth =
            trueLabel.assumed ? say("the assumed true label") : say("the true label");
        text = head
            + say("%1 was stepped away from %2")
                  .arg(source,
                      coloured(
                          quoted(step.attackedLabel), isTrue ? theme.trueLabel : theme.wrongLabel));
        if (!trueLabel.label)
            text += QLatin1Char('.');
        else
            text += isTrue ? say(", %1.").arg(truth) : say(", not from %1.").arg(truth);
    }
    return text + returnedText(trace, subStep, trueLabel, names, theme);
}

QString plainText(const QString& rich)
{
    return QTextDocumentFragment::fromHtml(rich).toPlainText();
}

QString methodText(Method method)
{
    return choiceText("method", toString(method));
}

QString ruleText(LabelRule rule)
{
    return choiceText("label-rule", toString(rule));
}

QString ruleTip(LabelRule rule)
{
    return choiceTip("label-rule", toString(rule));
}

} // namespace crossiter::ui
