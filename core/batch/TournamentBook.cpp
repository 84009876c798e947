#include "core/batch/TournamentBook.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"

#include <algorithm>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kStatisticsBatch = 16;
constexpr const char* kNotRecorded = "not recorded: its process was lost or could not write";

std::string reasonOr(const std::string& reason)
{
    return reason.empty() ? kNotRecorded : reason;
}

} // namespace

TournamentBook::TournamentBook(const TournamentPlan& plan, fs::path output,
    const BatchEngine& engine, WorkShare& share, const TournamentSink& sink, std::stop_token stop)
    : m_plan(plan)
    , m_folders(std::move(output))
    , m_engine(engine)
    , m_share(share)
    , m_sink(sink)
    , m_stop(std::move(stop))
    , m_reader(m_folders.journal())
{
}

void TournamentBook::begin()
{
    openJournal();
    int last = 0;
    JournalReader(m_folders.journal()).readNew([&last](const Json& line) {
        if (const auto run = line.find("run"); run != line.end() && run->is_number_integer())
            last = std::max(last, run->get<int>());
    });
    Json line;
    line["run"] = last + 1;
    line["crossiter"] = m_engine.version;
    line["plan"] = sha256File(m_folders.plan());
    line["processes"] = m_share.processes();
    line["threads"] = m_plan.compute.threads;
    m_journal->append(line, true);
}

void TournamentBook::open()
{
    openJournal();
    m_state = std::make_unique<TournamentState>(m_plan, readEntries(m_folders.images()));
    readJournals();
    m_run = m_state->lastRun();
}

/// Only when the plan has been accepted: a refused one leaves no journal.
void TournamentBook::openJournal()
{
    if (!m_journal)
        m_journal = std::make_unique<Journal>(m_folders.journal(), m_share.rank());
}

void TournamentBook::readJournals()
{
    m_reader.readNew([this](const Json& line) { m_state->take(line); });
    for (const Json& line : m_unwritten)
        m_state->take(line);
}

void TournamentBook::record(const Json& line, bool durable)
{
    Json whole;
    whole["run"] = m_run;
    whole.update(line);
    try {
        m_journal->append(whole, durable);
        return;
    } catch (const Error&) {
        // A full disk: this is what the reserve is for.
        std::error_code ignored;
        fs::remove(m_folders.journalReserve(), ignored);
    }
    try {
        m_journal->append(whole, durable);
    } catch (const Error& error) {
        // What no other process and no later run can know counts as not done.
        if (whole.contains("labels")) {
            std::size_t number = whole["first"].get<std::size_t>();
            for (Json& label : whole["labels"]) {
                label = nullptr;
                whole["failed"][std::to_string(number++)] = reasonOf(error);
            }
        } else {
            whole.erase("sha256");
            whole.erase("done");
            whole["failed"] = reasonOf(error);
        }
        m_unwritten.push_back(std::move(whole));
    }
}

std::string TournamentBook::reasonOf(const std::exception& error) const
{
    return m_folders.relative(error.what());
}

void TournamentBook::tell(TournamentEvent event, const std::string& phase, std::size_t total) const
{
    if (!m_sink)
        return;
    event.done = m_share.doneOf(phase);
    event.total = total;
    m_sink(event);
}

fs::path TournamentBook::attackOutput(std::size_t attack, std::size_t image) const
{
    return m_folders.attack(m_state->attack(attack).name, m_state->targeted(attack))
        / (m_state->entries()[image].id + ".png");
}

std::vector<AttackUnit> TournamentBook::attackUnits() const
{
    // External runs take longest: they begin first.
    std::vector<AttackUnit> units;
    for (std::size_t attack = 0; attack < m_state->attackCount(); ++attack)
        for (std::size_t batch = 0; m_state->attack(attack).external && batch < m_state->batches();
             ++batch)
            units.push_back({ attack, batch, true });
    for (std::size_t attack = 0; attack < m_state->attackCount(); ++attack)
        for (std::size_t image = 0;
             !m_state->attack(attack).external && image < m_state->entries().size(); ++image)
            units.push_back({ attack, image, false });
    return units;
}

std::vector<Chunk> TournamentBook::chunksOf(bool clean) const
{
    std::vector<Chunk> chunks;
    const std::size_t count = clean ? m_state->entries().size() : m_examples.size();
    const auto startsAnew = [&](std::size_t i) {
        const auto& entries = m_state->entries();
        if (clean)
            return entries[i].batch != entries[i - 1].batch;
        const AdvExample& now = m_examples[i];
        const AdvExample& before = m_examples[i - 1];
        return m_plan.official
            && (now.attack != before.attack || now.targeted != before.targeted
                || entries[now.image].batch != entries[before.image].batch);
    };
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || startsAnew(i))
            chunks.emplace_back(i, 0);
        ++chunks.back().second;
    }
    return chunks;
}

std::vector<DefenseUnit> TournamentBook::defenseUnits() const
{
    std::vector<DefenseUnit> units;
    for (const bool external : { true, false }) {
        for (std::size_t defense = 0; defense < m_plan.defenses.size(); ++defense) {
            const PlanDefense& submission = m_plan.defenses[defense];
            if (submission.external.has_value() != external)
                continue;
            for (const bool clean : { true, false }) {
                if (clean && !m_plan.clean)
                    continue;
                const std::vector<Chunk> chunks = chunksOf(clean);
                for (std::size_t c = 0; c < chunks.size(); ++c) {
                    const auto [first, count] = chunks[c];
                    const std::size_t group = external       ? count
                        : submission.defense.batchStatistics ? kStatisticsBatch
                                                             : 1;
                    for (std::size_t at = 0; at < count; at += group)
                        units.push_back({ defense, first + at, std::min(group, count - at), c,
                            clean, external });
                }
            }
        }
    }
    return units;
}

std::string TournamentBook::hashOfGroup(const DefenseUnit& unit) const
{
    std::string hashes;
    for (std::size_t i = 0; i < unit.count; ++i) {
        if (unit.clean)
            hashes += m_state->entries()[unit.first + i].id;
        else
            hashes += m_state->clipped(unit.first + i).unit.sha256;
        hashes += '\n';
    }
    return sha256(std::span(reinterpret_cast<const std::uint8_t*>(hashes.data()), hashes.size()));
}

std::string TournamentBook::attackKey(const AttackUnit& unit) const
{
    return std::string(m_state->targeted(unit.attack) ? "targeted attack/" : "attack/")
        + m_state->attack(unit.attack).name + "/" + std::to_string(unit.image);
}

std::string TournamentBook::defenseKey(const DefenseUnit& unit) const
{
    return "defense/" + m_plan.defenses[unit.defense].name
        + (unit.clean ? "/clean/" : "/adversarial/") + std::to_string(unit.chunk);
}

void TournamentBook::recordFile(const fs::path& file)
{
    Json line;
    line["file"] = m_folders.relative(file.string());
    line["sha256"] = sha256File(file);
    record(line);
}

TournamentOutcome TournamentBook::outcome() const
{
    TournamentOutcome all;
    for (const PlanAttack& attack : m_plan.attacks)
        all.attacks.push_back(attack.name);
    for (const PlanAttack& attack : m_plan.targetedAttacks)
        all.targetedAttacks.push_back(attack.name);
    for (const TournamentEntry& entry : m_state->entries())
        all.images.push_back({ entry.id, entry.trueLabel, entry.target });
    all.examples = m_examples;
    const auto labelOf = [&](std::size_t defense, bool clean, std::size_t number) {
        const int label = m_state->label(defense, clean, number).label;
        return label >= 0 ? std::optional(label) : std::nullopt;
    };
    for (std::size_t defense = 0; defense < m_plan.defenses.size(); ++defense) {
        all.defenses.push_back(m_plan.defenses[defense].name);
        std::vector<std::optional<int>>& labels = all.labels.emplace_back();
        for (std::size_t number = 0; number < m_examples.size(); ++number)
            labels.push_back(labelOf(defense, false, number));
        if (!m_plan.clean)
            continue;
        std::vector<std::optional<int>>& clean = all.cleanLabels.emplace_back();
        for (std::size_t image = 0; image < m_state->entries().size(); ++image)
            clean.push_back(labelOf(defense, true, image));
    }
    return all;
}

std::vector<TournamentFailure> TournamentBook::failures() const
{
    std::vector<TournamentFailure> list;
    const auto& entries = m_state->entries();
    for (std::size_t attack = 0; attack < m_state->attackCount(); ++attack) {
        const std::string stage = m_state->targeted(attack) ? "targeted attack" : "attack";
        const std::string& name = m_state->attack(attack).name;
        for (std::size_t batch = 0; m_state->attack(attack).external && batch < m_state->batches();
             ++batch) {
            const UnitOutcome& run = m_state->external(attackKey({ attack, batch, true }));
            if (!run.done())
                list.push_back({ stage, name, "", reasonOr(run.reason) });
        }
        for (std::size_t image = 0; image < entries.size(); ++image) {
            const UnitOutcome& made = m_state->made(attack, image);
            if (!made.done())
                list.push_back({ stage, name, entries[image].id, reasonOr(made.reason) });
        }
    }
    for (std::size_t number = 0; number < m_examples.size(); ++number) {
        const UnitOutcome& unit = m_state->clipped(number).unit;
        if (!unit.done())
            list.push_back({ "clip", m_state->attack(m_state->attackOf(m_examples[number])).name,
                entries[m_examples[number].image].id, reasonOr(unit.reason) });
    }
    for (const DefenseUnit& unit : defenseUnits()) {
        const std::string stage = unit.clean ? "defense on clean images" : "defense";
        const std::string& name = m_plan.defenses[unit.defense].name;
        if (unit.external) {
            const UnitOutcome& run = m_state->external(defenseKey(unit));
            if (!run.done())
                list.push_back({ stage, name, "", reasonOr(run.reason) });
        }
        for (std::size_t i = 0; i < unit.count; ++i) {
            const std::size_t number = unit.first + i;
            if (m_state->label(unit.defense, unit.clean, number).label < 0)
                list.push_back(
                    { stage, name, unit.clean ? entries[number].id : advExampleStem(number),
                        reasonOr(m_state->labelReason(unit.defense, unit.clean, number)) });
        }
    }
    return list;
}

} // namespace crossiter
