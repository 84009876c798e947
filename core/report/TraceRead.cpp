#include "core/report/TraceRead.h"

#include "core/base/Error.h"
#include "core/base/Json.h"
#include "core/image/Codec.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <string_view>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxSubSteps = 10'000;

/// Reads members of one object; errors say where it lies.
class Members
{
public:
    Members(const fs::path& path, const Json& object, std::string where)
        : m_path(path)
        , m_object(object)
        , m_where(std::move(where))
    {
        if (!object.is_object())
            fail("", "an object");
    }

    [[noreturn]] void fail(const std::string& key, const std::string& expected) const
    {
        throw Error(ErrorKind::BadInput, "no trace of CrossIter",
            m_path.string() + ", " + m_where + key, expected);
    }

    [[nodiscard]] bool has(const char* key) const { return m_object.contains(key); }
    [[nodiscard]] const Json& at(const char* key) const
    {
        const auto found = m_object.find(key);
        if (found == m_object.end())
            fail(key, "a value");
        return *found;
    }

    [[nodiscard]] std::string text(const char* key) const
    {
        const Json& value = at(key);
        if (!value.is_string())
            fail(key, "a text");
        return value.get<std::string>();
    }

    [[nodiscard]] std::int64_t whole(const char* key, std::int64_t low, std::int64_t high) const
    {
        const Json& value = at(key);
        const auto found = wholeOf(value, low, high);
        if (!found)
            fail(key, "a whole number " + std::to_string(low) + ".." + std::to_string(high));
        return *found;
    }

    [[nodiscard]] double number(const char* key) const
    {
        const Json& value = at(key);
        if (!value.is_number())
            fail(key, "a number");
        return value.get<double>();
    }

    [[nodiscard]] std::optional<int> label(const char* key) const
    {
        if (at(key).is_null())
            return std::nullopt;
        return static_cast<int>(whole(key, 0, 1000));
    }

private:
    const fs::path& m_path;
    const Json& m_object;
    std::string m_where;
};

/// What the first traces had already. Options that came later are at their default in older files.
constexpr std::string_view kAlways[] = { "method", "source", "epsilon", "rounds", "step", "target",
    "seed" };

AttackRequest requestFrom(const Members& members)
{
    AttackRequest request;
    request.sources.clear();
    for (const AttackField* field : attackFields(FieldFormat::Trace)) {
        if (std::find(std::begin(kAlways), std::end(kAlways), field->key) == std::end(kAlways)
            && !members.has(field->key))
            continue;
        const Json& value = members.at(field->key);
        const bool mayBeNone = field->kind == FieldKind::Label || field->kind == FieldKind::Defense;
        if (mayBeNone && value.is_null())
            continue;
        try {
            field->set(request, fieldOfJson(*field, value));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::BadInput)
                members.fail(field->key, error.expected());
            throw; // a choice that this version does not know
        }
    }
    request.trueLabel = members.label("label");
    request.numerics = parseNumerics(members.text("numerics"));
    request.keepFloats = false;
    return request;
}

std::shared_ptr<const SubStep> subStepFrom(
    const fs::path& path, const Json& object, std::size_t index)
{
    const Members members(path, object, "substeps[" + std::to_string(index) + "].");
    auto subStep = std::make_shared<SubStep>();
    if (members.whole("substep", 0, kMaxSubSteps) != static_cast<std::int64_t>(index))
        members.fail("substep", std::to_string(index));
    subStep->index = static_cast<int>(index);
    subStep->round = static_cast<int>(members.whole("round", 0, 1000));
    if (!members.at("source").is_null())
        subStep->source = members.text("source");
    subStep->attackedLabel = members.label("label").value_or(-1);
    if (!members.at("descends").is_boolean())
        members.fail("descends", "true or false");
    subStep->descends = members.at("descends").get<bool>();
    if (!members.at("loss").is_null())
        subStep->loss = members.number("loss");
    subStep->linfFloatPx = members.number("linf_float_px");
    subStep->linfExported = static_cast<int>(members.whole("linf_exported", 0, 255));
    const std::string file = members.text("exported");
    if (file.find_first_of("/\\") != std::string::npos || file == "..")
        members.fail("exported", "the name of a picture beside the trace");
    subStep->exported = readImage(path.parent_path() / file, DecodeRule::Contest);
    if (!subStep->exported.isImageSpace())
        members.fail("exported", "a picture of 299x299 pixels");
    return subStep;
}

} // namespace

std::shared_ptr<const AttackTrace> readTrace(const fs::path& path)
{
    const Json document = readJsonFile(path, kTraceJson);
    const Members top(path, document, "");
    auto trace = std::make_shared<AttackTrace>();
    try {
        trace->request = requestFrom(Members(path, top.at("request"), "request."));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::BadInput)
            throw;
        throw Error(ErrorKind::BadInput, "no trace of CrossIter", path.string() + ", request",
            "choices that this version knows", error.what());
    }
    if (top.at("cancelled").is_boolean())
        trace->cancelled = top.at("cancelled").get<bool>();
    const Json& subSteps = top.at("substeps");
    if (!subSteps.is_array() || subSteps.empty() || subSteps.size() > kMaxSubSteps)
        top.fail("substeps", "a list of 1.." + std::to_string(kMaxSubSteps) + " sub-steps");
    for (std::size_t i = 0; i < subSteps.size(); ++i)
        trace->subSteps.push_back(subStepFrom(path, subSteps[i], i));
    trace->clean = trace->subSteps.front()->exported;
    return trace;
}

} // namespace crossiter
