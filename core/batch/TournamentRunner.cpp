#include "core/batch/TournamentRunner.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/batch/TournamentGuard.h"
#include "core/batch/TournamentReport.h"
#include "core/batch/TournamentRun.h"
#include "core/contest/LabelMatch.h"

#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNotRecorded = "not recorded: its process was lost or could not write";

std::string reasonOr(const std::string& reason)
{
    return reason.empty() ? kNotRecorded : reason;
}

std::vector<std::string> readNotes(const fs::path& file)
{
    try {
        const Json list = readJsonFile(file, kNotesJson);
        std::vector<std::string> notes;
        for (const Json& note : list.is_array() ? list : Json::array()) {
            if (note.is_string())
                notes.push_back(note.get<std::string>());
        }
        return notes;
    } catch (const Error&) {
        return {};
    }
}

/// Where the defenses were asked about the clean images, and a table gave the labels.
std::string suspicionOf(const TournamentPlan& plan, const TournamentOutcome& outcome)
{
    const fs::path& table = plan.dataset.csv.empty() ? plan.dataset.labels : plan.dataset.csv;
    if (table.empty())
        return {};
    LabelShift shift;
    for (std::size_t image = 0; image < outcome.images.size(); ++image) {
        std::vector<int> said;
        for (const auto& clean : outcome.cleanLabels) {
            if (image < clean.size() && clean[image])
                said.push_back(*clean[image]);
        }
        if (!said.empty() && outcome.images[image].trueLabel)
            shift.add(*outcome.images[image].trueLabel, said);
    }
    return shift.suspicion(table.filename().string());
}

} // namespace

TournamentOutcome TournamentRun::outcome() const
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

std::vector<TournamentFailure> TournamentRun::failures() const
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

void TournamentRun::writeDefenseResults(const TournamentOutcome& all)
{
    for (std::size_t defense = 0; defense < m_plan.defenses.size(); ++defense) {
        const PlanDefense& submission = m_plan.defenses[defense];
        const fs::path file = m_folders.defense(submission.name) / "result.csv";
        // One run of an external program over all pictures has left its own file, byte for byte.
        if (submission.external && chunksOf(false).size() <= 1)
            continue;
        std::string text;
        for (std::size_t number = 0; number < all.examples.size(); ++number) {
            if (const std::optional<int> label = all.labels[defense][number])
                text += advExampleStem(number) + ".png," + std::to_string(*label) + "\n";
        }
        writeFileAtomically(file, text);
        recordFile(file);
    }
}

void TournamentRun::recordFile(const fs::path& file)
{
    Json line;
    line["file"] = m_folders.relative(file.string());
    line["sha256"] = sha256File(file);
    record(line);
}

void TournamentRun::writeResults(const TournamentResult& result)
{
    std::error_code ignored;
    fs::remove(m_folders.reportReserve(), ignored);
    writeDefenseResults(result.outcome);
    ReportParts parts { m_plan, result };
    for (const fs::path& file : writeScores(m_folders.output(), result.outcome,
             m_plan.official ? ScoreMode::Official : ScoreMode::Development,
             m_plan.allClassification)) {
        parts.files.push_back(m_folders.relative(file.string()));
        recordFile(file);
    }
    if (m_plan.official) {
        std::string text = "number,attack,targeted,image_id,epsilon,sha1\n";
        for (std::size_t number = 0; number < m_examples.size(); ++number) {
            const AdvExample& example = m_examples[number];
            const TournamentEntry& entry = m_state->entries()[example.image];
            text += advExampleStem(number) + ","
                + csvField(m_state->attack(m_state->attackOf(example)).name) + ","
                + (example.targeted ? "True," : "False,") + csvField(entry.id) + ","
                + std::to_string(entry.epsilon255) + "," + m_state->clipped(number).sha1 + "\n";
        }
        const fs::path file = m_folders.output() / "adversarial_images.csv";
        writeFileAtomically(file, text);
        parts.files.emplace_back("adversarial_images.csv");
        recordFile(file);
    }
    parts.planSha256 = sha256File(m_folders.plan());
    parts.version = m_parts.version;
    parts.device = m_parts.device;
    if (m_parts.weights)
        parts.weightsSha256 = m_parts.weights(modelsOf(m_plan));
    const std::string markdown = reportMarkdown(parts);
    writeFileAtomically(m_folders.output() / "report.md", markdown);
    writeFileAtomically(m_folders.output() / "report.json", jsonText(reportJson(parts)));
    recordFile(m_folders.output() / "report.md");
    recordFile(m_folders.output() / "report.json");
    removeTemporaries(m_folders.output());
    fs::remove_all(m_folders.work(), ignored);
}

bool TournamentRun::finish(TournamentResult& result)
{
    result.outcome = outcome();
    result.failures = failures();
    result.notes = readNotes(m_folders.output() / "notes.json");
    if (std::string line = suspicionOf(m_plan, result.outcome); !line.empty())
        result.notes.push_back(std::move(line));
    const auto work = [&](std::size_t) {
        tell({ "scoring" }, "finish", 1);
        writeResults(result);
        result.wroteReport = true;
        return true;
    };
    return m_share.share("finish", 1, work, m_stop);
}

std::shared_ptr<const TournamentResult> runTournament(const TournamentPlan& plan,
    const fs::path& output, const RunOptions& options, const BatchParts& parts, WorkShare& share,
    const TournamentSink& sink, std::stop_token stop)
{
    checkPlan(plan, "plan");
    requireSubmissions(plan);
    if (parts.check)
        parts.check(plan);
    return TournamentRun(plan, output, options, parts, share, sink, std::move(stop)).run();
}

std::shared_ptr<const void> lockTournament(
    const TournamentPlan& plan, const fs::path& output, const RunOptions& options)
{
    guardTournament(TournamentFolders(output), plan);
    auto lock = std::make_shared<OutputLock>(output);
    requireFitting(TournamentFolders(output), plan, options.resume);
    return lock;
}

} // namespace crossiter
