#include "core/batch/TournamentResults.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/contest/LabelMatch.h"
#include "core/report/TournamentReport.h"

#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// Where the defenses were asked about the clean images, and a table gave the labels.
std::string suspicionOf(const TournamentPlan& plan, const TournamentOutcome& outcome)
{
    const fs::path& table = plan.dataset.csv.empty() ? plan.dataset.labels : plan.dataset.csv;
    if (table.empty())
        return {};
    LabelShift shift;
    for (std::size_t image = 0; image < outcome.images.size(); ++image) {
        std::vector<int> said;
        for (const auto& clean : outcome.cleanLabels)
            if (image < clean.size() && clean[image])
                said.push_back(*clean[image]);
        if (!said.empty() && outcome.images[image].trueLabel)
            shift.add(*outcome.images[image].trueLabel, said);
    }
    return shift.suspicion(table.filename().string());
}

} // namespace

void TournamentResults::writeDefenseResults(const TournamentOutcome& all)
{
    for (std::size_t defense = 0; defense < m_book.plan().defenses.size(); ++defense) {
        const PlanDefense& submission = m_book.plan().defenses[defense];
        const fs::path file = m_book.folders().defense(submission.name) / "result.csv";
        // One run of an external program over all pictures has left its own file, byte for byte.
        if (submission.external && m_book.chunksOf(false).size() <= 1)
            continue;
        std::string text;
        for (std::size_t number = 0; number < all.examples.size(); ++number)
            if (const std::optional<int> label = all.labels[defense][number])
                text += advExampleStem(number) + ".png," + std::to_string(*label) + "\n";
        writeFileAtomically(file, text);
        m_book.recordFile(file);
    }
}

void TournamentResults::write(const TournamentResult& result)
{
    std::error_code ignored;
    fs::remove(m_book.folders().reportReserve(), ignored);
    writeDefenseResults(result.outcome);
    ReportParts parts { {}, result.outcome, result.failures, result.notes, {}, {}, {}, {},
        m_book.engine().published };
    for (const fs::path& file : writeScores(m_book.folders().output(), result.outcome,
             m_book.plan().official ? ScoreMode::Official : ScoreMode::Development,
             m_book.plan().allClassification)) {
        parts.files.push_back(m_book.folders().relative(file.string()));
        m_book.recordFile(file);
    }
    if (m_book.plan().official) {
        std::string text = "number,attack,targeted,image_id,epsilon,sha1\n";
        for (std::size_t number = 0; number < m_book.examples().size(); ++number) {
            const AdvExample& example = m_book.examples()[number];
            const TournamentEntry& entry = m_book.state().entries()[example.image];
            text += advExampleStem(number) + ","
                + csvField(m_book.state().attack(m_book.state().attackOf(example)).name) + ","
                + (example.targeted ? "True," : "False,") + csvField(entry.id) + ","
                + std::to_string(entry.epsilon255) + "," + m_book.state().clipped(number).sha1
                + "\n";
        }
        const fs::path file = m_book.folders().output() / "adversarial_images.csv";
        writeFileAtomically(file, text);
        parts.files.emplace_back("adversarial_images.csv");
        m_book.recordFile(file);
    }
    parts.facts = factsOf(m_book.plan(), sha256File(m_book.folders().plan()));
    parts.version = m_book.engine().version;
    parts.device = m_book.engine().device;
    if (m_book.engine().weights)
        parts.weightsSha256 = m_book.engine().weights(modelsOf(m_book.plan()));
    const std::string markdown = reportMarkdown(parts);
    writeFileAtomically(m_book.folders().output() / "report.md", markdown);
    writeFileAtomically(m_book.folders().output() / "report.json", jsonText(reportJson(parts)));
    m_book.recordFile(m_book.folders().output() / "report.md");
    m_book.recordFile(m_book.folders().output() / "report.json");
    removeTemporaries(m_book.folders().output());
    fs::remove_all(m_book.folders().work(), ignored);
}

bool TournamentResults::finish(TournamentResult& result)
{
    result.outcome = m_book.outcome();
    result.failures = m_book.failures();
    result.notes = readNotes(m_book.folders());
    if (std::string line = suspicionOf(m_book.plan(), result.outcome); !line.empty())
        result.notes.push_back(std::move(line));
    const auto work = [&](std::size_t) {
        m_book.tell({ "scoring" }, "finish", 1);
        write(result);
        result.wroteReport = true;
        return true;
    };
    return m_book.share().share("finish", 1, work, m_book.stop());
}

} // namespace crossiter
