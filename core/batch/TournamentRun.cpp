#include "core/batch/TournamentRun.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/Bicubic.h"
#include "core/batch/TournamentGuard.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <openssl/evp.h>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kStatisticsBatch = 16;

bool isOfOneImage(const Error& error)
{
    return error.kind() == ErrorKind::BadInput;
}

/// True when the file is there and still what was written down.
bool hasHash(const fs::path& file, const std::string& hash)
{
    try {
        return !hash.empty() && sha256File(file) == hash;
    } catch (const Error&) {
        return false;
    }
}

std::string sha1Of(const Image& image)
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {};
    unsigned int size = 0;
    if (EVP_Digest(image.rgb.data(), image.rgb.size(), digest, &size, EVP_sha1(), nullptr) != 1)
        throw Error(ErrorKind::Internal, "SHA-1 is not there", "libcrypto");
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4U];
        text += "0123456789abcdef"[digest[i] & 15U];
    }
    return text;
}

} // namespace

TournamentRun::TournamentRun(const TournamentPlan& plan, fs::path output, const RunOptions& options,
    const BatchParts& parts, WorkShare& share, const TournamentSink& sink, std::stop_token stop)
    : m_plan(plan)
    , m_folders(std::move(output))
    , m_options(options)
    , m_parts(parts)
    , m_share(share)
    , m_sink(sink)
    , m_stop(std::move(stop))
    , m_reader(m_folders.journal())
{
}

std::shared_ptr<const TournamentResult> TournamentRun::run()
{
    auto result = std::make_shared<TournamentResult>();
    m_share.agree(kLockKey, [&] {
        guardTournament(m_folders, m_plan);
        m_lock.emplace(m_folders.output());
        requireFitting(m_folders, m_plan, m_options.resume);
        return std::string("held");
    });
    result->cancelled =
        !prepare() || !attackPhase() || !clipPhase() || !defensePhase() || !finish(*result);
    return result;
}

bool TournamentRun::prepare()
{
    const bool done = m_share.share(
        "prepare", 1,
        [&](std::size_t) {
            tell({ "preparing" }, "prepare", 1);
            prepareTournament(m_folders, m_plan);
            openJournal();
            int last = 0;
            JournalReader(m_folders.journal()).readNew([&last](const Json& line) {
                if (const auto run = line.find("run");
                    run != line.end() && run->is_number_integer())
                    last = std::max(last, run->get<int>());
            });
            Json line;
            line["run"] = last + 1;
            line["crossiter"] = m_parts.version;
            line["plan"] = sha256File(m_folders.plan());
            line["processes"] = m_share.processes();
            line["threads"] = m_plan.threads;
            m_journal->append(line, true);
            return true;
        },
        m_stop);
    if (!done)
        return false;
    openJournal();
    m_state = std::make_unique<TournamentState>(m_plan, readEntries(m_folders.images()));
    readJournals();
    m_run = m_state->lastRun();
    return true;
}

/// Only when the plan has been accepted: a refused one leaves no journal.
void TournamentRun::openJournal()
{
    if (!m_journal)
        m_journal = std::make_unique<Journal>(m_folders.journal(), m_share.rank());
}

void TournamentRun::readJournals()
{
    m_reader.readNew([this](const Json& line) { m_state->take(line); });
    for (const Json& line : m_unwritten)
        m_state->take(line);
}

void TournamentRun::record(const Json& line, bool durable)
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

std::string TournamentRun::reasonOf(const std::exception& error) const
{
    return m_folders.relative(error.what());
}

void TournamentRun::tell(TournamentEvent event, const std::string& phase, std::size_t total)
{
    if (!m_sink)
        return;
    event.done = m_share.doneOf(phase);
    event.total = total;
    m_sink(event);
}

std::vector<TournamentRun::AttackUnit> TournamentRun::attackUnits() const
{
    // External runs take longest: they begin first.
    std::vector<AttackUnit> units;
    for (std::size_t attack = 0; attack < m_state->attackCount(); ++attack) {
        for (std::size_t batch = 0; m_state->attack(attack).external && batch < m_state->batches();
             ++batch)
            units.push_back({ attack, batch, true });
    }
    for (std::size_t attack = 0; attack < m_state->attackCount(); ++attack) {
        for (std::size_t image = 0;
             !m_state->attack(attack).external && image < m_state->entries().size(); ++image)
            units.push_back({ attack, image, false });
    }
    return units;
}

bool TournamentRun::attackPhase()
{
    const std::vector<AttackUnit> units = attackUnits();
    const auto work = [&](std::size_t index) {
        const AttackUnit& unit = units[index];
        return unit.external ? externalAttack(unit) : attackUnit(unit);
    };
    if (!m_share.share("attack", units.size(), work, m_stop))
        return false;
    readJournals();
    m_examples = m_state->examples();
    return true;
}

fs::path TournamentRun::attackOutput(std::size_t attack, std::size_t image) const
{
    return m_folders.attack(m_state->attack(attack).name, m_state->targeted(attack))
        / (m_state->entries()[image].id + ".png");
}

bool TournamentRun::attackUnit(const AttackUnit& unit)
{
    const PlanAttack& attack = m_state->attack(unit.attack);
    const TournamentEntry& entry = m_state->entries()[unit.image];
    const fs::path file = attackOutput(unit.attack, unit.image);
    TournamentEvent event { m_state->targeted(unit.attack) ? "targeted attack" : "attack",
        attack.name, entry.id };
    const UnitOutcome& known = m_state->made(unit.attack, unit.image);
    event.found = known.done() && hasHash(file, known.sha256);
    if (!event.found) {
        m_share.announce(event.stage + " " + attack.name + ": " + entry.id);
        Json line = m_state->attackLine(unit.attack, unit.image);
        try {
            requireRoom(m_folders.output());
            const Image clean = readCleanImage(m_plan, entry, m_stop);
            if (clean.empty())
                return false;
            const AttackRequest request =
                requestFor(m_plan, attack.options, entry.epsilon255, entry.trueLabel, entry.target);
            const std::optional<Image> made = m_parts.attack(request, clean, m_stop);
            if (!made)
                return false;
            const std::vector<std::uint8_t> png = encodePng(*made);
            writeFileAtomically(file, png);
            line["sha256"] = sha256(png);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            event.failure = reasonOf(error);
            line["failed"] = event.failure;
        }
        record(line, true);
    }
    tell(std::move(event), "attack", m_state->attackCount() * m_state->entries().size());
    return true;
}

bool TournamentRun::clipPhase()
{
    const auto work = [this](std::size_t number) { return clipUnit(number); };
    if (!m_share.share("clip", m_examples.size(), work, m_stop))
        return false;
    readJournals();
    const auto settle = [this](std::size_t) {
        removeStale(m_folders, m_examples.size());
        return true;
    };
    return m_share.share("settle", 1, settle, m_stop);
}

Image TournamentRun::clippedImage(std::size_t attack, std::size_t image) const
{
    const TournamentEntry& entry = m_state->entries()[image];
    const Image clean = readCleanImage(m_plan, entry);
    const fs::path file = attackOutput(attack, image);
    Image adversarial = readImage(file, DecodeRule::Contest);
    if (!adversarial.isImageSpace() && m_plan.official)
        adversarial = bicubicResize(adversarial, kImageSide, kImageSide);
    if (!adversarial.isImageSpace())
        throw Error(ErrorKind::BadInput, "adversarial image has a wrong size", file.string(),
            "299x299",
            std::to_string(adversarial.width) + "x" + std::to_string(adversarial.height));
    for (std::size_t i = 0; i < clean.rgb.size(); ++i) {
        const int low = std::max(clean.rgb[i] - entry.epsilon255, 0);
        const int high = std::min(clean.rgb[i] + entry.epsilon255, 255);
        adversarial.rgb[i] =
            static_cast<std::uint8_t>(std::clamp<int>(adversarial.rgb[i], low, high));
    }
    return adversarial;
}

bool TournamentRun::clipUnit(std::size_t number)
{
    const AdvExample& example = m_examples[number];
    const std::size_t attack = m_state->attackOf(example);
    const std::string& of = m_state->made(attack, example.image).sha256;
    const fs::path file = m_folders.example(number);
    TournamentEvent event { "clip", m_state->attack(attack).name,
        m_state->entries()[example.image].id };
    const ClippedOutcome& known = m_state->clipped(number);
    event.found = known.unit.done() && known.attack == attack && known.image == example.image
        && known.of == of && hasHash(file, known.unit.sha256);
    if (!event.found) {
        Json line = m_state->clippedLine(number, attack, example.image, of);
        try {
            requireRoom(m_folders.output());
            const Image clipped = clippedImage(attack, example.image);
            const std::vector<std::uint8_t> png = encodePng(clipped);
            writeFileAtomically(file, png);
            line["sha256"] = sha256(png);
            if (m_plan.official)
                line["sha1"] = sha1Of(clipped);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            event.failure = reasonOf(error);
            line["failed"] = event.failure;
            std::error_code ignored;
            fs::remove(file, ignored); // an earlier run's picture of another attack
        }
        record(line);
    }
    tell(std::move(event), "clip", m_examples.size());
    return true;
}

std::vector<TournamentRun::Chunk> TournamentRun::chunksOf(bool clean) const
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

std::vector<TournamentRun::DefenseUnit> TournamentRun::defenseUnits() const
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

std::string TournamentRun::hashOfGroup(const DefenseUnit& unit) const
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

bool TournamentRun::labelsKnown(const DefenseUnit& unit, const std::string& of) const
{
    for (std::size_t i = 0; i < unit.count; ++i) {
        const LabelOutcome& known = m_state->label(unit.defense, unit.clean, unit.first + i);
        if (known.label < 0 || known.of != hashBeginning(of))
            return false;
    }
    return true;
}

bool TournamentRun::defensePhase()
{
    const std::vector<DefenseUnit> units = defenseUnits();
    const auto work = [&](std::size_t index) {
        const DefenseUnit& unit = units[index];
        const bool go = unit.external ? externalDefense(unit) : defenseUnit(unit);
        if (go) {
            const std::string& name = m_plan.defenses[unit.defense].name;
            tell({ unit.clean ? "defense on clean images" : "defense", name,
                     unit.clean ? m_state->entries()[unit.first].id : advExampleStem(unit.first) },
                "defense", units.size());
        }
        return go;
    };
    if (!m_share.share("defense", units.size(), work, m_stop))
        return false;
    readJournals();
    return true;
}

bool TournamentRun::defenseUnit(const DefenseUnit& unit)
{
    const std::string of = hashOfGroup(unit);
    if (labelsKnown(unit, of))
        return true;
    m_share.announce("defense " + m_plan.defenses[unit.defense].name + ": "
        + (unit.clean ? m_state->entries()[unit.first].id : advExampleStem(unit.first)));
    std::vector<Image> images;
    std::vector<std::size_t> places;
    std::vector<std::optional<int>> labels(unit.count);
    std::map<std::size_t, std::string> reasons;
    for (std::size_t i = 0; i < unit.count; ++i) {
        const std::size_t number = unit.first + i;
        try {
            images.push_back(unit.clean
                    ? readCleanImage(m_plan, m_state->entries()[number], m_stop)
                    : readImage(m_folders.example(number), DecodeRule::Contest));
            places.push_back(i);
            if (images.back().empty())
                return false;
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            reasons[number] = reasonOf(error);
        }
    }
    if (!images.empty()) {
        try {
            const auto found =
                m_parts.defend(m_plan, m_plan.defenses[unit.defense], images, m_stop);
            if (!found)
                return false;
            for (std::size_t i = 0; i < places.size(); ++i)
                labels[places[i]] = found->at(i);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            for (const std::size_t place : places)
                reasons[unit.first + place] = reasonOf(error);
        }
    }
    record(TournamentState::labelsLine(
        m_plan.defenses[unit.defense].name, unit.clean, unit.first, of, labels, reasons));
    return true;
}

} // namespace crossiter
