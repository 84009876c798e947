#include "ui/session/FieldWords.h"

#include <QCoreApplication>

#include <algorithm>
#include <iterator>

namespace crossiter::ui {

namespace {

struct Words
{
    const char* key;
    Setting setting; ///< Option: one of its own
    const char* name; ///< with the mark of the plan's dialog
    const char* help;
    const char* panelName = nullptr; ///< nullptr: the name without its mark
    const char* panelHelp = nullptr; ///< nullptr: the help
};

// In the order of the plan's dialog.
constexpr Words kWords[] = {
    { "method", Setting::Method, QT_TR_NOOP("&Method"),
        QT_TR_NOOP("Which attack; it decides the defaults."), QT_TR_NOOP("&Method"),
        QT_TR_NOOP("Which attack. Choosing one sets its own defaults.") },
    { "source", Setting::Sources, QT_TR_NOOP("&Sources"),
        QT_TR_NOOP("Checked networks are stepped from top to bottom; none: the default pair.") },
    { "judge", Setting::Judges, QT_TR_NOOP("Judges"), QT_TR_NOOP("Networks that only predict.") },
    { "epsilon", Setting::Epsilon, QT_TR_NOOP("Epsilon"),
        QT_TR_NOOP("How far any value of the exported image may be from the clean one, in grey "
                   "levels.") },
    { "rounds", Setting::Rounds, QT_TR_NOOP("&Rounds"),
        QT_TR_NOOP("A round steps every source once."), nullptr,
        QT_TR_NOOP("A round steps every source once. More rounds extend the trace; fewer cut it. "
                   "The slider ends at 20, the number at 1000.") },
    { "step", Setting::Step, QT_TR_NOOP("S&tep, px"), QT_TR_NOOP("Grey levels a sub-step."),
        QT_TR_NOOP("Step"),
        QT_TR_NOOP("How far one sub-step moves every value, in grey levels. 6.375 is the seed's "
                   "0.05.") },
    { "label-rule", Setting::LabelRule, QT_TR_NOOP("Label rule"),
        QT_TR_NOOP("Which label each sub-step attacks."), QT_TR_NOOP("Label r&ule") },
    { "projection", Setting::Projection, QT_TR_NOOP("Projection"),
        QT_TR_NOOP("None: only the exported image is clipped to epsilon. Ball: every sub-step is."),
        QT_TR_NOOP("Pro&jection") },
    { "save", Setting::Save, QT_TR_NOOP("Saving"),
        QT_TR_NOOP("How the attack's float image becomes bytes; the clip to epsilon follows in "
                   "every case."),
        QT_TR_NOOP("&Saving") },
    { "ensemble", Setting::Option, QT_TR_NOOP("Several sources"),
        QT_TR_NOOP("One after the other, or one step on the mean of their logits.") },
    { "target", Setting::Target, QT_TR_NOOP("One tar&get"),
        QT_TR_NOOP("The same target for every image; empty: the dataset's target classes."),
        QT_TR_NOOP("&Target"),
        QT_TR_NOOP("The label that a targeted attack moves towards. Type any part of a number or "
                   "a name.") },
    { "through", Setting::Option, QT_TR_NOOP("T&hrough"),
        QT_TR_NOOP("A defense in front of every source, as docs/rules.md writes it; empty: "
                   "none.") },
    { "through-draws", Setting::Option, QT_TR_NOOP("Draws through it"),
        QT_TR_NOOP("Gradients averaged a sub-step, each with draws of its own of a random "
                   "defense.") },
    { "momentum", Setting::Option, QT_TR_NOOP("Momentum"), QT_TR_NOOP("The decay mu of MI-FGSM.") },
    { "diversity", Setting::Option, QT_TR_NOOP("Diversity"),
        QT_TR_NOOP("Probability of a random resize and pad before each gradient.") },
    { "translation", Setting::Option, QT_TR_NOOP("Translation"),
        QT_TR_NOOP("Side of the Gaussian that smooths the gradient: 0, or odd from 3 to 31.") },
    { "scales", Setting::Option, QT_TR_NOOP("Scales"),
        QT_TR_NOOP("Mean of the gradients at so many scales x / 2^i.") },
    { "nesterov", Setting::Option, QT_TR_NOOP("look ahead (Nesterov)"),
        QT_TR_NOOP("The gradient is taken where the momentum would go.") },
    { "seed", Setting::Seed, QT_TR_NOOP("Seed"),
        QT_TR_NOOP("Decides random noise; part of every request and export."),
        QT_TR_NOOP("See&d") },
    // Of a request, no rows of its table.
    { "label", Setting::TrueLabel, QT_TR_NOOP("True label"), "" },
    { "threads", Setting::Threads, QT_TR_NOOP("Threads"), "" },
};

struct ChoiceWords
{
    const char* key;
    const char* choice;
    const char* text;
    const char* tip = "";
};

constexpr ChoiceWords kChoices[] = {
    { "method", "cross-iterative", QT_TR_NOOP("CrossIterative"),
        QT_TR_NOOP("The seed's: each round steps every source in turn, without an epsilon "
                   "ball.") },
    { "method", "cross-iterative-target", QT_TR_NOOP("CrossIterative, target"),
        QT_TR_NOOP("The seed's, towards a target label, 1 px a sub-step inside the epsilon "
                   "ball.") },
    { "method", "fgsm", QT_TR_NOOP("FGSM"),
        QT_TR_NOOP("One step of epsilon away from the label.") },
    { "method", "step-target", QT_TR_NOOP("FGSM, target"),
        QT_TR_NOOP("One step of epsilon towards the target label.") },
    { "method", "bim", QT_TR_NOOP("BIM"),
        QT_TR_NOOP("Basic iterative method: steps away from a fixed label inside the epsilon "
                   "ball.") },
    { "method", "iter-target", QT_TR_NOOP("BIM, target"),
        QT_TR_NOOP("Basic iterative method towards the target label.") },
    { "method", "noop", QT_TR_NOOP("No attack"), QT_TR_NOOP("The clean image as it is.") },
    { "method", "random-noise", QT_TR_NOOP("Random noise"),
        QT_TR_NOOP("Epsilon with a random sign for every value; decided by the seed.") },
    { "method", "mi-fgsm", QT_TR_NOOP("MI-FGSM"),
        QT_TR_NOOP("Momentum: each round steps along the accumulated gradient of all sources' mean "
                   "logits, inside the epsilon ball.") },
    { "label-rule", "own-refreshed", QT_TR_NOOP("own, refreshed (seed)"),
        QT_TR_NOOP("Each sub-step attacks what the stepped source believes now.") },
    { "label-rule", "own-clean", QT_TR_NOOP("own, of the clean image"),
        QT_TR_NOOP("Each source's own label of the clean image, fixed.") },
    { "label-rule", "true", QT_TR_NOOP("true label"), QT_TR_NOOP("The true label, fixed.") },
    { "label-rule", "joint-clean", QT_TR_NOOP("joint, of the clean image"),
        QT_TR_NOOP("The most likely label of all sources together on the clean image, fixed.") },
    { "label-rule", "least-likely", QT_TR_NOOP("least likely (towards)"),
        QT_TR_NOOP("Towards each source's least likely label of the clean image.") },
    { "label-rule", "target", QT_TR_NOOP("target (towards)"),
        QT_TR_NOOP("Towards the target label.") },
    { "projection", "none", QT_TR_NOOP("none (seed)") },
    { "projection", "ball", QT_TR_NOOP("epsilon ball") },
    { "save", "floor", QT_TR_NOOP("truncate (seed)") },
    { "save", "round", QT_TR_NOOP("round") },
    { "save", "legacy-stretch", QT_TR_NOOP("legacy stretch") },
    { "ensemble", "alternate", QT_TR_NOOP("one after the other") },
    { "ensemble", "mean-logits", QT_TR_NOOP("mean of the logits") },
};

const Words* find(const std::string& key)
{
    const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
        [&key](const Words& words) { return key == words.key; });
    return found == std::end(kWords) ? nullptr : found;
}

const ChoiceWords* find(const std::string& key, const std::string& choice)
{
    const auto* found = std::find_if(std::begin(kChoices), std::end(kChoices),
        [&](const ChoiceWords& words) { return key == words.key && choice == words.choice; });
    return found == std::end(kChoices) ? nullptr : found;
}

QString shown(const char* words)
{
    return QCoreApplication::translate("crossiter::ui::FieldWords", words);
}

} // namespace

std::vector<const AttackField*> fieldsOf(FieldPlace place)
{
    std::vector<const AttackField*> fields;
    for (const Words& words : kWords)
        if (const AttackField* field = findAttackField(words.key))
            fields.push_back(field);
    for (const AttackField& field : attackFields())
        if (find(field.key) == nullptr)
            fields.push_back(&field);
    if (place == FieldPlace::Plan)
        std::erase_if(fields, [](const AttackField* field) { return field->places.plan == 0; });
    return fields;
}

QString fieldName(const std::string& key)
{
    const Words* words = find(key);
    return words != nullptr ? shown(words->name).remove(QLatin1Char('&'))
                            : QString::fromStdString(key);
}

QString fieldLabel(const AttackField& field, FieldPlace place)
{
    const Words* words = find(field.key);
    if (words == nullptr || (place == FieldPlace::Panel && words->panelName == nullptr))
        return fieldName(field.key);
    return shown(place == FieldPlace::Panel ? words->panelName : words->name);
}

QString fieldHelp(const AttackField& field, FieldPlace place)
{
    const Words* words = find(field.key);
    if (words == nullptr)
        return QString::fromUtf8(field.help);
    const bool panels = place == FieldPlace::Panel && words->panelHelp != nullptr;
    return shown(panels ? words->panelHelp : words->help);
}

QString choiceText(const std::string& key, const std::string& choice)
{
    const ChoiceWords* words = find(key, choice);
    return words != nullptr ? shown(words->text) : QString::fromStdString(choice);
}

QString choiceTip(const std::string& key, const std::string& choice)
{
    const ChoiceWords* words = find(key, choice);
    return words != nullptr ? shown(words->tip) : QString();
}

Setting settingOf(const AttackField& field)
{
    const Words* words = find(field.key);
    if (words != nullptr && words->setting != Setting::Option)
        return words->setting;
    const auto row = &field - attackFields().data();
    return static_cast<Setting>(static_cast<int>(Setting::Option) + static_cast<int>(row));
}

const AttackField& fieldOf(Setting setting)
{
    return attackFields().at(
        static_cast<std::size_t>(setting) - static_cast<std::size_t>(Setting::Option));
}

QString ownWords(const Error& error)
{
    const std::string& place = error.place();
    const std::string key = place.substr(0, place.find(' '));
    const QString name = fieldName(key);
    if (name == QString::fromStdString(key))
        return QString::fromUtf8(error.what());
    return QString::fromUtf8(error.at(name.toStdString() + place.substr(key.size())).what());
}

} // namespace crossiter::ui
