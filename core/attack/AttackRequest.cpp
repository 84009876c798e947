#include "core/attack/AttackRequest.h"

#include "core/attack/AttackExtras.h"
#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/classify/ModelStore.h"

#include <algorithm>
#include <utility>

namespace crossiter {

namespace {

template <typename T>
using Names = std::vector<std::pair<T, std::string>>;

const Names<Method>& methodNames()
{
    static const Names<Method> names = {
        { Method::CrossIterative, "cross-iterative" },
        { Method::CrossIterativeTarget, "cross-iterative-target" },
        { Method::Fgsm, "fgsm" },
        { Method::StepTarget, "step-target" },
        { Method::Bim, "bim" },
        { Method::IterTarget, "iter-target" },
        { Method::Noop, "noop" },
        { Method::RandomNoise, "random-noise" },
        { Method::MiFgsm, "mi-fgsm" },
    };
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
    for (const auto& [known, name] : names) {
        if (known == value)
            return name;
    }
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

void requireRange(
    const char* option, const std::string& unit, double value, double low, double high)
{
    if (!(value >= low && value <= high)) { // NaN compares false
        const auto text = [](double number) {
            std::string out = std::to_string(number);
            out.erase(out.find_last_not_of('0') + 1);
            return out.ends_with('.') ? out.substr(0, out.size() - 1) : out;
        };
        throw Error(ErrorKind::Usage, "value out of range", option,
            text(low) + ".." + text(high) + unit, text(value));
    }
}

/// lowest: 1 where label 0, the background, cannot be meant.
void requireLabel(const char* option, const std::optional<int>& label, int lowest)
{
    if (label && (*label < lowest || *label > 1000)) {
        throw Error(ErrorKind::Usage, "value out of range", option,
            "a competition label " + std::to_string(lowest) + "..1000",
            std::to_string(*label) + (*label == 0 ? " (the background)" : ""));
    }
}

} // namespace

std::string toString(Method method)
{
    return nameIn(methodNames(), method);
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
    return valueIn(ensembleNames(), text, "--ensemble");
}
Method parseMethod(const std::string& text)
{
    return valueIn(methodNames(), text, "--method");
}
LabelRule parseLabelRule(const std::string& text)
{
    return valueIn(labelRuleNames(), text, "--label-rule");
}
Projection parseProjection(const std::string& text)
{
    return valueIn(projectionNames(), text, "--projection");
}
SaveRule parseSaveRule(const std::string& text)
{
    return valueIn(saveRuleNames(), text, "--save");
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

double evenStepPx(int epsilon255, int rounds)
{
    return static_cast<double>(epsilon255) / std::max(rounds, 1);
}

bool isTargeted(Method method)
{
    return method == Method::CrossIterativeTarget || method == Method::StepTarget
        || method == Method::IterTarget;
}

bool attacksTrueLabel(const AttackRequest& request)
{
    return request.labelRule == LabelRule::True && usesSources(request.method);
}

AttackRequest defaultRequest(Method method, int epsilon255)
{
    AttackRequest request;
    request.method = method;
    request.sources = defaultSources();
    request.judges = defaultSources();
    request.epsilon255 = epsilon255;
    if (isTargeted(method)) {
        request.labelRule = LabelRule::Target;
        request.save = SaveRule::Round;
    }
    switch (method) {
    case Method::CrossIterative:
        break; // the struct's own defaults are its row
    case Method::CrossIterativeTarget:
    case Method::IterTarget:
        request.rounds = 20;
        request.stepPx = 1.0;
        request.projection = Projection::Ball;
        break;
    case Method::Fgsm:
    case Method::StepTarget:
        request.rounds = 1;
        request.stepPx = epsilon255;
        request.projection = Projection::Ball;
        if (method == Method::Fgsm)
            request.labelRule = LabelRule::OwnClean;
        break;
    case Method::Bim:
        request.rounds = 10;
        request.projection = Projection::Ball;
        request.labelRule = LabelRule::OwnClean;
        break;
    case Method::Noop:
        request.rounds = 0;
        request.save = SaveRule::Round;
        break;
    case Method::RandomNoise:
        request.rounds = 1;
        request.stepPx = epsilon255;
        request.save = SaveRule::Round;
        break;
    case Method::MiFgsm:
        request.rounds = 10;
        request.stepPx = evenStepPx(epsilon255, request.rounds);
        request.projection = Projection::Ball;
        request.labelRule = LabelRule::JointClean;
        request.save = SaveRule::Round;
        request.momentum = 1.0;
        request.ensemble = Ensemble::MeanLogits;
        break;
    }
    return request;
}

void checkRequest(const AttackRequest& request)
{
    requireRange("--epsilon", " grey levels", request.epsilon255, 0, 255);
    requireRange("--rounds", "", request.rounds, 0, 1000);
    requireRange("--step", " grey levels", request.stepPx, 0, 255);
    requireRange("--threads", "", request.threads, 0, 1024);
    requireRange("--through-draws", "", request.throughDraws, 1, 1000);
    requireRange("--momentum", "", request.momentum, 0, 10);
    requireRange("--diversity", ", a probability", request.diversity, 0, 1);
    requireRange("--scales", "", request.scales, 1, 10);
    const int side = request.translation;
    if (side != 0 && (side < 3 || side > 31 || side % 2 == 0)) {
        throw Error(ErrorKind::Usage, "value out of range", "--translation", "0 or odd, 3..31",
            std::to_string(side));
    }
    requireLabel("--label", request.trueLabel, 0);
    requireLabel("--target", request.target, 1);
    if (!usesSources(request.method))
        return;
    if (request.sources.empty() || request.sources.size() > 8) {
        throw Error(ErrorKind::Usage, "wrong number of sources", "--source", "1 to 8",
            std::to_string(request.sources.size()));
    }
    const std::string method = toString(request.method);
    if (isTargeted(request.method)) {
        if (request.labelRule != LabelRule::Target && request.labelRule != LabelRule::LeastLikely) {
            throw Error(ErrorKind::Usage, "label rule does not fit the method", "--label-rule",
                "target or least-likely with " + method, toString(request.labelRule));
        }
        if (request.labelRule == LabelRule::Target && !request.target) {
            throw Error(ErrorKind::Usage, "target missing", method,
                "--target LABEL, --targets CSV or --label-rule least-likely", "none");
        }
    } else if (request.labelRule == LabelRule::Target) {
        throw Error(ErrorKind::Usage, "label rule does not fit the method", "--label-rule",
            "own-refreshed, own-clean, true, joint-clean or least-likely with " + method, "target");
    }
    if (request.labelRule == LabelRule::True && !request.trueLabel) {
        throw Error(ErrorKind::Usage, "true label not known", "--label-rule true",
            "--label N, --labels CSV, a file name imagenet_NN_LABEL or a folder named as a class",
            "none");
    }
    if (attacksTrueLabel(request) && *request.trueLabel == 0) {
        throw Error(ErrorKind::Usage, "the background cannot be attacked", "--label-rule true",
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

bool usesSources(Method method)
{
    return method != Method::Noop && method != Method::RandomNoise;
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
