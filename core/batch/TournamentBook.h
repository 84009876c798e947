#pragma once

#include "core/batch/Journal.h"
#include "core/batch/TournamentFolders.h"
#include "core/batch/TournamentRunner.h"
#include "core/batch/TournamentState.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

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

/// What a running tournament knows and writes down: the units of its phases, the journals and what
/// they say. Every process has one; between two phases each reads what the others have written.
class TournamentBook
{
public:
    TournamentBook(const TournamentPlan& plan, std::filesystem::path output,
        const BatchEngine& engine, WorkShare& share, const TournamentSink& sink,
        std::stop_token stop);

    [[nodiscard]] const TournamentPlan& plan() const { return m_plan; }
    [[nodiscard]] const TournamentFolders& folders() const { return m_folders; }
    [[nodiscard]] const BatchEngine& engine() const { return m_engine; }
    [[nodiscard]] WorkShare& share() const { return m_share; }
    [[nodiscard]] const std::stop_token& stop() const { return m_stop; }
    [[nodiscard]] const TournamentState& state() const { return *m_state; }
    /// all_adv_examples, once the attacks are through.
    [[nodiscard]] const std::vector<AdvExample>& examples() const { return m_examples; }

    /// Gives the run its number and writes its first line. By one process alone.
    void begin();
    /// Reads images.json and all journals.
    void open();
    void readJournals();
    /// The examples are what the attacks have made by now.
    void fixExamples() { m_examples = m_state->examples(); }
    /// Appends to the journal. If that cannot be done, the unit counts as failed.
    void record(const Json& line, bool durable = false);
    void recordFile(const std::filesystem::path& file);
    void tell(TournamentEvent event, const std::string& phase, std::size_t total) const;
    [[nodiscard]] std::string reasonOf(const std::exception& error) const;

    [[nodiscard]] std::vector<AttackUnit> attackUnits() const;
    [[nodiscard]] std::vector<DefenseUnit> defenseUnits() const;
    [[nodiscard]] std::vector<Chunk> chunksOf(bool clean) const;
    [[nodiscard]] std::string hashOfGroup(const DefenseUnit& unit) const;
    [[nodiscard]] std::string attackKey(const AttackUnit& unit) const;
    [[nodiscard]] std::string defenseKey(const DefenseUnit& unit) const;
    [[nodiscard]] std::filesystem::path attackOutput(std::size_t attack, std::size_t image) const;

    [[nodiscard]] TournamentOutcome outcome() const;
    [[nodiscard]] std::vector<TournamentFailure> failures() const;

private:
    void openJournal();

    const TournamentPlan& m_plan;
    TournamentFolders m_folders;
    const BatchEngine& m_engine;
    WorkShare& m_share;
    const TournamentSink& m_sink;
    std::stop_token m_stop;
    std::unique_ptr<Journal> m_journal;
    JournalReader m_reader;
    std::unique_ptr<TournamentState> m_state;
    std::vector<Json> m_unwritten; ///< lines for which the journal had no room
    std::vector<AdvExample> m_examples;
    int m_run = 1;
};

} // namespace crossiter
