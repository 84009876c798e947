#pragma once

#include "core/batch/ExternalRuns.h"
#include "core/batch/TournamentBook.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace crossiter {

/// The inside of runTournament: phases, each of units that the processes share, with a barrier and
/// a reading of all journals between them, so that every process knows the same at each start.
class TournamentRun
{
public:
    TournamentRun(const TournamentPlan& plan, std::filesystem::path output,
        const RunOptions& options, const BatchEngine& engine, WorkShare& share,
        const TournamentSink& sink, std::stop_token stop);

    [[nodiscard]] std::shared_ptr<const TournamentResult> run();

private:
    bool prepare();
    bool attackPhase();
    bool clipPhase();
    bool defensePhase();

    bool attackUnit(const AttackUnit& unit);
    bool clipUnit(std::size_t number);
    bool defenseUnit(const DefenseUnit& unit);

    [[nodiscard]] bool labelsKnown(const DefenseUnit& unit, const std::string& of) const;
    /// Empty when stopped.
    [[nodiscard]] Image clippedImage(std::size_t attack, std::size_t image) const;

    RunOptions m_options;
    std::shared_ptr<const void> m_lock;
    TournamentBook m_book;
    ExternalRuns m_external;
};

} // namespace crossiter
