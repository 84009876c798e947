#pragma once

#include "core/batch/TournamentBook.h"

namespace crossiter {

/// The last phase: scores, reports and what lies beside them.
class TournamentResults
{
public:
    explicit TournamentResults(TournamentBook& book)
        : m_book(book)
    {
    }

    /// Fills the result in; one process writes the files. False when stopped.
    bool finish(TournamentResult& result);

private:
    void write(const TournamentResult& result);
    void writeDefenseResults(const TournamentOutcome& all);

    TournamentBook& m_book;
};

} // namespace crossiter
