#include "ui/session/ExplorerState.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "ui/session/FieldWords.h"
#include "ui/session/ModelChoice.h"

#include <QCoreApplication>

#include <algorithm>

namespace crossiter::ui {

void ExplorerState::takePhotoOf(const ExplorerState& other)
{
    photo = other.photo;
    pair = other.pair;
    pairSize = other.pairSize;
    pairArrays = other.pairArrays;
    crop = other.crop;
    colour = other.colour;
    labelsCsv = other.labelsCsv;
    labelBase = other.labelBase;
    labelChoice = other.labelChoice;
    userLabel = other.userLabel;
}

AttackRequest ExplorerState::request(std::optional<int> trueLabel) const
{
    AttackRequest request = attack;
    request.judges = judges();
    request.trueLabel = trueLabel;
    request.keepFloats = true; // the pixel probe and the float exports read them
    // Remembered for the next method that reads them, but no part of this one.
    if (!isTargeted(attack.method))
        request.target.reset();
    if (!usesSources(attack.method))
        request.through.clear();
    return request;
}

std::vector<std::string> ExplorerState::judges() const
{
    std::vector<std::string> all;
    for (const auto* list : { &attack.sources, &attack.judges }) {
        for (const std::string& id : *list)
            if (!contains(all, id))
                all.push_back(id);
    }
    return all;
}

ExplorerState defaultState()
{
    ExplorerState state;
    state.attack = defaultRequest(Method::CrossIterative);
    state.attack.judges = { defaultJudge() };
    state.attack.rounds = 5; // the mock's story needs five; the command line's default stays three
    return state;
}

ExplorerState withOption(ExplorerState state, const AttackField& field, const FieldValue& value)
{
    AttackRequest next = state.attack;
    field.set(next, value);
    if (next.method != state.attack.method)
        return withMethod(state, next.method);
    if (next.epsilon255 != state.attack.epsilon255)
        return withEpsilon(state, next.epsilon255);
    state.attack = next;
    return state;
}

ExplorerState withMethod(ExplorerState state, Method method)
{
    state.attack = crossiter::withMethod(state.attack, method);
    return state;
}

ExplorerState withEpsilon(ExplorerState state, int epsilon255)
{
    state.attack = crossiter::withEpsilon(state.attack, epsilon255);
    return state;
}

bool sameAttack(const ExplorerState& a, const ExplorerState& b)
{
    const auto& fields = attackFields();
    return std::ranges::all_of(fields, [&](const AttackField& field) {
        return field.kind == FieldKind::Ids || field.valueOf(a.attack) == field.valueOf(b.attack);
    });
}

AttackRequest judgingOnly(AttackRequest request)
{
    request.method = Method::Noop;
    request.labelRule = LabelRule::OwnRefreshed;
    request.rounds = 0;
    return request;
}

QString whyNot(const AttackRequest& request)
{
    try {
        checkRequest(request);
        return {};
    } catch (const Error& error) {
        const auto say = [](const char* words) {
            return QCoreApplication::translate("crossiter::ui::ExplorerState", words);
        };
        // Core names the command line's ways to what is missing; here are the window's.
        if (isTargeted(request.method) && request.labelRule == LabelRule::Target && !request.target)
            return say("target missing: choose one, or the label rule least-likely");
        if (request.labelRule == LabelRule::True && !request.trueLabel)
            return say("true label not known: set one under Photo, or choose another label rule");
        return ownWords(error);
    }
}

std::vector<int> SweepSizes::list() const
{
    std::vector<int> sizes;
    for (int size = from; size < to; size += step)
        sizes.push_back(size);
    sizes.push_back(to);
    return sizes;
}

const QStringList& compareWords()
{
    static const QStringList words { QStringLiteral("panes"), QStringLiteral("two-up"),
        QStringLiteral("swipe"), QStringLiteral("blink"), QStringLiteral("difference") };
    return words;
}

QString whyNotRun(
    const ExplorerState& state, const AttackRequest& wanted, const std::vector<StoredModel>& models)
{
    for (const std::string& id : state.judges()) {
        if (!lackNoWeights(models, { id })) {
            return QCoreApplication::translate("ExplorerSession",
                "The weights of %1 are not here yet: Models > Model manager fetches or "
                "imports them.")
                .arg(shownModelName(models, id));
        }
    }
    if (wanted.labelRule == LabelRule::True && !wanted.trueLabel) {
        return QCoreApplication::translate(
            "ExplorerSession", "The rule “true” needs a true label: set one under Photo.");
    }
    if (wanted.labelRule == LabelRule::Target && isTargeted(wanted.method) && !wanted.target)
        return QCoreApplication::translate("ExplorerSession", "Choose a target label.");
    return whyNot(wanted);
}

} // namespace crossiter::ui
