#include "core/batch/TournamentRun.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/Bicubic.h"
#include "core/batch/TournamentResults.h"
#include "core/batch/TournamentRunner.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <openssl/evp.h>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

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
    const BatchEngine& engine, WorkShare& share, const TournamentSink& sink, std::stop_token stop)
    : m_options(options)
    , m_book(plan, std::move(output), engine, share, sink, std::move(stop))
    , m_external(m_book)
{
}

std::shared_ptr<const TournamentResult> TournamentRun::run()
{
    auto result = std::make_shared<TournamentResult>();
    m_book.share().agree(kLockKey, [&] {
        m_lock = lockTournament(m_book.plan(), m_book.folders().output(), m_options);
        return std::string("held");
    });
    result->cancelled = !prepare() || !attackPhase() || !clipPhase() || !defensePhase()
        || !TournamentResults(m_book).finish(*result);
    return result;
}

bool TournamentRun::prepare()
{
    const auto work = [this](std::size_t) {
        m_book.tell({ "preparing" }, "prepare", 1);
        if (!prepareTournament(m_book.folders(), m_book.plan(), m_book.stop()))
            return false;
        m_book.begin();
        return true;
    };
    if (!m_book.share().share("prepare", 1, work, m_book.stop()))
        return false;
    m_book.open();
    return true;
}

bool TournamentRun::attackPhase()
{
    const std::vector<AttackUnit> units = m_book.attackUnits();
    const auto work = [&](std::size_t index) {
        const AttackUnit& unit = units[index];
        return unit.external ? m_external.attack(unit) : attackUnit(unit);
    };
    if (!m_book.share().share("attack", units.size(), work, m_book.stop()))
        return false;
    m_book.readJournals();
    m_book.fixExamples();
    return true;
}

bool TournamentRun::attackUnit(const AttackUnit& unit)
{
    const PlanAttack& attack = m_book.state().attack(unit.attack);
    const TournamentEntry& entry = m_book.state().entries()[unit.image];
    const fs::path file = m_book.attackOutput(unit.attack, unit.image);
    TournamentEvent event { m_book.state().targeted(unit.attack) ? "targeted attack" : "attack",
        attack.name, entry.id };
    const UnitOutcome& known = m_book.state().made(unit.attack, unit.image);
    event.found = known.done() && hasHash(file, known.sha256);
    if (!event.found) {
        m_book.share().announce(event.stage + " " + attack.name + ": " + entry.id);
        Json line = m_book.state().attackLine(unit.attack, unit.image);
        try {
            requireRoom(m_book.folders().output());
            const Image clean = readCleanImage(m_book.plan(), entry, m_book.stop());
            if (clean.empty())
                return false;
            const AttackRequest request = requestFor(
                m_book.plan(), attack.options, entry.epsilon255, entry.trueLabel, entry.target);
            const std::optional<Image> made = m_book.engine().attack(request, clean, m_book.stop());
            if (!made)
                return false;
            const std::vector<std::uint8_t> png = encodePng(*made);
            writeFileAtomically(file, png);
            line["sha256"] = sha256(png);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            event.failure = m_book.reasonOf(error);
            line["failed"] = event.failure;
        }
        m_book.record(line, true);
    }
    m_book.tell(
        std::move(event), "attack", m_book.state().attackCount() * m_book.state().entries().size());
    return true;
}

bool TournamentRun::clipPhase()
{
    const auto work = [this](std::size_t number) { return clipUnit(number); };
    if (!m_book.share().share("clip", m_book.examples().size(), work, m_book.stop()))
        return false;
    m_book.readJournals();
    const auto settle = [this](std::size_t) {
        removeStale(m_book.folders(), m_book.examples().size());
        return true;
    };
    return m_book.share().share("settle", 1, settle, m_book.stop());
}

Image TournamentRun::clippedImage(std::size_t attack, std::size_t image) const
{
    const TournamentEntry& entry = m_book.state().entries()[image];
    Image clean = readCleanImage(m_book.plan(), entry, m_book.stop());
    const fs::path file = m_book.attackOutput(attack, image);
    if (clean.empty())
        return clean;
    Image adversarial = readMadeImage(file, m_book.stop());
    if (adversarial.empty())
        return adversarial;
    if (!adversarial.isImageSpace() && m_book.plan().official)
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
    const AdvExample& example = m_book.examples()[number];
    const std::size_t attack = m_book.state().attackOf(example);
    const std::string& of = m_book.state().made(attack, example.image).sha256;
    const fs::path file = m_book.folders().example(number);
    TournamentEvent event { "clip", m_book.state().attack(attack).name,
        m_book.state().entries()[example.image].id };
    const ClippedOutcome& known = m_book.state().clipped(number);
    event.found = known.unit.done() && known.attack == attack && known.image == example.image
        && known.of == of && hasHash(file, known.unit.sha256);
    if (!event.found) {
        Json line = m_book.state().clippedLine(number, attack, example.image, of);
        try {
            requireRoom(m_book.folders().output());
            const Image clipped = clippedImage(attack, example.image);
            if (clipped.empty())
                return false;
            const std::vector<std::uint8_t> png = encodePng(clipped);
            writeFileAtomically(file, png);
            line["sha256"] = sha256(png);
            if (m_book.plan().official)
                line["sha1"] = sha1Of(clipped);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            event.failure = m_book.reasonOf(error);
            line["failed"] = event.failure;
            std::error_code ignored;
            fs::remove(file, ignored); // an earlier run's picture of another attack
        }
        m_book.record(line);
    }
    m_book.tell(std::move(event), "clip", m_book.examples().size());
    return true;
}

bool TournamentRun::labelsKnown(const DefenseUnit& unit, const std::string& of) const
{
    for (std::size_t i = 0; i < unit.count; ++i) {
        const LabelOutcome& known = m_book.state().label(unit.defense, unit.clean, unit.first + i);
        if (known.label < 0 || known.of != hashBeginning(of))
            return false;
    }
    return true;
}

bool TournamentRun::defensePhase()
{
    const std::vector<DefenseUnit> units = m_book.defenseUnits();
    const auto work = [&](std::size_t index) {
        const DefenseUnit& unit = units[index];
        const bool go = unit.external ? m_external.defense(unit) : defenseUnit(unit);
        if (go) {
            const std::string& name = m_book.plan().defenses[unit.defense].name;
            m_book.tell({ unit.clean ? "defense on clean images" : "defense", name,
                            unit.clean ? m_book.state().entries()[unit.first].id
                                       : advExampleStem(unit.first) },
                "defense", units.size());
        }
        return go;
    };
    if (!m_book.share().share("defense", units.size(), work, m_book.stop()))
        return false;
    m_book.readJournals();
    return true;
}

bool TournamentRun::defenseUnit(const DefenseUnit& unit)
{
    const std::string of = m_book.hashOfGroup(unit);
    if (labelsKnown(unit, of))
        return true;
    m_book.share().announce("defense " + m_book.plan().defenses[unit.defense].name + ": "
        + (unit.clean ? m_book.state().entries()[unit.first].id : advExampleStem(unit.first)));
    std::vector<Image> images;
    std::vector<std::size_t> places;
    std::vector<std::optional<int>> labels(unit.count);
    std::map<std::size_t, std::string> reasons;
    for (std::size_t i = 0; i < unit.count; ++i) {
        const std::size_t number = unit.first + i;
        try {
            images.push_back(unit.clean
                    ? readCleanImage(m_book.plan(), m_book.state().entries()[number], m_book.stop())
                    : readMadeImage(m_book.folders().example(number), m_book.stop()));
            places.push_back(i);
            if (images.back().empty())
                return false;
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            reasons[number] = m_book.reasonOf(error);
        }
    }
    if (!images.empty()) {
        try {
            const auto found = m_book.engine().defend(
                m_book.plan(), m_book.plan().defenses[unit.defense], images, m_book.stop());
            if (!found)
                return false;
            for (std::size_t i = 0; i < places.size(); ++i)
                labels[places[i]] = found->at(i);
        } catch (const Error& error) {
            if (!isOfOneImage(error))
                throw;
            for (const std::size_t place : places)
                reasons[unit.first + place] = m_book.reasonOf(error);
        }
    }
    m_book.record(TournamentState::labelsLine(
        m_book.plan().defenses[unit.defense].name, unit.clean, unit.first, of, labels, reasons));
    return true;
}

} // namespace crossiter
