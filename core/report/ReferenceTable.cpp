#include "core/report/ReferenceTable.h"

#include "core/attack/AttackFields.h"
#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/SafeText.h"
#include "core/classify/ModelManifest.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLabelRule = "label-rule";

/// Options that a row's settings do not have: others of its keys say them, or nothing that decides
/// a rate depends on them.
constexpr std::string_view kNotOfSettings[] = { "source", "judge", "epsilon", "save", "seed",
    "target" };

bool isOfSettings(std::string_view key)
{
    return !contains(kNotOfSettings, key);
}

JsonMembers::Complaint complaintsOf(const fs::path& path)
{
    return [&path](const JsonFault& fault) {
        const std::string key = fault.path();
        std::string expected = fault.expected;
        if (fault.what == JsonFault::What::Unknown)
            expected = "one of " + fault.expected;
        throw Error(ErrorKind::BadInput, kReferenceJson.fault,
            key.empty() ? path.string() : path.string() + ", key " + key, expected,
            fault.what == JsonFault::What::Unknown ? "an unknown key" : fault.shown("nothing"));
    };
}

/// The reader of one file.
class Reader
{
public:
    explicit Reader(const fs::path& path)
        : m_complain(complaintsOf(path))
    {
    }

    std::vector<ReferenceTable> tablesOf(const Json& document)
    {
        JsonMembers top = membersOf(document, {});
        static_cast<void>(top.whole("version", 1, 1));
        readNetworks(top);
        std::vector<ReferenceTable> tables;
        for (const Json& entry : filled(top, "tables"))
            tables.push_back(
                tableOf(membersOf(entry, "tables[" + std::to_string(tables.size()) + "]")));
        top.refuseOthers();
        return tables;
    }

private:
    [[nodiscard]] JsonMembers membersOf(const Json& json, std::string where) const
    {
        return { json, std::move(where), m_complain };
    }

    static const Json& filled(JsonMembers& members, const std::string& key)
    {
        const Json& list = members.list(key);
        if (list.empty())
            members.wrong(key, "a list that is not empty", list);
        return list;
    }

    static std::string line(JsonMembers& members, const std::string& key)
    {
        std::string text = members.text(key);
        if (text.empty() || forTerminal(text) != text)
            members.wrong(key, "a line of text", text);
        return text;
    }

    void readNetworks(JsonMembers& top)
    {
        const Json& networks = top.need("networks", "an object of lists of model ids");
        JsonMembers names = membersOf(networks, "networks");
        for (const auto& [name, list] : networks.items()) {
            SameNetwork& ids = m_networks[name];
            for (const Json& id : filled(names, name)) {
                if (!id.is_string() || !isModelId(id.get<std::string>()))
                    names.wrong(name, "a list of model ids", list);
                ids.push_back(id.get<std::string>());
            }
        }
    }

    ReferenceTable tableOf(JsonMembers members)
    {
        ReferenceTable table;
        table.source = line(members, "source");
        table.url = line(members, "url");
        if (!table.url.starts_with("https://") || table.url.find(' ') != std::string::npos)
            members.wrong("url", "https://...", table.url);
        table.where = line(members, "where");
        static_cast<void>(line(members, "settings-from"));
        table.imageSet = line(members, "image-set");
        table.images = static_cast<std::size_t>(members.whole("images", 1, 1'000'000));
        if (members.has("note"))
            table.note = line(members, "note");
        std::set<std::string> seen;
        std::size_t index = 0;
        for (const Json& entry : filled(members, "rows"))
            readRow(membersOf(entry, members.pathOf("rows[" + std::to_string(index++) + "]")),
                table, seen);
        members.refuseOthers();
        return table;
    }

    void readRow(JsonMembers members, ReferenceTable& table, std::set<std::string>& seen)
    {
        PublishedRate row;
        row.attack = line(members, "attack");
        const auto epsilon = static_cast<int>(members.whole("epsilon", 0, 255));
        const Json& sources = filled(members, "sources");
        for (const Json& name : sources) {
            const auto known =
                name.is_string() ? m_networks.find(name.get<std::string>()) : m_networks.end();
            if (known == m_networks.end() || row.sources.size() == 8)
                members.wrong("sources", "1 to 8 of the file's networks", sources);
            row.sources.push_back(known->second);
        }
        const std::string key =
            row.attack + "\n" + std::to_string(epsilon) + "\n" + jsonLine(sources);
        if (!seen.insert(key).second)
            members.wrong("attack", "one row for each attack, epsilon and sources", row.attack);
        if (members.has("missing"))
            static_cast<void>(line(members, "missing"));
        else
            row.request = requestOf(members, epsilon, row.sources);
        readRates(members, row, table);
        members.refuseOthers();
    }

    [[nodiscard]] AttackRequest requestOf(
        JsonMembers& members, int epsilon, const std::vector<SameNetwork>& sources) const
    {
        const Json& settings = members.need("settings", "an object of options, or missing");
        JsonMembers options = membersOf(settings, members.pathOf("settings"));
        AttackChoices choices;
        for (const AttackField& field : attackFields()) {
            const Json* value = isOfSettings(field.key) ? options.find(field.key) : nullptr;
            if (value == nullptr)
                continue;
            try {
                field.choose(choices, fieldOfJson(field, *value));
            } catch (const Error& error) {
                options.wrong(field.key, error.expected(), *value);
            }
        }
        options.refuseOthers();
        for (const char* key : { "method", "rounds", "step", kLabelRule })
            static_cast<void>(options.need(key)); // never from a default that may change
        if (isTargeted(choices.method) || !usesSources(choices.method))
            options.wrong("method", "an untargeted attack that steps", settings["method"]);
        for (const SameNetwork& source : sources)
            choices.sources.push_back(source.front());
        AttackRequest request = resolve(choices, epsilon);
        request.trueLabel = 1; // of any picture; the rule `true` wants one
        try {
            checkRequest(request);
        } catch (const Error& error) {
            members.wrong("settings", "options that fit: " + error.whatElse(), settings);
        }
        return request;
    }

    void readRates(JsonMembers& members, const PublishedRate& row, ReferenceTable& table) const
    {
        const Json& rates = members.need("rates", "an object of rates by network");
        JsonMembers values = membersOf(rates, members.pathOf("rates"));
        if (rates.empty())
            members.wrong("rates", "at least one rate", rates);
        for (const auto& [name, value] : rates.items()) {
            const auto known = m_networks.find(name);
            if (known == m_networks.end())
                values.wrong(name, "one of the file's networks", name);
            PublishedRate rate = row;
            rate.target = known->second;
            rate.percent = values.number(name, 0.0, 100.0);
            table.rates.push_back(std::move(rate));
        }
    }

    JsonMembers::Complaint m_complain;
    std::map<std::string, SameNetwork> m_networks;
};

bool isOneOf(const SameNetwork& network, const std::string& id)
{
    return contains(network, id);
}

/// What differs of the settings; nothing: the attacks are not to be compared.
std::optional<std::string> differences(const PublishedRate& rate, const AttackRequest& ran)
{
    if (!rate.request || isTargeted(ran.method) || !usesSources(ran.method)
        || !std::equal(rate.sources.begin(), rate.sources.end(), ran.sources.begin(),
            ran.sources.end(), isOneOf))
        return std::nullopt;
    std::string differing;
    for (const AttackField* field : attackFields(FieldFormat::Trace)) {
        const std::string key = field->key;
        const bool decides = (isOfSettings(key) || key == "epsilon") && key != "method"
            && (key != "ensemble" || ran.sources.size() > 1);
        const FieldValue published = field->valueOf(*rate.request);
        const FieldValue here = field->valueOf(ran);
        if (!decides || published == here)
            continue;
        if (key != kLabelRule)
            return std::nullopt;
        differing = "other settings: " + key + " " + AttackField::print(here) + ", published "
            + AttackField::print(published);
    }
    return differing;
}

/// Pictures of a non-targeted attack that a defense labels wrongly.
Proportion wrongOf(const TournamentOutcome& outcome, std::size_t attack, std::size_t defense)
{
    std::size_t wrong = 0;
    std::size_t total = 0;
    for (std::size_t number = 0; number < outcome.examples.size(); ++number) {
        const AdvExample& example = outcome.examples[number];
        const std::optional<int>& truth = outcome.images[example.image].trueLabel;
        const std::optional<int>& label = outcome.labels[defense][number];
        if (example.targeted || example.attack != attack || !truth || !label)
            continue;
        ++total;
        wrong += *label != *truth ? 1 : 0;
    }
    return wilson(wrong, total);
}

} // namespace

std::vector<ReferenceTable> readReferenceTables(const fs::path& path)
{
    return Reader(path).tablesOf(readJsonFile(path, kReferenceJson));
}

std::vector<PublishedComparison> compareWithPublished(const TournamentFacts& facts,
    const TournamentOutcome& outcome, const std::vector<ReferenceTable>& tables)
{
    std::vector<PublishedComparison> lines;
    for (const ReferenceTable& table : tables) {
        for (const PublishedRate& rate : table.rates) {
            for (std::size_t attack = 0; attack < facts.attacks.size(); ++attack) {
                const std::optional<AttackRequest>& ran = facts.attacks[attack];
                const auto remark = ran ? differences(rate, *ran) : std::nullopt;
                for (std::size_t defense = 0; remark && defense < facts.networks.size();
                     ++defense) {
                    if (!isOneOf(rate.target, facts.networks[defense]))
                        continue;
                    const Proportion here = wrongOf(outcome, attack, defense);
                    if (here.total > 0)
                        lines.push_back({ &table, &rate, outcome.attacks[attack],
                            outcome.defenses[defense], facts.networks[defense], here, *remark });
                }
            }
        }
    }
    return lines;
}

} // namespace crossiter
