#pragma once

#include "core/batch/Journal.h"
#include "core/batch/OutputLock.h"
#include "core/batch/TournamentFolders.h"
#include "core/batch/TournamentRunner.h"
#include "core/batch/TournamentState.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

struct ChildRequest;

/// The inside of runTournament: phases, each of units that the processes share, with a barrier and
/// a reading of all journals between them, so that every process knows the same at each start.
class TournamentRun
{
public:
    TournamentRun(const TournamentPlan& plan, std::filesystem::path output,
        const RunOptions& options, const BatchParts& parts, WorkShare& share,
        const TournamentSink& sink, std::stop_token stop);

    [[nodiscard]] std::shared_ptr<const TournamentResult> run();

private:
    /// One attack on one image, or one run of an external attack on one batch.
    struct AttackUnit
    {
        std::size_t attack = 0;
        std::size_t image = 0; ///< or the batch
        bool external = false;
    };
    /// One defense on a group of pictures that it must see together.
    struct DefenseUnit
    {
        std::size_t defense = 0;
        std::size_t first = 0;
        std::size_t count = 1;
        std::size_t chunk = 0; ///< of an external defense: which of its runs
        bool clean = false;
        bool external = false;
    };
    /// Pictures that are one run of an external defense, or whose batches of 16 begin anew.
    using Chunk = std::pair<std::size_t, std::size_t>; ///< first, count

    bool prepare();
    bool attackPhase();
    bool clipPhase();
    bool defensePhase();
    bool finish(TournamentResult& result);

    bool attackUnit(const AttackUnit& unit);
    bool externalAttack(const AttackUnit& unit);
    bool clipUnit(std::size_t number);
    bool defenseUnit(const DefenseUnit& unit);
    bool externalDefense(const DefenseUnit& unit);

    [[nodiscard]] std::vector<AttackUnit> attackUnits() const;
    [[nodiscard]] std::vector<DefenseUnit> defenseUnits() const;
    [[nodiscard]] std::vector<Chunk> chunksOf(bool clean) const;
    [[nodiscard]] std::string hashOfGroup(const DefenseUnit& unit) const;
    [[nodiscard]] bool labelsKnown(const DefenseUnit& unit, const std::string& of) const;
    [[nodiscard]] std::string attackKey(const AttackUnit& unit) const;
    [[nodiscard]] std::string defenseKey(const DefenseUnit& unit) const;
    [[nodiscard]] std::filesystem::path attackOutput(std::size_t attack, std::size_t image) const;
    [[nodiscard]] Image clippedImage(std::size_t attack, std::size_t image) const;
    [[nodiscard]] std::string programFault(
        const ExternalSubmission& external, ChildRequest request, bool& cancelled) const;
    void recordExternalImages(const AttackUnit& unit);
    /// A folder that holds exactly these pictures.
    [[nodiscard]] std::filesystem::path folderOf(const DefenseUnit& unit) const;

    [[nodiscard]] TournamentOutcome outcome() const;
    [[nodiscard]] std::vector<TournamentFailure> failures() const;
    void writeResults(const TournamentResult& result);
    void writeDefenseResults(const TournamentOutcome& outcome);
    void recordFile(const std::filesystem::path& file);

    /// Appends to the journal. If that cannot be done, the unit counts as failed.
    void record(const Json& line, bool durable = false);
    void openJournal();
    void readJournals();
    void tell(TournamentEvent event, const std::string& phase, std::size_t total);
    [[nodiscard]] std::string reasonOf(const std::exception& error) const;

    const TournamentPlan& m_plan;
    TournamentFolders m_folders;
    RunOptions m_options;
    const BatchParts& m_parts;
    WorkShare& m_share;
    const TournamentSink& m_sink;
    std::stop_token m_stop;
    std::optional<OutputLock> m_lock;
    std::unique_ptr<Journal> m_journal;
    JournalReader m_reader;
    std::unique_ptr<TournamentState> m_state;
    std::vector<Json> m_unwritten; ///< lines for which the journal had no room
    std::vector<AdvExample> m_examples;
    int m_run = 1;
};

/// What an external submission's folder must have. Throws Error(BadInput).
void requireSubmissions(const TournamentPlan& plan);

} // namespace crossiter
