#include "core/report/TraceRead.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/Numbers.h"
#include "core/image/Codec.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <string_view>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxSubSteps = 10'000;

/// A trace's words for what is wrong with one of its members.
JsonMembers::Complaint complaintsOf(const fs::path& path)
{
    return [&path](const JsonFault& fault) {
        const std::string prefix = fault.where.empty() ? std::string() : fault.where + ".";
        throw Error(ErrorKind::BadInput, "no trace of CrossIter",
            path.string() + ", " + prefix + fault.key,
            fault.what == JsonFault::What::Missing ? "a value" : fault.expected);
    };
}

/// A label or null.
std::optional<int> labelIn(JsonMembers& members, const char* key)
{
    if (members.need(key).is_null())
        return std::nullopt;
    return static_cast<int>(members.whole(key, 0, 1000));
}

/// What the first traces had already. Options that came later are at their default in older files.
constexpr std::string_view kAlways[] = { "method", "source", "epsilon", "rounds", "step", "target",
    "seed" };

AttackRequest requestFrom(JsonMembers members)
{
    AttackRequest request;
    request.sources.clear();
    for (const AttackField* field : attackFields(FieldFormat::Trace)) {
        if (!contains(kAlways, field->key) && !members.has(field->key))
            continue;
        const Json& value = members.need(field->key);
        const bool mayBeNone = field->kind == FieldKind::Label || field->kind == FieldKind::Defense;
        if (mayBeNone && value.is_null())
            continue;
        try {
            field->set(request, fieldOfJson(*field, value));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::BadInput)
                members.wrong(field->key, error.expected(), value);
            throw; // a choice that this version does not know
        }
    }
    request.trueLabel = labelIn(members, "label");
    request.compute.numerics = parseNumerics(members.text("numerics"));
    request.keepFloats = false;
    return request;
}

/// The numbers of "0.1.0", compared one by one; nothing: no version.
std::optional<std::vector<int>> versionNumbers(const std::string& text)
{
    std::vector<int> numbers;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find('.', from), text.size());
        const auto number = wholeNumber(std::string_view(text).substr(from, to - from));
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
        from = to + 1;
    }
    return numbers;
}

/// What every version has written before the sub-steps, beside the request.
void requireHead(JsonMembers& top, const fs::path& path)
{
    const std::string written = top.text("version");
    const auto numbers = versionNumbers(written);
    if (!numbers)
        top.wrong("version", "a version as in 0.1.0", written);
    if (const auto ours = versionNumbers(CROSSITER_VERSION); ours && *numbers > *ours)
        throw Error(ErrorKind::BadInput, "a trace of a newer CrossIter",
            path.string() + ", version", std::string(CROSSITER_VERSION) + " or older", written);
    static_cast<void>(top.text("image"));
    static_cast<void>(labelIn(top, "true_label"));
    if (const Json& provenance = top.need("provenance"); !provenance.is_object())
        top.wrong("provenance", "an object", provenance);
    for (const Json& note : top.list("notes"))
        if (!note.is_string())
            top.wrong("notes", "texts", note);
}

/// Null when stopped while its picture was read.
std::shared_ptr<const SubStep> subStepFrom(
    const fs::path& path, const Json& object, std::size_t index, const std::stop_token& stop)
{
    JsonMembers members(object, "substeps[" + std::to_string(index) + "]", complaintsOf(path));
    auto subStep = std::make_shared<SubStep>();
    if (members.whole("substep", 0, kMaxSubSteps) != static_cast<std::int64_t>(index))
        members.wrong("substep", std::to_string(index), object);
    subStep->index = static_cast<int>(index);
    subStep->round = static_cast<int>(members.whole("round", 0, 1000));
    if (!members.need("source").is_null())
        subStep->source = members.text("source");
    subStep->attackedLabel = labelIn(members, "label").value_or(-1);
    subStep->descends = members.flag("descends");
    if (!members.need("loss").is_null())
        subStep->loss = members.number("loss");
    subStep->linfFloatPx = members.number("linf_float_px");
    subStep->linfExported = static_cast<int>(members.whole("linf_exported", 0, 255));
    const std::string file = members.text("exported");
    if (file.find_first_of("/\\") != std::string::npos || file == "..")
        members.wrong("exported", "the name of a picture beside the trace", file);
    const DecodeLimits limits;
    subStep->exported = readImage(
        path.parent_path() / file, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop));
    if (subStep->exported.empty())
        return nullptr;
    if (!subStep->exported.isImageSpace())
        members.wrong("exported", "a picture of 299x299 pixels", file);
    return subStep;
}

} // namespace

std::shared_ptr<const AttackTrace> readTrace(const fs::path& path, const std::stop_token& stop)
{
    const Json document = readJsonFile(path, kTraceJson);
    JsonMembers top(document, "", complaintsOf(path));
    requireHead(top, path);
    auto trace = std::make_shared<AttackTrace>();
    try {
        trace->request =
            requestFrom(JsonMembers(top.need("request"), "request", complaintsOf(path)));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::BadInput)
            throw;
        throw Error(ErrorKind::BadInput, "no trace of CrossIter", path.string() + ", request",
            "choices that this version knows", error.what());
    }
    trace->cancelled = top.flag("cancelled");
    const Json& subSteps = top.need("substeps");
    if (!subSteps.is_array() || subSteps.empty() || subSteps.size() > kMaxSubSteps)
        top.wrong(
            "substeps", "a list of 1.." + std::to_string(kMaxSubSteps) + " sub-steps", subSteps);
    for (std::size_t i = 0; i < subSteps.size(); ++i) {
        auto subStep = subStepFrom(path, subSteps[i], i, stop);
        if (subStep == nullptr)
            return nullptr;
        trace->subSteps.push_back(std::move(subStep));
    }
    trace->clean = trace->subSteps.front()->exported;
    return trace;
}

} // namespace crossiter
