#include "ui/viewmodels/SubStepText.h"

#include "ui/session/Counted.h"
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
    switch (method) {
    case Method::CrossIterative:
        return say("CrossIterative");
    case Method::CrossIterativeTarget:
        return say("CrossIterative, target");
    case Method::Fgsm:
        return say("FGSM");
    case Method::StepTarget:
        return say("FGSM, target");
    case Method::Bim:
        return say("BIM");
    case Method::IterTarget:
        return say("BIM, target");
    case Method::Noop:
        return say("No attack");
    case Method::RandomNoise:
        return say("Random noise");
    case Method::MiFgsm:
        return say("MI-FGSM");
    }
    return {};
}

QString methodTip(Method method)
{
    switch (method) {
    case Method::CrossIterative:
        return say("The seed's: each round steps every source in turn, without an epsilon ball.");
    case Method::CrossIterativeTarget:
        return say("The seed's, towards a target label, 1 px a sub-step inside the epsilon ball.");
    case Method::Fgsm:
        return say("One step of epsilon away from the label.");
    case Method::StepTarget:
        return say("One step of epsilon towards the target label.");
    case Method::Bim:
        return say(
            "Basic iterative method: steps away from a fixed label inside the epsilon ball.");
    case Method::IterTarget:
        return say("Basic iterative method towards the target label.");
    case Method::Noop:
        return say("The clean image as it is.");
    case Method::RandomNoise:
        return say("Epsilon with a random sign for every value; decided by the seed.");
    case Method::MiFgsm:
        return say("Momentum: each round steps along the accumulated gradient of all sources' mean "
                   "logits, inside the epsilon ball.");
    }
    return {};
}

QString ruleText(LabelRule rule)
{
    switch (rule) {
    case LabelRule::OwnRefreshed:
        return say("own, refreshed (seed)");
    case LabelRule::OwnClean:
        return say("own, of the clean image");
    case LabelRule::True:
        return say("true label");
    case LabelRule::JointClean:
        return say("joint, of the clean image");
    case LabelRule::LeastLikely:
        return say("least likely (towards)");
    case LabelRule::Target:
        return say("target (towards)");
    }
    return {};
}

QString ruleTip(LabelRule rule)
{
    switch (rule) {
    case LabelRule::OwnRefreshed:
        return say("Each sub-step attacks what the stepped source believes now.");
    case LabelRule::OwnClean:
        return say("Each source's own label of the clean image, fixed.");
    case LabelRule::True:
        return say("The true label, fixed.");
    case LabelRule::JointClean:
        return say("The most likely label of all sources together on the clean image, fixed.");
    case LabelRule::LeastLikely:
        return say("Towards each source's least likely label of the clean image.");
    case LabelRule::Target:
        return say("Towards the target label.");
    }
    return {};
}

} // namespace crossiter::ui
