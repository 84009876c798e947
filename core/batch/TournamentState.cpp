#include "core/batch/TournamentState.h"

#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/contest/SafeName.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace crossiter {

namespace {

Json orNull(const std::optional<int>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

constexpr int kMostLabel = 1000;

/// The list's words for what is wrong with one of its images.
JsonMembers::Complaint complaintsOf(const std::filesystem::path& file)
{
    return [&file](const JsonFault& fault) {
        const bool unknown = fault.what == JsonFault::What::Unknown;
        throw Error(ErrorKind::BadInput, kImagesJson.fault, file.string() + ", " + fault.path(),
            (unknown ? "one of " : "") + fault.expected,
            unknown ? "another key" : fault.shown("nothing"));
    };
}

std::optional<int> labelOrNull(JsonMembers& members, const char* key)
{
    if (members.need(key, "a label or null").is_null())
        return std::nullopt;
    return static_cast<int>(members.whole(key, 0, kMostLabel));
}

void update(UnitOutcome& old, int run, const Json& line)
{
    const bool done = line.contains("sha256") || line.contains("done");
    if (run < old.run || (run == old.run && old.done() && !done))
        return;
    old.run = run;
    old.state = done ? UnitOutcome::State::Done : UnitOutcome::State::Failed;
    old.sha256 = memberText(line, "sha256");
    old.reason = memberText(line, "failed");
}

} // namespace

std::uint64_t hashBeginning(const std::string& hash)
{
    std::uint64_t value = 0;
    std::from_chars(hash.data(), hash.data() + std::min<std::size_t>(hash.size(), 16), value, 16);
    return value;
}

std::string entriesText(const std::vector<TournamentEntry>& entries)
{
    Json list = Json::array();
    for (const TournamentEntry& entry : entries) {
        Json json;
        json["id"] = entry.id;
        json["file"] = entry.file.string();
        json["label"] = orNull(entry.trueLabel);
        json["target"] = orNull(entry.target);
        json["epsilon"] = entry.epsilon255;
        json["batch"] = entry.batch;
        list.push_back(std::move(json));
    }
    return jsonText(list);
}

std::vector<TournamentEntry> readEntries(const std::filesystem::path& file)
{
    const Json list = readJsonFile(file, kImagesJson);
    if (!list.is_array() || list.empty())
        throw Error(ErrorKind::BadInput, kImagesJson.fault, file.string(), "a list of images",
            shownJson(list));
    std::vector<TournamentEntry> entries;
    std::set<std::string> ids;
    for (const Json& json : list) {
        JsonMembers members(json, "[" + std::to_string(entries.size()) + "]", complaintsOf(file));
        TournamentEntry entry;
        entry.id = members.text("id");
        if (!isSafeFileName(entry.id + ".png"))
            members.wrong("id", "the name of a file without its ending", entry.id);
        if (!ids.insert(entry.id).second)
            members.wrong("id", "each image once", entry.id);
        const std::string name = members.text("file");
        if (name.empty() || name.find('\0') != std::string::npos)
            members.wrong("file", "the path of a picture", name);
        entry.file = name;
        entry.trueLabel = labelOrNull(members, "label");
        entry.target = labelOrNull(members, "target");
        entry.epsilon255 = static_cast<int>(members.whole("epsilon", 0, 255));
        entry.batch = static_cast<std::size_t>(
            members.whole("batch", 0, static_cast<std::int64_t>(list.size()) - 1));
        members.refuseOthers();
        entries.push_back(std::move(entry));
    }
    return entries;
}

TournamentState::TournamentState(const TournamentPlan& plan, std::vector<TournamentEntry> entries)
    : m_entries(std::move(entries))
    , m_own(plan.attacks)
    , m_nonTargeted(plan.attacks.size())
    , m_defenseCount(plan.defenses.size())
{
    m_own.insert(m_own.end(), plan.targetedAttacks.begin(), plan.targetedAttacks.end());
    for (const PlanAttack& attack : m_own) {
        m_attackIndex.emplace(
            (m_attacks.size() < m_nonTargeted ? "a/" : "t/") + attack.name, m_attacks.size());
        m_attacks.push_back(&attack);
    }
    for (std::size_t i = 0; i < m_entries.size(); ++i)
        m_imageIndex.emplace(m_entries[i].id, i);
    for (std::size_t i = 0; i < plan.defenses.size(); ++i)
        m_defenseIndex.emplace(plan.defenses[i].name, i);
    const std::size_t made = m_attacks.size() * m_entries.size();
    m_made.resize(made);
    m_clipped.resize(made);
    m_labels.resize(m_defenseCount * (made + m_entries.size()));
}

std::size_t TournamentState::batches() const
{
    std::size_t most = 0;
    for (const TournamentEntry& entry : m_entries)
        most = std::max(most, entry.batch + 1);
    return most;
}

std::optional<std::size_t> TournamentState::attackNamed(const Json& line) const
{
    const auto targeted = line.find("targeted");
    const bool isTargeted = targeted != line.end() && *targeted == true;
    const auto found = m_attackIndex.find((isTargeted ? "t/" : "a/") + memberText(line, "attack"));
    return found == m_attackIndex.end() ? std::nullopt : std::optional(found->second);
}

std::size_t TournamentState::labelIndex(std::size_t defense, bool clean, std::size_t number) const
{
    return defense * (m_made.size() + m_entries.size()) + (clean ? m_made.size() : 0) + number;
}

void TournamentState::take(const Json& line)
{
    const int run = memberInt(line, "run").value_or(0);
    if (run < 1)
        return;
    m_lastRun = std::max(m_lastRun, run);
    if (line.contains("external"))
        update(m_external[memberText(line, "external")], run, line);
    else if (line.contains("number"))
        takeClipped(line, run);
    else if (line.contains("attack"))
        takeAttack(line, run);
    else if (line.contains("defense"))
        takeLabels(line, run);
}

void TournamentState::takeAttack(const Json& line, int run)
{
    const auto attack = attackNamed(line);
    const auto image = m_imageIndex.find(memberText(line, "image"));
    if (attack && image != m_imageIndex.end())
        update(m_made[*attack * m_entries.size() + image->second], run, line);
}

void TournamentState::takeClipped(const Json& line, int run)
{
    const auto attack = attackNamed(line);
    const auto image = m_imageIndex.find(memberText(line, "image"));
    const int number = memberInt(line, "number").value_or(-1);
    if (!attack || image == m_imageIndex.end() || number < 0
        || static_cast<std::size_t>(number) >= m_clipped.size())
        return;
    ClippedOutcome& old = m_clipped[static_cast<std::size_t>(number)];
    const int before = old.unit.run;
    const auto state = old.unit.state;
    update(old.unit, run, line);
    if (old.unit.run == before && old.unit.state == state && before != 0)
        return; // an equal line, or one that does not count
    old.attack = *attack;
    old.image = image->second;
    old.of = memberText(line, "of");
    old.sha1 = memberText(line, "sha1");
}

void TournamentState::takeLabels(const Json& line, int run)
{
    const auto defense = m_defenseIndex.find(memberText(line, "defense"));
    const int first = memberInt(line, "first").value_or(-1);
    const auto labels = line.find("labels");
    if (defense == m_defenseIndex.end() || first < 0 || labels == line.end() || !labels->is_array())
        return;
    const bool clean = memberText(line, "set") == "clean";
    const std::size_t most = clean ? m_entries.size() : m_made.size();
    const std::uint64_t of = hashBeginning(memberText(line, "of"));
    const auto reasons = line.find("failed");
    const Json failed = reasons != line.end() && reasons->is_object() ? *reasons : Json::object();
    for (std::size_t i = 0; i < labels->size(); ++i) {
        const std::size_t number = static_cast<std::size_t>(first) + i;
        if (number >= most)
            return;
        const std::size_t index = labelIndex(defense->second, clean, number);
        LabelOutcome& old = m_labels[index];
        const auto label = wholeOf((*labels)[i], 0, INT32_MAX);
        const bool done = label.has_value();
        if (run < old.run || (run == old.run && old.label >= 0 && !done))
            continue;
        old.label = done ? static_cast<std::int32_t>(*label) : -1;
        old.run = run;
        old.of = of;
        m_labelReasons.erase(index);
        if (!done)
            m_labelReasons[index] = memberText(failed, std::to_string(number).c_str());
    }
}

const UnitOutcome& TournamentState::external(const std::string& key) const
{
    static const UnitOutcome kOpen;
    const auto found = m_external.find(key);
    return found == m_external.end() ? kOpen : found->second;
}

const LabelOutcome& TournamentState::label(
    std::size_t defense, bool clean, std::size_t number) const
{
    return m_labels[labelIndex(defense, clean, number)];
}

std::string TournamentState::labelReason(std::size_t defense, bool clean, std::size_t number) const
{
    const auto found = m_labelReasons.find(labelIndex(defense, clean, number));
    return found == m_labelReasons.end() ? std::string() : found->second;
}

std::vector<AdvExample> TournamentState::examples() const
{
    std::vector<AdvExample> examples;
    for (std::size_t attack = 0; attack < m_attacks.size(); ++attack) {
        for (std::size_t image = 0; image < m_entries.size(); ++image) {
            if (made(attack, image).done())
                examples.push_back({ targeted(attack) ? attack - m_nonTargeted : attack,
                    targeted(attack), image });
        }
    }
    return examples;
}

Json TournamentState::attackLine(std::size_t attack, std::size_t image) const
{
    Json line;
    line["attack"] = m_attacks[attack]->name;
    line["targeted"] = targeted(attack);
    line["image"] = m_entries[image].id;
    return line;
}

Json TournamentState::clippedLine(
    std::size_t number, std::size_t attack, std::size_t image, const std::string& of) const
{
    Json line;
    line["number"] = number;
    line.update(attackLine(attack, image));
    line["of"] = of;
    return line;
}

Json TournamentState::labelsLine(const std::string& defense, bool clean, std::size_t first,
    const std::string& of, const std::vector<std::optional<int>>& labels,
    const std::map<std::size_t, std::string>& reasons)
{
    Json line;
    line["defense"] = defense;
    line["set"] = clean ? "clean" : "adversarial";
    line["first"] = first;
    line["of"] = of;
    line["labels"] = Json::array();
    for (const std::optional<int>& label : labels)
        line["labels"].push_back(orNull(label));
    for (const auto& [number, reason] : reasons)
        line["failed"][std::to_string(number)] = reason;
    return line;
}

} // namespace crossiter
