#include "core/batch/ExternalRuns.h"

#include "core/base/AtomicFile.h"
#include "core/base/ChildProcess.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/contest/LabelsCsv.h"
#include "core/contest/Submission.h"
#include "core/image/Codec.h"

#include <map>
#include <system_error>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxResultBytes = 64U << 20U;
constexpr std::uint64_t kMaxPictureBytes = 256U << 20U;

/// metadata.json, or, where there is none, the competition's usual entry point.
SubmissionMetadata metadataOf(const fs::path& folder, SubmissionKind kind)
{
    std::error_code fault;
    if (fs::exists(folder / kMetadataFile, fault))
        return readMetadata(folder);
    SubmissionMetadata metadata;
    metadata.type = nameOf(kind);
    metadata.entryPoint = kind == SubmissionKind::Defense ? "run_defense.sh" : "run_attack.sh";
    return metadata;
}

/// The program answered already; result: its answer, compared where it is that of all pictures.
bool stands(const UnitOutcome& known, const fs::path& result, bool whole)
{
    if (!known.done())
        return false;
    try {
        return !whole || sha256File(result) == known.sha256;
    } catch (const Error&) {
        return false; // gone or unreadable: once more
    }
}

std::optional<int> labelOf(const DefenseOutput& found, const std::string& image)
{
    const auto entry = found.labels.find(image);
    return entry != found.labels.end() && entry->second >= 0 ? std::optional(entry->second)
                                                             : std::nullopt;
}

void requireSubmission(const ExternalSubmission& external, SubmissionKind kind)
{
    std::error_code fault;
    if (!fs::is_directory(external.folder, fault))
        throw Error(ErrorKind::BadInput, "no such submission", external.folder.string(),
            "a folder with its entry point");
    const SubmissionMetadata metadata = metadataOf(external.folder, kind);
    if (metadata.type != nameOf(kind))
        throw Error(ErrorKind::BadInput, "wrong type of submission", external.folder.string(),
            nameOf(kind), metadata.type);
    const fs::path entry = external.folder / metadata.entryPoint;
    if (!fs::is_regular_file(entry, fault) || ::access(entry.c_str(), X_OK) != 0)
        throw Error(ErrorKind::BadInput, "the submission's entry point cannot be run",
            entry.string(), "an executable file");
}

void copyOrLink(const fs::path& from, const fs::path& to)
{
    std::error_code fault;
    fs::create_hard_link(from, to, fault);
    if (fault)
        writeFileAtomically(to, readFile(from, kMaxPictureBytes));
}

} // namespace

void requireSubmissions(const TournamentPlan& plan)
{
    for (const PlanAttack& attack : plan.attacks)
        if (attack.external)
            requireSubmission(*attack.external, SubmissionKind::Attack);
    for (const PlanAttack& attack : plan.targetedAttacks)
        if (attack.external)
            requireSubmission(*attack.external, SubmissionKind::TargetedAttack);
    for (const PlanDefense& defense : plan.defenses)
        if (defense.external)
            requireSubmission(*defense.external, SubmissionKind::Defense);
}

std::string ExternalRuns::fault(
    const ExternalSubmission& external, ChildRequest request, bool& cancelled) const
{
    request.timeoutSeconds = external.timeLimitSeconds;
    try {
        const ChildResult result = runChild(request, m_book.stop());
        cancelled = result.cancelled;
        if (result.succeeded())
            return {};
        if (result.timedOut) // explain() says after how long, which differs from run to run
            return "time limit of " + briefText(external.timeLimitSeconds) + " s";
        return m_book.folders().relative(oneLine(result.explain()));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw;
        return m_book.reasonOf(error);
    }
}

bool ExternalRuns::attack(const AttackUnit& unit)
{
    const PlanAttack& attack = m_book.state().attack(unit.attack);
    const bool targeted = m_book.state().targeted(unit.attack);
    const auto& entries = m_book.state().entries();
    TournamentEvent event { targeted ? "targeted attack" : "attack", attack.name };
    bool known = m_book.state().external(m_book.attackKey(unit)).done();
    for (std::size_t i = 0; known && i < entries.size(); ++i) {
        const UnitOutcome& made = m_book.state().made(unit.attack, i);
        if (entries[i].batch != unit.image || !made.done())
            continue;
        try {
            known = sha256File(m_book.attackOutput(unit.attack, i)) == made.sha256;
        } catch (const Error&) {
            known = false;
        }
    }
    event.found = known;
    if (!known) {
        m_book.share().announce(
            event.stage + " " + attack.name + ", batch " + std::to_string(unit.image));
        // What a run that was cut short left must not count as this one's.
        int epsilon255 = 0;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            std::error_code ignored;
            if (entries[i].batch == unit.image) {
                epsilon255 = entries[i].epsilon255;
                fs::remove(m_book.attackOutput(unit.attack, i), ignored);
            }
        }
        const ExternalSubmission& external = *attack.external;
        const auto kind = targeted ? SubmissionKind::TargetedAttack : SubmissionKind::Attack;
        bool cancelled = false;
        event.failure = fault(external,
            attackCommand(external.folder, metadataOf(external.folder, kind),
                m_book.folders().inputs(unit.image), m_book.folders().attack(attack.name, targeted),
                epsilon255),
            cancelled);
        if (cancelled)
            return false;
        if (!recordExternalImages(unit))
            return false;
        Json line;
        line["external"] = m_book.attackKey(unit);
        if (event.failure.empty())
            line["done"] = true;
        else
            line["failed"] = event.failure;
        m_book.record(line, true);
    }
    m_book.tell(std::move(event), "attack", m_book.state().attackCount() * entries.size());
    return true;
}

bool ExternalRuns::recordExternalImages(const AttackUnit& unit)
{
    const auto& entries = m_book.state().entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].batch != unit.image)
            continue;
        const fs::path file = m_book.attackOutput(unit.attack, i);
        Json line = m_book.state().attackLine(unit.attack, i);
        std::error_code fault;
        if (!fs::exists(file, fault)) {
            line["failed"] = "not written by the program";
        } else {
            try {
                const Image image = readMadeImage(file, m_book.stop());
                if (image.empty())
                    return false;
                if (!image.isImageSpace() && !m_book.plan().official)
                    throw Error(ErrorKind::BadInput, "adversarial image has a wrong size",
                        file.string(), "299x299",
                        std::to_string(image.width) + "x" + std::to_string(image.height));
                line["sha256"] = sha256File(file);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::BadInput)
                    throw;
                line["failed"] = m_book.reasonOf(error);
            }
        }
        m_book.record(line);
    }
    return true;
}

fs::path ExternalRuns::folderOf(const DefenseUnit& unit) const
{
    if (unit.clean)
        return m_book.folders().inputs(m_book.state().entries()[unit.first].batch);
    if (unit.count == m_book.examples().size())
        return m_book.folders().examples();
    // Part of all_adv_examples: a folder of its own, gone after the run.
    fs::path folder = m_book.folders().work()
        / ("examples_" + std::to_string(unit.defense) + "_" + std::to_string(unit.chunk));
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    fs::create_directories(folder, ignored);
    for (std::size_t number = unit.first; number < unit.first + unit.count; ++number) {
        if (fs::exists(m_book.folders().example(number), ignored))
            copyOrLink(m_book.folders().example(number),
                folder / m_book.folders().example(number).filename());
    }
    return folder;
}

bool ExternalRuns::defense(const DefenseUnit& unit)
{
    const PlanDefense& defense = m_book.plan().defenses[unit.defense];
    const std::string key = m_book.defenseKey(unit);
    const std::string of = m_book.hashOfGroup(unit);
    const bool whole = !unit.clean && unit.count == m_book.examples().size();
    const fs::path result = m_book.folders().defense(defense.name) / "result.csv";
    const LabelOutcome& label = m_book.state().label(unit.defense, unit.clean, unit.first);
    if (label.of == hashBeginning(of) && stands(m_book.state().external(key), result, whole))
        return true;
    m_book.share().announce("defense " + defense.name + (unit.clean ? " on clean images" : ""));
    const fs::path answer = m_book.folders().work()
        / ("result_" + std::to_string(unit.defense) + (unit.clean ? "_clean_" : "_")
            + std::to_string(unit.chunk) + ".csv");
    std::error_code ignored;
    fs::remove(answer, ignored);
    Json line;
    line["external"] = key;
    std::vector<std::optional<int>> labels(unit.count);
    std::map<std::size_t, std::string> reasons;
    bool cancelled = false;
    std::string wrong;
    try {
        const fs::path folder = folderOf(unit);
        const ExternalSubmission& external = *defense.external;
        wrong = fault(external,
            defenseCommand(external.folder, metadataOf(external.folder, SubmissionKind::Defense),
                folder, answer),
            cancelled);
        if (folder.parent_path() == m_book.folders().work() && !unit.clean)
            fs::remove_all(folder, ignored);
        if (cancelled)
            return false;
        const std::vector<std::uint8_t> bytes = readFile(answer, kMaxResultBytes);
        const std::string text(bytes.begin(), bytes.end());
        const DefenseOutput found = readDefenseOutput(answer);
        for (std::size_t i = 0; i < unit.count; ++i) {
            const std::size_t number = unit.first + i;
            labels[i] = labelOf(
                found, unit.clean ? m_book.state().entries()[number].id : advExampleStem(number));
            if (!labels[i])
                reasons[number] = "no label in the program's result";
        }
        if (wrong.empty() && !found.skippedLines.empty())
            wrong = counted(found.skippedLines.size(), "line")
                + " of its result without NAME,LABEL, the first is line "
                + std::to_string(found.skippedLines.front());
        if (whole) {
            writeFileAtomically(result, text);
            line["sha256"] = sha256(bytes);
        } else {
            line["done"] = true;
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw;
        if (wrong.empty())
            wrong = m_book.reasonOf(error);
        for (std::size_t i = 0; i < unit.count; ++i)
            reasons[unit.first + i] = "the program did not answer";
    }
    if (!wrong.empty()) {
        line.erase("sha256");
        line.erase("done");
        line["failed"] = wrong;
    }
    m_book.record(
        TournamentState::labelsLine(defense.name, unit.clean, unit.first, of, labels, reasons));
    m_book.record(line, true);
    return true;
}

} // namespace crossiter
