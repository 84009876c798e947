#include "core/attack/AttackRequest.h"

#include "core/attack/AttackFields.h"
#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/classify/ModelStore.h"

#include <algorithm>
#include <utility>

namespace crossiter {

namespace {

template <typename T>
using Names = std::vector<std::pair<T, std::string>>;

/// What the methods differ in; docs/command-line.md has the same rows. A method whose rule is
/// Target takes a target label.
struct MethodRow
{
    Method method;
    const char* name;
    int rounds;
    StepDefault step;
    Projection projection;
    LabelRule labelRule;
    SaveRule save;
    double momentum = 0.0;
    Ensemble ensemble = Ensemble::Alternate;
};

constexpr MethodRow kMethods[] {
    { Method::CrossIterative, "cross-iterative", 3, StepDefault::Seed, Projection::None,
        LabelRule::OwnRefreshed, SaveRule::Floor },
    { Method::CrossIterativeTarget, "cross-iterative-target", 20, StepDefault::One,
        Projection::Ball, LabelRule::Target, SaveRule::Round },
    { Method::Fgsm, "fgsm", 1, StepDefault::Epsilon, Projection::Ball, LabelRule::OwnClean,
        SaveRule::Floor },
    { Method::StepTarget, "step-target", 1, StepDefault::Epsilon, Projection::Ball,
        LabelRule::Target, SaveRule::Round },
    { Method::Bim, "bim", 10, StepDefault::Seed, Projection::Ball, LabelRule::OwnClean,
        SaveRule::Floor },
    { Method::IterTarget, "iter-target", 20, StepDefault::One, Projection::Ball, LabelRule::Target,
        SaveRule::Round },
    { Method::Noop, "noop", 0, StepDefault::Seed, Projection::None, LabelRule::OwnRefreshed,
        SaveRule::Round },
    { Method::RandomNoise, "random-noise", 1, StepDefault::Epsilon, Projection::None,
        LabelRule::OwnRefreshed, SaveRule::Round },
    { Method::MiFgsm, "mi-fgsm", 10, StepDefault::EvenEpsilon, Projection::Ball,
        LabelRule::JointClean, SaveRule::Round, 1.0, Ensemble::MeanLogits },
};

const MethodRow& rowOf(Method method)
{
    for (const MethodRow& row : kMethods)
        if (row.method == method)
            return row;
    throw Error(ErrorKind::Internal, "method without a row", "AttackRequest");
}

const Names<Method>& methodNames()
{
    static const Names<Method> names = [] {
        Names<Method> all;
        for (const MethodRow& row : kMethods)
            all.emplace_back(row.method, row.name);
        return all;
    }();
    return names;
}

const Names<LabelRule>& labelRuleNames()
{
    static const Names<LabelRule> names = {
        { LabelRule::OwnRefreshed, "own-refreshed" },
        { LabelRule::OwnClean, "own-clean" },
        { LabelRule::True, "true" },
        { LabelRule::JointClean, "joint-clean" },
        { LabelRule::LeastLikely, "least-likely" },
        { LabelRule::Target, "target" },
    };
    return names;
}

const Names<Projection>& projectionNames()
{
    static const Names<Projection> names = { { Projection::None, "none" },
        { Projection::Ball, "ball" } };
    return names;
}

const Names<SaveRule>& saveRuleNames()
{
    static const Names<SaveRule> names = { { SaveRule::Floor, "floor" },
        { SaveRule::Round, "round" }, { SaveRule::LegacyStretch, "legacy-stretch" } };
    return names;
}

const Names<Ensemble>& ensembleNames()
{
    static const Names<Ensemble> names = { { Ensemble::Alternate, "alternate" },
        { Ensemble::MeanLogits, "mean-logits" } };
    return names;
}

template <typename T>
std::string nameIn(const Names<T>& names, T value)
{
    for (const auto& [known, name] : names)
        if (known == value)
            return name;
    throw Error(ErrorKind::Internal, "value without a name", "AttackRequest");
}

template <typename T>
T valueIn(const Names<T>& names, const std::string& text, const char* option)
{
    std::string choices;
    std::vector<std::string> known;
    for (const auto& [value, name] : names) {
        if (name == text)
            return value;
        choices += (choices.empty() ? "" : ", ") + name;
        known.push_back(name);
    }
    throw Error(ErrorKind::Usage, "unknown choice", option, choices, foundWord(text, known));
}

template <typename T>
std::vector<T> valuesOf(const Names<T>& names)
{
    std::vector<T> values;
    for (const auto& [value, name] : names)
        values.push_back(value);
    return values;
}

} // namespace

std::string toString(Method method)
{
    return rowOf(method).name;
}
std::string toString(LabelRule rule)
{
    return nameIn(labelRuleNames(), rule);
}
std::string toString(Projection projection)
{
    return nameIn(projectionNames(), projection);
}
std::string toString(SaveRule save)
{
    return nameIn(saveRuleNames(), save);
}
std::string toString(Ensemble ensemble)
{
    return nameIn(ensembleNames(), ensemble);
}
Ensemble parseEnsemble(const std::string& text)
{
    return valueIn(ensembleNames(), text, "ensemble");
}
Method parseMethod(const std::string& text)
{
    return valueIn(methodNames(), text, "method");
}
LabelRule parseLabelRule(const std::string& text)
{
    return valueIn(labelRuleNames(), text, "label-rule");
}
Projection parseProjection(const std::string& text)
{
    return valueIn(projectionNames(), text, "projection");
}
SaveRule parseSaveRule(const std::string& text)
{
    return valueIn(saveRuleNames(), text, "save");
}

const std::vector<Method>& allMethods()
{
    static const std::vector<Method> methods = valuesOf(methodNames());
    return methods;
}

const std::vector<LabelRule>& allLabelRules()
{
    static const std::vector<LabelRule> rules = valuesOf(labelRuleNames());
    return rules;
}

const std::vector<Ensemble>& allEnsembles()
{
    static const std::vector<Ensemble> ensembles = valuesOf(ensembleNames());
    return ensembles;
}

const std::vector<Projection>& allProjections()
{
    static const std::vector<Projection> projections = valuesOf(projectionNames());
    return projections;
}

const std::vector<SaveRule>& allSaveRules()
{
    static const std::vector<SaveRule> rules = valuesOf(saveRuleNames());
    return rules;
}

StepDefault stepDefault(Method method)
{
    return rowOf(method).step;
}

double defaultStepPx(Method method, int epsilon255, int rounds)
{
    switch (stepDefault(method)) {
    case StepDefault::Seed:
        break;
    case StepDefault::One:
        return 1.0;
    case StepDefault::Epsilon:
        return epsilon255;
    case StepDefault::EvenEpsilon:
        return static_cast<double>(epsilon255) / std::max(rounds, 1);
    }
    return kSeedStepPx;
}

bool stepFollowsEpsilon(Method method)
{
    const StepDefault step = stepDefault(method);
    return step == StepDefault::Epsilon || step == StepDefault::EvenEpsilon;
}

bool isTargeted(Method method)
{
    return rowOf(method).labelRule == LabelRule::Target;
}

bool usesSources(Method method)
{
    return method != Method::Noop && method != Method::RandomNoise;
}

bool attacksTrueLabel(const AttackRequest& request)
{
    return request.labelRule == LabelRule::True && usesSources(request.method);
}

AttackRequest defaultRequest(Method method, int epsilon255)
{
    const MethodRow& row = rowOf(method);
    AttackRequest request;
    request.method = method;
    request.sources = defaultSources();
    request.judges = defaultSources();
    request.epsilon255 = epsilon255;
    request.rounds = row.rounds;
    request.stepPx = defaultStepPx(method, epsilon255, row.rounds);
    request.projection = row.projection;
    request.labelRule = row.labelRule;
    request.save = row.save;
    request.momentum = row.momentum;
    request.ensemble = row.ensemble;
    return request;
}

void checkRequest(const AttackRequest& request)
{
    for (const AttackField& field : attackFields())
        field.check(field.valueOf(request));
    checkCompute(request.compute);
    if (request.trueLabel && (*request.trueLabel < 0 || *request.trueLabel > 1000))
        throw Error(ErrorKind::Usage, "value out of range", "label", "a competition label 0..1000",
            std::to_string(*request.trueLabel));
    if (!usesSources(request.method))
        return;
    if (request.sources.empty() || request.sources.size() > 8) {
        throw Error(ErrorKind::Usage, "wrong number of sources", "source", "1 to 8",
            std::to_string(request.sources.size()));
    }
    const std::string method = toString(request.method);
    if (isTargeted(request.method)) {
        if (request.labelRule != LabelRule::Target && request.labelRule != LabelRule::LeastLikely) {
            throw Error(ErrorKind::Usage, "label rule does not fit the method", "label-rule",
                "target or least-likely with " + method, toString(request.labelRule));
        }
        if (request.labelRule == LabelRule::Target && !request.target) {
            throw Error(ErrorKind::Usage, "target missing", method,
                "target LABEL, targets CSV or the label rule least-likely", "none");
        }
    } else if (request.labelRule == LabelRule::Target) {
        throw Error(ErrorKind::Usage, "label rule does not fit the method", "label-rule",
            "own-refreshed, own-clean, true, joint-clean or least-likely with " + method, "target");
    }
    if (request.labelRule == LabelRule::True && !request.trueLabel) {
        throw Error(ErrorKind::Usage, "true label not known", "label-rule true",
            "label LABEL, labels CSV, a file name imagenet_NN_LABEL or a folder named as a class",
            "none");
    }
    if (attacksTrueLabel(request) && *request.trueLabel == 0) {
        throw Error(ErrorKind::Usage, "the background cannot be attacked", "label-rule true",
            "a true label 1..1000", "0");
    }
}

bool sameButRounds(const AttackRequest& a, const AttackRequest& b)
{
    AttackRequest x = a;
    AttackRequest y = b;
    x.rounds = y.rounds = 0;
    if (x.labelRule != LabelRule::True)
        x.trueLabel = y.trueLabel = std::nullopt;
    return x == y;
}

int subStepCount(const AttackRequest& request)
{
    if (request.method == Method::Noop)
        return 0;
    if (request.method == Method::RandomNoise)
        return 1;
    if (request.ensemble == Ensemble::MeanLogits)
        return request.rounds;
    return request.rounds * static_cast<int>(request.sources.size());
}

} // namespace crossiter
