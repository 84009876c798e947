// From what was chosen or typed to a request.

#include "core/attack/AttackFields.h"
#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/Suggestion.h"
#include "core/classify/Labels.h"

namespace crossiter {

void apply(const AttackChoices& choices, AttackRequest& request)
{
    for (const AttackField& field : attackFields()) {
        const FieldValue value = field.chosen(choices);
        if (!std::holds_alternative<std::monostate>(value) && field.key != std::string("method"))
            field.set(request, value);
    }
}

AttackRequest resolve(const AttackChoices& choices, int epsilon255)
{
    AttackRequest request = defaultRequest(choices.method, choices.epsilon255.value_or(epsilon255));
    apply(choices, request);
    if (!choices.stepPx)
        request.stepPx = defaultStepPx(request.method, request.epsilon255, request.rounds);
    const std::vector<std::string> judges =
        choices.judges.empty() ? request.sources : choices.judges;
    request.judges.clear();
    for (const std::string& id : judges)
        if (!contains(request.judges, id))
            request.judges.push_back(id);
    return request;
}

AttackRequest withMethod(AttackRequest request, Method method)
{
    const AttackRequest defaults = defaultRequest(method, request.epsilon255);
    request.method = method;
    for (const AttackField& field : attackFields())
        if (field.perMethod)
            field.set(request, field.valueOf(defaults));
    return request;
}

AttackRequest withEpsilon(AttackRequest request, int epsilon255)
{
    request.epsilon255 = epsilon255;
    if (stepFollowsEpsilon(request.method))
        request.stepPx = defaultStepPx(request.method, epsilon255, request.rounds);
    return request;
}

bool isRead(const AttackField& field, Method method)
{
    if (field.kind == FieldKind::Label)
        return isTargeted(method);
    const std::string key = field.key;
    if (key == "epsilon")
        return method != Method::Noop;
    return usesSources(method) || key == "method" || key == "judge" || key == "save"
        || key == "seed";
}

int parseLabel(const std::string& key, const std::string& text, int lowest,
    const std::vector<std::string>& words)
{
    if (const std::optional<int> label = findLabelOrSynonym(text))
        return *label;
    std::string expected = std::to_string(lowest) + "..1000";
    expected += words.empty() ? " or a class name" : ", a class name";
    for (std::size_t i = 0; i < words.size(); ++i)
        expected += (i + 1 == words.size() ? " or " : ", ") + words[i];
    std::vector<std::string> names = words; // they win where a class is as near
    names.insert(names.end(), labelNames().begin() + lowest, labelNames().end());
    names.insert(names.end(), labelSynonyms().begin(), labelSynonyms().end());
    throw Error(ErrorKind::Usage, "unknown label", key, expected, foundName(text, names));
}

} // namespace crossiter
