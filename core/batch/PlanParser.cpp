#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/batch/TournamentPlan.h"
#include "core/contest/SafeName.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string_view>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr double kMostSeconds = 1e6;
constexpr int kMostThreads = 1024;

/// One object of the file: takes keys out by name; what is left over is an error.
class Reader
{
public:
    Reader(const Json& json, std::string place, std::string path)
        : m_json(json)
        , m_place(std::move(place))
        , m_path(std::move(path))
    {
        if (!json.is_object())
            fail(m_path, "an object", json);
    }

    [[nodiscard]] std::string pathOf(const std::string& key) const
    {
        return m_path.empty() ? key : m_path + "." + key;
    }
    [[nodiscard]] const std::string& place() const { return m_place; }

    [[noreturn]] void fail(
        const std::string& path, const std::string& expected, const Json& found) const
    {
        fail(path, expected, shownJson(found));
    }
    [[noreturn]] void fail(
        const std::string& path, const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, "wrong value in the plan",
            m_place + (path.empty() ? "" : ", " + path), expected, found);
    }

    /// Null: not there.
    const Json* take(const std::string& key)
    {
        m_known.insert(key);
        const auto found = m_json.find(key);
        return found == m_json.end() ? nullptr : &*found;
    }

    const Json& need(const std::string& key)
    {
        const Json* value = take(key);
        if (value == nullptr)
            throw Error(ErrorKind::BadInput, "key missing in the plan",
                m_place + (m_path.empty() ? "" : ", " + m_path), key);
        return *value;
    }

    std::string text(const std::string& key, const Json& value) const
    {
        if (!value.is_string())
            fail(pathOf(key), "a text", value);
        std::string found = value.get<std::string>();
        if (found.empty() || found.find('\0') != std::string::npos)
            fail(pathOf(key), "a text that is not empty", value);
        return found;
    }

    std::optional<std::string> optionalText(const std::string& key)
    {
        const Json* value = take(key);
        return value != nullptr ? std::optional(text(key, *value)) : std::nullopt;
    }

    std::optional<int> whole(const std::string& key, int low, int high)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return std::nullopt;
        const auto found = wholeOf(*value, low, high);
        if (!found)
            fail(pathOf(key), "a whole number " + std::to_string(low) + ".." + std::to_string(high),
                *value);
        return static_cast<int>(*found);
    }

    std::optional<std::uint64_t> seed(const std::string& key)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return std::nullopt;
        if (!value->is_number_unsigned())
            fail(pathOf(key), "a whole number from 0", *value);
        return value->get<std::uint64_t>();
    }

    std::optional<double> number(const std::string& key, double low, double high)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return std::nullopt;
        const double found = value->is_number() ? value->get<double>() : std::nan("");
        if (!(found >= low && found <= high)) { // NaN compares false
            const auto brief = [](double bound) { return Json(bound).dump(); };
            fail(pathOf(key), "a number " + brief(low) + ".." + brief(high), *value);
        }
        return found;
    }

    std::optional<bool> flag(const std::string& key)
    {
        const Json* value = take(key);
        if (value == nullptr)
            return std::nullopt;
        if (!value->is_boolean())
            fail(pathOf(key), "true or false", *value);
        return value->get<bool>();
    }

    /// A name that `parse` knows; its Error says the choices.
    template <typename T>
    std::optional<T> named(
        const std::string& key, const std::function<T(const std::string&)>& parse)
    {
        const std::optional<std::string> found = optionalText(key);
        if (!found)
            return std::nullopt;
        return guarded(key, [&] { return parse(*found); });
    }

    /// Runs what may throw an Error about this key's value.
    template <typename Function>
    auto guarded(const std::string& key, const Function& function) const
    {
        try {
            return function();
        } catch (const Error& error) {
            throw Error(ErrorKind::BadInput, error.what(),
                m_place + ", " + (key.empty() ? m_path : pathOf(key)));
        }
    }

    void refuseOthers() const
    {
        for (const auto& [key, value] : m_json.items()) {
            if (m_known.count(key) != 0)
                continue;
            std::string known;
            for (const std::string& name : m_known)
                known += (known.empty() ? "" : ", ") + name;
            throw Error(ErrorKind::BadInput, "unknown key in the plan",
                m_place + (m_path.empty() ? "" : ", " + m_path), known, key);
        }
    }

private:
    const Json& m_json;
    std::string m_place;
    std::string m_path;
    std::set<std::string> m_known;
};

bool choose(const std::string& text, const char* yes, const char* no)
{
    if (text != yes && text != no)
        throw Error(ErrorKind::BadInput, "unknown choice", "'" + text + "'",
            std::string(yes) + " or " + no);
    return text == yes;
}

fs::path pathFrom(const fs::path& folder, const std::string& text)
{
    return (folder / text).lexically_normal();
}

PlanDataset datasetOf(const Json& json, const std::string& place, const fs::path& folder)
{
    Reader reader(json, place, "dataset");
    PlanDataset dataset;
    dataset.folder = pathFrom(folder, reader.text("folder", reader.need("folder")));
    for (const auto& [key, target] : { std::pair("csv", &dataset.csv),
             std::pair("labels", &dataset.labels), std::pair("targets", &dataset.targets) }) {
        if (const auto text = reader.optionalText(key))
            *target = pathFrom(folder, *text);
    }
    if (!dataset.csv.empty() && (!dataset.labels.empty() || !dataset.targets.empty()))
        reader.fail(reader.pathOf("csv"), "csv alone, or labels and targets", std::string("both"));
    dataset.images = static_cast<std::size_t>(reader.whole("images", 1, 1'000'000).value_or(0));
    dataset.csvOrder = reader
                           .named<bool>("order",
                               [](const std::string& text) { return choose(text, "csv", "name"); })
                           .value_or(false);
    if (dataset.csvOrder && dataset.csv.empty())
        reader.fail(reader.pathOf("order"), "name, where there is no csv", std::string("csv"));
    reader.refuseOthers();
    return dataset;
}

std::string nameOf(Reader& reader)
{
    std::string name = reader.text("name", reader.need("name"));
    reader.guarded("name", [&] { requireSubmissionName(name, reader.place()); });
    return name;
}

std::optional<ExternalSubmission> externalOf(Reader& reader, const fs::path& folder)
{
    const auto submission = reader.optionalText("submission");
    const auto limit = reader.number("time-limit", 1.0, kMostSeconds);
    if (!submission) {
        if (limit)
            reader.fail(reader.pathOf("time-limit"), "a submission beside it",
                std::string("an attack or a defense of ours, which has no time limit"));
        return std::nullopt;
    }
    ExternalSubmission external { pathFrom(folder, *submission) };
    external.timeLimitSeconds = limit.value_or(external.timeLimitSeconds);
    return external;
}

/// One id may stand without a list around it.
std::vector<std::string> sourcesOf(const Reader& reader, const Json& value)
{
    std::vector<std::string> sources;
    if (value.is_string())
        return { reader.text("source", value) };
    if (!value.is_array() || value.empty() || value.size() > 8)
        reader.fail(reader.pathOf("source"), "a model id or a list of 1..8 of them", value);
    for (std::size_t i = 0; i < value.size(); ++i)
        sources.push_back(reader.text("source[" + std::to_string(i) + "]", value[i]));
    return sources;
}

AttackChoices optionsOf(Reader& reader)
{
    AttackChoices options;
    for (const AttackField* field : attackFields(FieldFormat::Plan)) {
        const std::string key = field->key;
        const Json* value = reader.take(key);
        if (value == nullptr)
            continue;
        switch (field->kind) {
        case FieldKind::Ids:
            field->choose(options, sourcesOf(reader, *value));
            break;
        case FieldKind::Defense:
        case FieldKind::Choice: {
            const std::string text = reader.text(key, *value);
            reader.guarded(key, [&] {
                if (field->kind == FieldKind::Defense)
                    static_cast<void>(parseDefense(text));
                field->choose(options, field->parse(text));
            });
            break;
        }
        case FieldKind::Whole:
        case FieldKind::Label:
        case FieldKind::Number:
        case FieldKind::Flag:
        case FieldKind::Seed:
            try {
                field->choose(options, fieldOfJson(*field, *value));
            } catch (const Error& error) {
                reader.fail(reader.pathOf(key), error.expected(), *value);
            }
            break;
        }
    }
    return options;
}

PlanAttack attackOf(
    const Json& json, const std::string& place, const std::string& path, const fs::path& folder)
{
    Reader reader(json, place, path);
    PlanAttack attack;
    attack.name = nameOf(reader);
    attack.note = reader.optionalText("note").value_or("");
    attack.external = externalOf(reader, folder);
    if (!attack.external) {
        reader.need("method");
        attack.options = optionsOf(reader);
    }
    reader.refuseOthers();
    return attack;
}

PlanDefense defenseOf(
    const Json& json, const std::string& place, const std::string& path, const fs::path& folder)
{
    Reader reader(json, place, path);
    PlanDefense defense;
    defense.name = nameOf(reader);
    defense.note = reader.optionalText("note").value_or("");
    defense.external = externalOf(reader, folder);
    if (!defense.external) {
        defense.model = reader.text("model", reader.need("model"));
        const std::string text = reader.optionalText("defense").value_or("none");
        defense.defense = reader.guarded("defense", [&] { return parseDefense(text); });
    }
    reader.refuseOthers();
    return defense;
}

template <typename T>
std::vector<T> listOf(Reader& reader, const std::string& key,
    const std::function<T(const Json&, const std::string&)>& read)
{
    std::vector<T> list;
    const Json* value = reader.take(key);
    if (value == nullptr)
        return list;
    if (!value->is_array())
        reader.fail(reader.pathOf(key), "a list", *value);
    for (std::size_t i = 0; i < value->size(); ++i)
        list.push_back(read((*value)[i], reader.pathOf(key) + "[" + std::to_string(i) + "]"));
    return list;
}

LeftOut leftOutOf(const Json& json, const std::string& place, const std::string& path)
{
    Reader reader(json, place, path);
    LeftOut row { reader.text("name", reader.need("name")),
        reader.text("reason", reader.need("reason")) };
    reader.refuseOthers();
    return row;
}

template <typename T>
void requireUniqueNames(
    const std::vector<T>& list, const std::string& place, const std::string& key)
{
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        requireSubmissionName(list[i].name, place);
        if (!names.insert(list[i].name).second)
            throw Error(ErrorKind::BadInput, "name twice in the plan",
                place + ", " + key + "[" + std::to_string(i) + "].name", "names of their own",
                list[i].name);
    }
}

/// Builds each request once with a label and a target, so that what does not fit is found before
/// any work.
void checkAttacks(const TournamentPlan& plan, const std::vector<PlanAttack>& attacks,
    const std::string& place, const std::string& key, bool targeted)
{
    for (std::size_t i = 0; i < attacks.size(); ++i) {
        if (attacks[i].external)
            continue;
        const std::string where = place + ", " + key + "[" + std::to_string(i) + "]";
        try {
            const AttackRequest request =
                requestFor(plan, attacks[i].options, plan.epsilon255.value_or(4), 1, 1);
            if (attacks[i].options.target && request.labelRule != LabelRule::Target)
                throw Error(ErrorKind::BadInput, "a target is for the label rule target", "target");
            if (targeted && !isTargeted(request.method) && stepsSources(request.method))
                throw Error(ErrorKind::BadInput, "not a targeted attack", "method",
                    "one that takes a target", toString(request.method));
        } catch (const Error& error) {
            throw Error(ErrorKind::BadInput, error.what(), where);
        }
    }
}

} // namespace

void checkPlan(const TournamentPlan& plan, const std::string& place)
{
    requireUniqueNames(plan.attacks, place, "attacks");
    requireUniqueNames(plan.targetedAttacks, place, "targeted-attacks");
    requireUniqueNames(plan.defenses, place, "defenses");
    if (plan.attacks.empty() && plan.targetedAttacks.empty())
        throw Error(
            ErrorKind::BadInput, "no attack in the plan", place, "attacks or targeted-attacks");
    if (plan.defenses.empty())
        throw Error(ErrorKind::BadInput, "no defense in the plan", place, "defenses");
    checkAttacks(plan, plan.attacks, place, "attacks", false);
    checkAttacks(plan, plan.targetedAttacks, place, "targeted-attacks", true);
    for (std::size_t i = 0; i < plan.defenses.size(); ++i) {
        try {
            checkDefense(plan.defenses[i].defense);
        } catch (const Error& error) {
            throw Error(
                ErrorKind::BadInput, error.what(), place + ", defenses[" + std::to_string(i) + "]");
        }
    }
}

TournamentPlan parsePlan(const std::string& text, const std::string& place, const fs::path& folder)
{
    const Json json = parseJson(text, place, kPlanJson);
    Reader reader(json, place, "");
    if (reader.need("version") != 1)
        reader.fail("version", "1", reader.need("version"));
    TournamentPlan plan;
    if (const auto preset = reader.optionalText("preset")) {
        if (*preset != "seed")
            reader.fail("preset", "seed", *preset);
        plan.preset = *preset;
    }
    plan.dataset = datasetOf(reader.need("dataset"), place, folder);
    plan.official =
        reader
            .named<bool>("mode",
                [](const std::string& mode) { return choose(mode, "official", "development"); })
            .value_or(false);
    const Json* epsilon = reader.take("epsilon");
    if (epsilon != nullptr ? *epsilon == "official" : plan.official)
        plan.epsilon255.reset();
    else if (epsilon != nullptr && !epsilon->is_number_integer())
        reader.fail("epsilon", "a whole number 0..255 or \"official\"", *epsilon);
    else
        plan.epsilon255 = reader.whole("epsilon", 0, 255).value_or(16);
    plan.seed = reader.seed("seed").value_or(plan.seed);
    plan.numerics = reader.named<Numerics>("numerics", parseNumerics).value_or(plan.numerics);
    plan.threads = reader.whole("threads", 1, kMostThreads).value_or(plan.threads);
    plan.device = reader.named<Device>("device", parseDevice).value_or(plan.device);
    plan.allClassification = reader.flag("all-classification").value_or(false);
    plan.clean = reader.flag("clean").value_or(true);
    const auto attack = [&](const Json& item, const std::string& path) {
        return attackOf(item, place, path, folder);
    };
    plan.attacks = listOf<PlanAttack>(reader, "attacks", attack);
    plan.targetedAttacks = listOf<PlanAttack>(reader, "targeted-attacks", attack);
    plan.defenses =
        listOf<PlanDefense>(reader, "defenses", [&](const Json& item, const std::string& path) {
            return defenseOf(item, place, path, folder);
        });
    plan.leftOut = listOf<LeftOut>(reader, "left-out",
        [&](const Json& item, const std::string& path) { return leftOutOf(item, place, path); });
    reader.refuseOthers();
    checkPlan(plan, place);
    return plan;
}

TournamentPlan readPlan(const fs::path& file)
{
    const std::vector<std::uint8_t> bytes = readFile(file, kPlanJson.maxBytes);
    return parsePlan(
        std::string(bytes.begin(), bytes.end()), file.string(), fs::absolute(file).parent_path());
}

} // namespace crossiter
