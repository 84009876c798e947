#pragma once

#include "core/batch/TournamentBook.h"

#include <filesystem>
#include <string>

namespace crossiter {

struct ChildRequest;

/// External submissions: attacks and defenses that are programs of their own.
class ExternalRuns
{
public:
    explicit ExternalRuns(TournamentBook& book)
        : m_book(book)
    {
    }

    /// False when stopped; what fails is in the journal.
    bool attack(const AttackUnit& unit);
    bool defense(const DefenseUnit& unit);

private:
    /// One line; empty: the program ended well.
    [[nodiscard]] std::string fault(
        const ExternalSubmission& external, ChildRequest request, bool& cancelled) const;
    [[nodiscard]] bool recordExternalImages(const AttackUnit& unit);
    /// A folder that holds exactly these pictures.
    [[nodiscard]] std::filesystem::path folderOf(const DefenseUnit& unit) const;

    TournamentBook& m_book;
};

/// What an external submission's folder must have. Throws Error(BadInput).
void requireSubmissions(const TournamentPlan& plan);

} // namespace crossiter
