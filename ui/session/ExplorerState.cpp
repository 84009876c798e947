#include "ui/session/ExplorerState.h"

#include "core/attack/AttackFields.h"
#include "core/base/Error.h"
#include "ui/session/FieldWords.h"
#include "ui/session/ModelChoice.h"

#include <QCoreApplication>

#include <algorithm>
#include <tuple>

namespace crossiter::ui {

AttackRequest ExplorerState::settings() const
{
    // What the window has no setting for is the method's own.
    AttackRequest request = defaultRequest(method, epsilon255);
    request.sources = sources;
    request.judges = judges();
    request.rounds = rounds;
    request.stepPx = stepPx;
    request.projection = projection;
    request.labelRule = labelRule;
    request.save = save;
    request.target = target;
    request.seed = seed;
    request.numerics = numerics;
    request.threads = threads;
    return request;
}

void ExplorerState::takeSettings(const AttackRequest& request)
{
    method = request.method;
    sources = request.sources;
    epsilon255 = request.epsilon255;
    rounds = request.rounds;
    stepPx = request.stepPx;
    projection = request.projection;
    labelRule = request.labelRule;
    save = request.save;
    target = request.target;
}

AttackRequest ExplorerState::request(std::optional<int> trueLabel) const
{
    AttackRequest request = settings();
    request.trueLabel = trueLabel;
    request.device = parseDevice(device);
    request.keepFloats = true; // the pixel probe and the float exports read them
    if (!isTargeted(method))
        request.target.reset(); // remembered for the next targeted method, but no part of this one
    return request;
}

std::vector<std::string> ExplorerState::judges() const
{
    std::vector<std::string> all;
    for (const auto* list : { &sources, &extraJudges }) {
        for (const std::string& id : *list)
            if (std::find(all.begin(), all.end(), id) == all.end())
                all.push_back(id);
    }
    return all;
}

ExplorerState defaultState()
{
    ExplorerState state;
    state = withMethod(state, Method::CrossIterative);
    state.sources = defaultSources();
    state.extraJudges = { defaultJudge() };
    state.rounds = 5; // the mock's story needs five; the command line's default stays three
    return state;
}

ExplorerState withMethod(ExplorerState state, Method method)
{
    state.takeSettings(crossiter::withMethod(state.settings(), method));
    return state;
}

ExplorerState withEpsilon(ExplorerState state, int epsilon255)
{
    state.takeSettings(crossiter::withEpsilon(state.settings(), epsilon255));
    return state;
}

bool sameAttack(const ExplorerState& a, const ExplorerState& b)
{
    const auto attack = [](const ExplorerState& state) {
        return std::tuple(state.method, state.labelRule, state.target, state.epsilon255,
            state.rounds, state.stepPx, state.projection, state.save, state.seed);
    };
    return attack(a) == attack(b);
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
