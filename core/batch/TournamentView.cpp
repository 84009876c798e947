#include "core/batch/TournamentView.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/batch/Journal.h"
#include "core/batch/TournamentFolders.h"
#include "core/batch/TournamentState.h"
#include "core/report/MatrixProvenance.h"
#include "core/report/TournamentReport.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

void note(SubmissionProgress& progress, const std::string& id, const std::string& reason)
{
    ++progress.failed;
    if (progress.errors.size() < SubmissionProgress::kMostErrors)
        progress.errors.push_back(id + ": " + (reason.empty() ? std::string("no output") : reason));
}

} // namespace

struct TournamentView::Impl
{
    explicit Impl(fs::path folder)
        : folders(std::move(folder))
        , plan(readPlan(folders.plan()))
        , state(plan, readEntries(folders.images()))
        , journal(folders.journal())
    {
    }

    /// The number's clipped picture is the one that the attacks' outputs ask for by now.
    [[nodiscard]] bool clippedFits(std::size_t number, const AdvExample& example) const
    {
        const ClippedOutcome& clipped = state.clipped(number);
        return clipped.unit.done() && clipped.attack == state.attackOf(example)
            && clipped.image == example.image;
    }

    void addAttacks(TournamentSnapshot& snapshot) const
    {
        for (std::size_t attack = 0; attack < state.attackCount(); ++attack) {
            SubmissionProgress progress;
            progress.kind = state.targeted(attack) ? SubmissionProgress::Kind::TargetedAttack
                                                   : SubmissionProgress::Kind::Attack;
            progress.name = state.attack(attack).name;
            progress.total = state.entries().size();
            for (std::size_t image = 0; image < progress.total; ++image) {
                const UnitOutcome& made = state.made(attack, image);
                if (made.done())
                    ++progress.done;
                else if (made.state == UnitOutcome::State::Failed)
                    note(progress, state.entries()[image].id, made.reason);
            }
            snapshot.complete =
                snapshot.complete && progress.done + progress.failed == progress.total;
            snapshot.submissions.push_back(std::move(progress));
        }
    }

    /// Returns how many of them could not be clipped.
    [[nodiscard]] std::size_t addExamples(TournamentSnapshot& snapshot) const
    {
        std::size_t failures = 0;
        snapshot.outcome.examples = state.examples();
        for (std::size_t number = 0; number < snapshot.outcome.examples.size(); ++number) {
            const bool fits = clippedFits(number, snapshot.outcome.examples[number]);
            const bool failed = state.clipped(number).unit.state == UnitOutcome::State::Failed;
            snapshot.examples.push_back(fits ? folders.example(number) : fs::path());
            snapshot.complete = snapshot.complete && (fits || failed);
            failures += !fits && failed ? 1 : 0;
        }
        return failures;
    }

    void addDefense(TournamentSnapshot& snapshot, std::size_t defense, std::size_t unclipped) const
    {
        SubmissionProgress progress;
        progress.kind = SubmissionProgress::Kind::Defense;
        progress.name = plan.defenses[defense].name;
        // An attack that is not through may still write an example.
        for (const SubmissionProgress& attack : snapshot.submissions)
            if (attack.kind != SubmissionProgress::Kind::Defense)
                progress.total += attack.total - attack.failed;
        progress.total -= std::min(progress.total, unclipped);
        std::vector<std::optional<int>> labels;
        labels.reserve(snapshot.examples.size());
        for (std::size_t number = 0; number < snapshot.examples.size(); ++number) {
            const LabelOutcome& label = state.label(defense, false, number);
            // On the way a label older than the clipped picture was of another one; a report is
            // only written when every label is of its picture.
            const bool holds = !snapshot.examples[number].empty() && label.run > 0
                && (reported || label.run >= state.clipped(number).unit.run);
            labels.push_back(
                holds && label.label >= 0 ? std::optional<int>(label.label) : std::nullopt);
            if (labels.back()) {
                ++progress.done;
            } else if (holds) {
                const AdvExample& example = snapshot.outcome.examples[number];
                note(progress,
                    state.entries()[example.image].id + " of "
                        + state.attack(state.attackOf(example)).name,
                    state.labelReason(defense, false, number));
            }
        }
        snapshot.outcome.labels.push_back(std::move(labels));
        if (plan.clean) {
            std::vector<std::optional<int>> clean;
            progress.total += state.entries().size();
            for (std::size_t image = 0; image < state.entries().size(); ++image) {
                const LabelOutcome& label = state.label(defense, true, image);
                clean.push_back(label.label >= 0 ? std::optional<int>(label.label) : std::nullopt);
                if (clean.back())
                    ++progress.done;
                else if (label.run > 0)
                    note(progress, state.entries()[image].id + " (clean)",
                        state.labelReason(defense, true, image));
            }
            snapshot.outcome.cleanLabels.push_back(std::move(clean));
        }
        snapshot.complete = snapshot.complete && progress.done + progress.failed >= progress.total;
        snapshot.submissions.push_back(std::move(progress));
    }

    TournamentFolders folders;
    TournamentPlan plan;
    TournamentState state;
    JournalReader journal;
    bool reported = false;
    bool first = true;
};

TournamentView::TournamentView(fs::path folder)
{
    if (!holdsTournament(folder))
        throw Error(ErrorKind::BadInput, "no tournament in the folder", folder.string(),
            "plan.json and images.json");
    m_impl = std::make_unique<Impl>(std::move(folder));
}

TournamentView::~TournamentView() = default;

bool TournamentView::update()
{
    bool news = std::exchange(m_impl->first, false);
    std::error_code fault;
    m_impl->reported = fs::exists(m_impl->folders.output() / "report.json", fault);
    m_impl->journal.readNew([&](const Json& line) {
        m_impl->state.take(line);
        news = true;
    });
    return news;
}

std::shared_ptr<const TournamentSnapshot> TournamentView::snapshot() const
{
    auto snapshot = std::make_shared<TournamentSnapshot>();
    snapshot->folder = m_impl->folders.output();
    snapshot->plan = m_impl->plan;
    snapshot->complete = true;
    TournamentOutcome& outcome = snapshot->outcome;
    for (const PlanAttack& attack : m_impl->plan.attacks)
        outcome.attacks.push_back(attack.name);
    for (const PlanAttack& attack : m_impl->plan.targetedAttacks)
        outcome.targetedAttacks.push_back(attack.name);
    for (const PlanDefense& defense : m_impl->plan.defenses)
        outcome.defenses.push_back(defense.name);
    for (const TournamentEntry& entry : m_impl->state.entries()) {
        outcome.images.push_back({ entry.id, entry.trueLabel, entry.target });
        snapshot->images.push_back({ entry.id, entry.file, entry.epsilon255 });
    }
    m_impl->addAttacks(*snapshot);
    const std::size_t unclipped = m_impl->addExamples(*snapshot);
    for (std::size_t defense = 0; defense < m_impl->plan.defenses.size(); ++defense)
        m_impl->addDefense(*snapshot, defense, unclipped);
    const TournamentFacts facts = factsOf(m_impl->plan, {});
    snapshot->scores = scoresOf(facts.mode, outcome);
    if (facts.besideSeed)
        snapshot->published = compareWithSeed(facts, snapshot->scores);
    return snapshot;
}

DatasetView viewDataset(const PlanDataset& dataset)
{
    TournamentPlan plan;
    plan.dataset = dataset;
    DatasetView view;
    for (TournamentEntry& entry : entriesOf(plan, view.notes))
        view.entries.push_back(
            { std::move(entry.id), std::move(entry.file), entry.trueLabel, entry.target });
    return view;
}

bool holdsTournament(const fs::path& folder)
{
    const TournamentFolders folders(folder);
    std::error_code fault;
    return fs::is_regular_file(folders.plan(), fault)
        && fs::is_regular_file(folders.images(), fault);
}

fs::path writeMatrixProvenance(const fs::path& figure, const TournamentSnapshot& snapshot,
    const std::string& matrix, const std::string& version)
{
    const std::string plan = sha256File(TournamentFolders(snapshot.folder).plan());
    return writeMatrixProvenance(figure,
        MatrixSource { snapshot.folder, factsOf(snapshot.plan, plan), snapshot.images.size(),
            snapshot.outcome.examples.size(), snapshot.complete },
        matrix, version);
}

} // namespace crossiter
