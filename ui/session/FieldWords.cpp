#include "ui/session/FieldWords.h"

#include <QCoreApplication>

#include <algorithm>
#include <iterator>

namespace crossiter::ui {

namespace {

struct Words
{
    const char* key;
    const char* name;
    const char* help;
};

constexpr const char* kContext = "crossiter::ui::FieldWords";

constexpr Words kWords[] = {
    { "method", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Method"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Which attack; it decides the defaults.") },
    { "source", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Sources"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "Checked networks are stepped from top to bottom; none: the default pair.") },
    { "judge", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Judges"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Networks that only predict.") },
    { "epsilon", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Epsilon"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "How far any value of the exported image may be from the clean one, in grey "
            "levels.") },
    { "rounds", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Rounds"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "A round steps every source once.") },
    { "step", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Step, px"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Grey levels a sub-step.") },
    { "label-rule", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Label rule"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Which label each sub-step attacks.") },
    { "projection", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Projection"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "None: only the exported image is clipped. Ball: every sub-step is.") },
    { "save", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Saving"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "How the float image becomes bytes.") },
    { "ensemble", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Several sources"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "One after the other, or one step on the mean of their logits.") },
    { "target", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "One target"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "The same target for every image; empty: the dataset's target classes.") },
    { "through", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Through"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "A defense in front of every source, as docs/rules.md writes it; empty: none.") },
    { "through-draws", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Draws through it"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "Gradients averaged a sub-step, each with draws of its own of a random defense.") },
    { "momentum", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Momentum"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "The decay mu of MI-FGSM.") },
    { "diversity", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Diversity"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "Probability of a random resize and pad before each gradient.") },
    { "translation", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Translation"),
        QT_TRANSLATE_NOOP("crossiter::ui::FieldWords",
            "Side of the Gaussian that smooths the gradient: 0, or odd from 3 to 31.") },
    { "scales", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Scales"),
        QT_TRANSLATE_NOOP(
            "crossiter::ui::FieldWords", "Mean of the gradients at so many scales x / 2^i.") },
    { "nesterov", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "look ahead (Nesterov)"),
        QT_TRANSLATE_NOOP(
            "crossiter::ui::FieldWords", "The gradient is taken where the momentum would go.") },
    { "label", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "True label"), "" },
    { "threads", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Threads"), "" },
    { "seed", QT_TRANSLATE_NOOP("crossiter::ui::FieldWords", "Seed"), "" },
};

const Words* find(const std::string& key)
{
    const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
        [&key](const Words& words) { return key == words.key; });
    return found == std::end(kWords) ? nullptr : found;
}

QString shown(const char* words)
{
    return QCoreApplication::translate(kContext, words);
}

} // namespace

QString fieldName(const std::string& key)
{
    const Words* words = find(key);
    return words != nullptr ? shown(words->name) : QString::fromStdString(key);
}

QString fieldHelp(const AttackField& field)
{
    const Words* words = find(field.key);
    return words != nullptr ? shown(words->help) : QString::fromUtf8(field.help);
}

QString ownWords(const Error& error)
{
    const std::string& place = error.place();
    const std::string key = place.substr(0, place.find(' '));
    if (find(key) == nullptr)
        return QString::fromUtf8(error.what());
    const std::string named = fieldName(key).toStdString() + place.substr(key.size());
    return QString::fromUtf8(error.at(named).what());
}

} // namespace crossiter::ui
