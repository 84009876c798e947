#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/PossiblePath.h"
#include "core/base/RegularFile.h"
#include "core/base/Suggestion.h"
#include "core/batch/TournamentPlan.h"
#include "core/contest/SafeName.h"
#include "core/report/JsonValues.h"

#include <cmath>
#include <functional>
#include <set>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr double kMostSeconds = 1e6;

std::string placeIn(const std::string& place, const std::string& path)
{
    return place + (path.empty() ? "" : ", ") + path;
}

/// An error about a part of the plan, at its place there: one that names a key or an item of the
/// part ("label-rule") keeps it.
[[nodiscard]] Error withinPlan(
    const Error& error, const std::string& where, const std::string& key = {})
{
    std::string inner = error.place();
    if (inner.starts_with("--")) // an option, as the command line types it
        inner.erase(0, 2);
    if (inner == key)
        inner.clear();
    return { ErrorKind::BadInput, error.text(), placeIn(where, inner), error.expected(),
        error.found() };
}

/// A plan's words for what is wrong with one of its members.
[[noreturn]] void complain(const std::string& place, const JsonFault& fault)
{
    switch (fault.what) {
    case JsonFault::What::Missing:
        throw Error(
            ErrorKind::BadInput, "key missing in the plan", placeIn(place, fault.where), fault.key);
    case JsonFault::What::Unknown:
        throw Error(ErrorKind::BadInput, "unknown key in the plan", placeIn(place, fault.where),
            fault.expected, fault.key);
    case JsonFault::What::NoObject:
    case JsonFault::What::Wrong:
        break;
    }
    throw Error(ErrorKind::BadInput, "wrong value in the plan", placeIn(place, fault.path()),
        fault.expected, fault.shown());
}

/// One object of the plan. Most of its members may be left out.
class Reader : public JsonMembers
{
public:
    Reader(const Json& json, std::string place, std::string path)
        : JsonMembers(
            json, std::move(path), [place](const JsonFault& fault) { complain(place, fault); })
        , m_place(std::move(place))
    {
    }

    [[nodiscard]] const std::string& place() const { return m_place; }

    /// For a value that is right by itself and not with the others; `found` says why, in words.
    [[noreturn]] void unfitting(
        const std::string& key, const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, "wrong value in the plan", placeIn(m_place, pathOf(key)),
            expected, found);
    }

    [[nodiscard]] std::string filledText(const std::string& key, const Json& value) const
    {
        if (!value.is_string())
            wrong(key, "a text", value);
        std::string found = value.get<std::string>();
        if (found.empty() || found.find('\0') != std::string::npos)
            wrong(key, "a text that is not empty", value);
        return found;
    }
    std::string filledText(const std::string& key) { return filledText(key, need(key)); }

    std::optional<std::string> textIfThere(const std::string& key)
    {
        return optional(
            key, [&] { return filledText(key); });
    }
    std::optional<int> wholeIfThere(const std::string& key, int low, int high)
    {
        return optional(
            key, [&] { return static_cast<int>(whole(key, low, high)); });
    }
    std::optional<std::uint64_t> seedIfThere(const std::string& key)
    {
        return optional(
            key, [&] { return seed(key); });
    }
    std::optional<double> numberIfThere(const std::string& key, double low, double high)
    {
        return optional(
            key, [&] { return number(key, low, high); });
    }
    std::optional<bool> flagIfThere(const std::string& key)
    {
        return optional(
            key, [&] { return flag(key); });
    }

    /// A path from the plan's folder; nothing when it is not there.
    std::optional<fs::path> pathIfThere(const std::string& key, const fs::path& folder)
    {
        const std::optional<std::string> text = textIfThere(key);
        if (!text)
            return std::nullopt;
        const fs::path path = (folder / *text).lexically_normal();
        if (!isPossiblePath(path.string()))
            wrong(key, kPossiblePath, *text);
        return path;
    }

    /// A name that `parse` knows; its Error says the choices.
    template <typename T>
    std::optional<T> named(
        const std::string& key, const std::function<T(const std::string&)>& parse)
    {
        const std::optional<std::string> found = textIfThere(key);
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
            throw withinPlan(error, m_place + ", " + pathOf(key), key);
        }
    }

private:
    std::string m_place;
};

bool choose(const std::string& text, const char* yes, const char* no)
{
    if (text != yes && text != no)
        throw Error(ErrorKind::BadInput, "unknown choice", {}, std::string(yes) + " or " + no,
            foundWord(text, { yes, no }));
    return text == yes;
}

PlanDataset datasetOf(const Json& json, const std::string& place, const fs::path& folder)
{
    Reader reader(json, place, "dataset");
    PlanDataset dataset;
    static_cast<void>(reader.need("folder"));
    dataset.folder = *reader.pathIfThere("folder", folder);
    for (const auto& [key, target] : { std::pair("csv", &dataset.csv),
             std::pair("labels", &dataset.labels), std::pair("targets", &dataset.targets) })
        *target = reader.pathIfThere(key, folder).value_or(fs::path());
    if (!dataset.csv.empty() && (!dataset.labels.empty() || !dataset.targets.empty()))
        reader.unfitting("csv", "csv alone, or labels and targets", "both");
    dataset.labelBase = reader.wholeIfThere("label-base", 0, 1);
    if (dataset.labelBase && dataset.labels.empty())
        reader.unfitting("label-base", "labels beside it", "none");
    dataset.targetBase = reader.wholeIfThere("target-base", 0, 1);
    if (dataset.targetBase && dataset.targets.empty())
        reader.unfitting("target-base", "targets beside it", "none");
    dataset.images =
        static_cast<std::size_t>(reader.wholeIfThere("images", 1, 1'000'000).value_or(0));
    dataset.csvOrder = reader
                           .named<bool>("order",
                               [](const std::string& text) { return choose(text, "csv", "name"); })
                           .value_or(false);
    if (dataset.csvOrder && dataset.csv.empty())
        reader.unfitting("order", "name, where there is no csv", "csv");
    reader.refuseOthers();
    return dataset;
}

std::string nameOf(Reader& reader)
{
    std::string name = reader.filledText("name");
    requireSubmissionName(name, placeIn(reader.place(), reader.pathOf("name")));
    return name;
}

std::optional<ExternalSubmission> externalOf(Reader& reader, const fs::path& folder)
{
    const auto submission = reader.pathIfThere("submission", folder);
    const auto limit = reader.numberIfThere("time-limit", 1.0, kMostSeconds);
    if (!submission) {
        if (limit)
            reader.unfitting("time-limit", "a submission beside it",
                "an attack or a defense of ours, which has no time limit");
        return std::nullopt;
    }
    ExternalSubmission external { *submission };
    external.timeLimitSeconds = limit.value_or(external.timeLimitSeconds);
    return external;
}

/// One id may stand without a list around it.
std::vector<std::string> sourcesOf(const Reader& reader, const Json& value)
{
    std::vector<std::string> sources;
    if (value.is_string())
        return { reader.filledText("source", value) };
    if (!value.is_array() || value.empty() || value.size() > 8)
        reader.wrong("source", "a model id or a list of 1..8 of them", value);
    for (std::size_t i = 0; i < value.size(); ++i)
        sources.push_back(reader.filledText("source[" + std::to_string(i) + "]", value[i]));
    return sources;
}

AttackChoices optionsOf(Reader& reader)
{
    AttackChoices options;
    for (const AttackField* field : attackFields(FieldFormat::Plan)) {
        const std::string key = field->key;
        const Json* value = reader.find(key);
        if (value == nullptr)
            continue;
        switch (field->kind) {
        case FieldKind::Ids:
            field->choose(options, sourcesOf(reader, *value));
            break;
        case FieldKind::Defense:
        case FieldKind::Choice: {
            const std::string text = reader.filledText(key, *value);
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
                reader.wrong(key, error.expected(), *value);
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
    attack.note = reader.textIfThere("note").value_or("");
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
    defense.note = reader.textIfThere("note").value_or("");
    defense.external = externalOf(reader, folder);
    if (!defense.external) {
        defense.model = reader.filledText("model");
        const std::string text = reader.textIfThere("defense").value_or("none");
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
    if (reader.find(key) == nullptr)
        return list;
    const Json& items = reader.list(key);
    for (std::size_t i = 0; i < items.size(); ++i)
        list.push_back(read(items[i], reader.pathOf(key) + "[" + std::to_string(i) + "]"));
    return list;
}

LeftOut leftOutOf(const Json& json, const std::string& place, const std::string& path)
{
    Reader reader(json, place, path);
    LeftOut row { reader.filledText("name"), reader.filledText("reason") };
    reader.refuseOthers();
    return row;
}

template <typename T>
void requireUniqueNames(
    const std::vector<T>& list, const std::string& place, const std::string& key)
{
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string where = place + ", " + key + "[" + std::to_string(i) + "].name";
        requireSubmissionName(list[i].name, where);
        if (!names.insert(list[i].name).second)
            throw Error(ErrorKind::BadInput, "name twice in the plan", where, "names of their own",
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
            if (targeted && !isTargeted(request.method) && usesSources(request.method))
                throw Error(ErrorKind::BadInput, "not a targeted attack", "method",
                    "one that takes a target", toString(request.method));
        } catch (const Error& error) {
            throw withinPlan(error, where);
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
            throw withinPlan(error, place + ", defenses[" + std::to_string(i) + "].defense");
        }
    }
}

void checkPlanModels(const TournamentPlan& plan, const std::string& place,
    const std::function<void(const std::string& id)>& require)
{
    const auto check = [&](const std::string& id, const std::string& path) {
        try {
            if (!id.empty())
                require(id);
        } catch (const Error& error) {
            throw withinPlan(error, place + ", " + path, id);
        }
    };
    const auto checkAll = [&](const std::vector<PlanAttack>& attacks, const std::string& key) {
        for (std::size_t i = 0; i < attacks.size(); ++i) {
            const AttackChoices& options = attacks[i].options;
            if (attacks[i].external || !usesSources(options.method))
                continue;
            const std::string path = key + "[" + std::to_string(i) + "].";
            for (const std::string& id : options.sources)
                check(id, path + "source");
            for (const DefenseStage& stage : parseDefense(options.through).stages)
                check(stage.model, path + "through");
        }
    };
    checkAll(plan.attacks, "attacks");
    checkAll(plan.targetedAttacks, "targeted-attacks");
    for (std::size_t i = 0; i < plan.defenses.size(); ++i) {
        if (plan.defenses[i].external)
            continue;
        const std::string path = "defenses[" + std::to_string(i) + "].";
        check(plan.defenses[i].model, path + "model");
        for (const DefenseStage& stage : plan.defenses[i].defense.stages)
            check(stage.model, path + "defense");
    }
}

TournamentPlan parsePlan(const std::string& text, const std::string& place, const fs::path& folder)
{
    const Json json = parseJson(text, place, kPlanJson);
    Reader reader(json, place, "");
    if (reader.need("version") != 1)
        reader.wrong("version", "1", reader.need("version"));
    TournamentPlan plan;
    if (const auto preset = reader.textIfThere("preset")) {
        if (*preset != "seed")
            reader.unfitting("preset", "seed", *preset);
        plan.preset = *preset;
    }
    plan.dataset = datasetOf(reader.need("dataset"), place, folder);
    plan.official =
        reader
            .named<bool>("mode",
                [](const std::string& mode) { return choose(mode, "official", "development"); })
            .value_or(false);
    const Json* epsilon = reader.find("epsilon");
    if (epsilon != nullptr ? *epsilon == "official" : plan.official)
        plan.epsilon255.reset();
    else if (epsilon != nullptr && !epsilon->is_number_integer())
        reader.wrong("epsilon", "a whole number 0..255 or \"official\"", *epsilon);
    else
        plan.epsilon255 = reader.wholeIfThere("epsilon", 0, 255).value_or(16);
    plan.seed = reader.seedIfThere("seed").value_or(plan.seed);
    Compute& how = plan.compute;
    how.numerics = reader.named<Numerics>("numerics", parseNumerics).value_or(how.numerics);
    how.threads = reader.wholeIfThere("threads", 1, kMostThreads).value_or(how.threads);
    how.device = reader.named<Device>("device", parseDevice).value_or(how.device);
    plan.allClassification = reader.flagIfThere("all-classification").value_or(false);
    plan.clean = reader.flagIfThere("clean").value_or(true);
    const auto attack = [&](const Json& item, const std::string& path) {
        return attackOf(item, place, path, folder);
    };
    plan.attacks = listOf<PlanAttack>(reader, "attacks", attack);
    plan.targetedAttacks = listOf<PlanAttack>(reader, "targeted-attacks", attack);
    plan.defenses = listOf<PlanDefense>(
        reader, "defenses",
        [&](const Json& item, const std::string& path) {
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
