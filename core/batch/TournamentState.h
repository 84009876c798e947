#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/contest/Score.h"
#include "core/report/JsonValues.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// One image of the tournament: fixed by the first run, read by every later one.
struct TournamentEntry
{
    std::string id; ///< "ID.png" is its name for attacks
    std::filesystem::path file;
    std::optional<int> trueLabel;
    std::optional<int> target;
    int epsilon255 = 0;
    std::size_t batch = 0; ///< images of one batch share a budget and a run of an external program
};

/// DIR/images.json.
[[nodiscard]] std::string entriesText(const std::vector<TournamentEntry>& entries);
[[nodiscard]] std::vector<TournamentEntry> readEntries(const std::filesystem::path& file);

/// What became of one unit of the work.
struct UnitOutcome
{
    enum class State : std::uint8_t
    {
        Open,
        Done,
        Failed
    };
    State state = State::Open;
    int run = 0; ///< that found it out
    std::string sha256; ///< of the output, when done
    std::string reason; ///< one line, when failed

    [[nodiscard]] bool done() const { return state == State::Done; }
};

/// One clipped picture: what was made of what.
struct ClippedOutcome
{
    UnitOutcome unit;
    std::size_t attack = 0; ///< index over attacks, then targeted attacks
    std::size_t image = 0;
    std::string of; ///< SHA-256 of the attack's output that was clipped
    std::string sha1; ///< of the raw RGB bytes; official mode only
};

/// What a defense says of one picture.
struct LabelOutcome
{
    std::int32_t label = -1; ///< -1: nothing
    std::int32_t run = 0;
    std::uint64_t of = 0; ///< begins the hash of the group of pictures that was asked about
};

/// The first 64 bits of a hash in hex digits; 0 for an empty text.
[[nodiscard]] std::uint64_t hashBeginning(const std::string& hash);

/// Everything that the journals say, in memory: some dozens of bytes a unit, no picture.
class TournamentState
{
public:
    TournamentState(const TournamentPlan& plan, std::vector<TournamentEntry> entries);
    ~TournamentState() = default;
    TournamentState(const TournamentState&) = delete;
    TournamentState& operator=(const TournamentState&) = delete;
    TournamentState(TournamentState&&) = delete;
    TournamentState& operator=(TournamentState&&) = delete;

    [[nodiscard]] const std::vector<TournamentEntry>& entries() const { return m_entries; }
    [[nodiscard]] std::size_t attackCount() const { return m_attacks.size(); }
    [[nodiscard]] const PlanAttack& attack(std::size_t index) const { return *m_attacks[index]; }
    [[nodiscard]] bool targeted(std::size_t attack) const { return attack >= m_nonTargeted; }
    [[nodiscard]] std::size_t batches() const;

    /// A line of a journal. Newer runs replace older ones; in one run done replaces failed, never
    /// the other way round. Lines about what the plan does not know are ignored.
    void take(const Json& line);
    [[nodiscard]] int lastRun() const { return m_lastRun; }

    [[nodiscard]] const UnitOutcome& made(std::size_t attack, std::size_t image) const
    {
        return m_made[attack * m_entries.size() + image];
    }
    [[nodiscard]] const ClippedOutcome& clipped(std::size_t number) const
    {
        return m_clipped[number];
    }
    /// The run of an external program ("attack/NAME/0"); Open when there was none.
    [[nodiscard]] const UnitOutcome& external(const std::string& key) const;
    [[nodiscard]] const LabelOutcome& label(
        std::size_t defense, bool clean, std::size_t number) const;
    /// Why it has no label; empty: not known.
    [[nodiscard]] std::string labelReason(
        std::size_t defense, bool clean, std::size_t number) const;

    /// all_adv_examples, from what the attacks have made by now.
    [[nodiscard]] std::vector<AdvExample> examples() const;
    /// The same as (index over all attacks, image).
    [[nodiscard]] std::size_t attackOf(const AdvExample& example) const
    {
        return example.attack + (example.targeted ? m_nonTargeted : 0);
    }

    // Lines for the journal.
    [[nodiscard]] Json attackLine(std::size_t attack, std::size_t image) const;
    [[nodiscard]] Json clippedLine(
        std::size_t number, std::size_t attack, std::size_t image, const std::string& of) const;
    [[nodiscard]] static Json labelsLine(const std::string& defense, bool clean, std::size_t first,
        const std::string& of, const std::vector<std::optional<int>>& labels,
        const std::map<std::size_t, std::string>& reasons);

private:
    void takeAttack(const Json& line, int run);
    void takeClipped(const Json& line, int run);
    void takeLabels(const Json& line, int run);
    [[nodiscard]] std::optional<std::size_t> attackNamed(const Json& line) const;
    [[nodiscard]] std::size_t labelIndex(std::size_t defense, bool clean, std::size_t number) const;

    std::vector<TournamentEntry> m_entries;
    std::vector<PlanAttack> m_own; ///< both lists of the plan
    std::vector<const PlanAttack*> m_attacks;
    std::size_t m_nonTargeted = 0;
    std::size_t m_defenseCount = 0;
    std::map<std::string, std::size_t> m_imageIndex;
    std::map<std::string, std::size_t> m_attackIndex; ///< "a/NAME", "t/NAME"
    std::map<std::string, std::size_t> m_defenseIndex;
    std::vector<UnitOutcome> m_made;
    std::vector<ClippedOutcome> m_clipped;
    std::vector<LabelOutcome> m_labels; ///< by defense: examples, then clean images
    std::map<std::size_t, std::string> m_labelReasons;
    std::map<std::string, UnitOutcome> m_external;
    int m_lastRun = 0;
};

} // namespace crossiter
