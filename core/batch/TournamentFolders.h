#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentState.h"

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Where everything of a tournament lies: docs/batch.md, "What is written".
class TournamentFolders
{
public:
    explicit TournamentFolders(std::filesystem::path output)
        : m_output(std::move(output))
    {
    }

    [[nodiscard]] const std::filesystem::path& output() const { return m_output; }
    [[nodiscard]] std::filesystem::path plan() const { return m_output / "plan.json"; }
    [[nodiscard]] std::filesystem::path images() const { return m_output / "images.json"; }
    [[nodiscard]] std::filesystem::path notes() const { return m_output / "notes.json"; }
    [[nodiscard]] std::filesystem::path journal() const { return m_output / "journal"; }
    [[nodiscard]] std::filesystem::path attack(const std::string& name, bool targeted) const
    {
        return m_output / (targeted ? "targeted_attacks_output" : "attacks_output") / name;
    }
    [[nodiscard]] std::filesystem::path defense(const std::string& name) const
    {
        return m_output / "defenses_output" / name;
    }
    [[nodiscard]] std::filesystem::path examples() const { return m_output / "all_adv_examples"; }
    [[nodiscard]] std::filesystem::path example(std::size_t number) const
    {
        return examples() / (advExampleStem(number) + ".png");
    }
    /// What external programs read and write on the way; gone at the end.
    [[nodiscard]] std::filesystem::path work() const { return m_output / ".work"; }
    [[nodiscard]] std::filesystem::path inputs(std::size_t batch) const
    {
        return work() / ("input_" + std::to_string(batch));
    }
    /// Space kept free for journal and report, should the disk get full.
    [[nodiscard]] std::filesystem::path journalReserve() const { return work() / "reserve_1"; }
    [[nodiscard]] std::filesystem::path reportReserve() const { return work() / "reserve_2"; }
    /// The text without this folder in it, so that equal runs elsewhere have equal reports.
    [[nodiscard]] std::string relative(std::string text) const;

private:
    std::filesystem::path m_output;
};

/// A clean image as attacks see it: with a dataset CSV 299x299 and read as the toolkit did, else a
/// photo brought into image space. Empty when stopped. Throws Error(BadInput).
[[nodiscard]] Image readCleanImage(
    const TournamentPlan& plan, const TournamentEntry& entry, const std::stop_token& stop = {});

/// A picture that an attack of the tournament made. Empty when stopped. Throws Error(BadInput).
[[nodiscard]] Image readMadeImage(const std::filesystem::path& file, const std::stop_token& stop);

/// The images of the plan in their order, with labels, targets, batches and budgets. What is left
/// out, and why, goes into `notes`. Throws Error(BadInput): no image; targets that the plan needs
/// and no image has.
[[nodiscard]] std::vector<TournamentEntry> entriesOf(
    const TournamentPlan& plan, std::vector<std::string>& notes);

/// For the process that holds the lock. A folder without a tournament is fine. Throws
/// Error(BadInput): a tournament is there and resume is not asked for; it has another plan;
/// something else has our names.
void requireFitting(const TournamentFolders& folders, const TournamentPlan& plan, bool resume);

/// Reads the images and notes that the tournament would begin, or go on, with: throws
/// Error(BadInput) before anything is written when they cannot be used.
void requireImages(const TournamentFolders& folders, const TournamentPlan& plan);

/// The lines of notes.json; none when it is not there. Throws Error(BadInput).
[[nodiscard]] std::vector<std::string> readNotes(const TournamentFolders& folders);

/// What must be there before the first unit: plan.json, images.json, folders, input folders for
/// external programs, reserves. Left-over temporary files go. Safe to repeat. False when stopped.
[[nodiscard]] bool prepareTournament(
    const TournamentFolders& folders, const TournamentPlan& plan, const std::stop_token& stop = {});

/// Takes away examples from `count` on (an earlier run had more) and temporary files.
void removeStale(const TournamentFolders& folders, std::size_t count);
void removeTemporaries(const std::filesystem::path& folder);

/// Throws Error(BadInput) when the disk has no room for another picture: known before it is
/// computed.
void requireRoom(const std::filesystem::path& folder);

} // namespace crossiter
