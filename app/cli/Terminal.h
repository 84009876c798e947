#pragma once

#include "core/base/Error.h"
#include "core/base/Progress.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter::cli {

/// To stdout, escaped as linesForTerminal (core/base/SafeText.h) does. After a failure (a closed
/// pipe, a full disk) further text is dropped; see finishOutput.
void print(const std::string& text);

/// The same, at once: of a work that goes on for long.
void printNow(const std::string& text);

/// Flushes stdout. `code` when all went out; else 141, silently, for a closed pipe (as if the
/// signal had ended the program) and 1, with an error line, for anything else.
[[nodiscard]] int finishOutput(int code);

/// "crossiter: TEXT" as one line on stderr, escaped as forTerminal does; a progress line that
/// stands there is wiped first.
void printError(const std::string& text);
/// The same without the program's name, for --verbose; line ends stay.
void printNote(const std::string& text);

/// What a folder's listing left out as isLitterName, in one line; nothing of none.
void printLitter(std::size_t files);

/// One line on stderr, rewritten in place, with the time left; nothing unless stderr is a terminal.
class ProgressLine
{
public:
    explicit ProgressLine(bool quiet);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ProgressLine(ProgressLine&&) = delete;
    ProgressLine& operator=(ProgressLine&&) = delete;

    /// Refers to this line: not to be called after it is gone.
    [[nodiscard]] ProgressSink sink();

private:
    void show(const Progress& progress);

    bool m_shown;
    std::chrono::steady_clock::time_point m_last;
};

/// Turns SIGINT and SIGTERM into a stop request; a second one ends the program at once with 130.
/// Blocks the signals in the calling thread, so that every thread started later inherits that: call
/// it first in main. SIGPIPE is ignored; print notices the closed pipe.
[[nodiscard]] std::stop_token watchInterrupts();

/// Left-aligned columns, two spaces between them; a column named in `right` is right-aligned.
[[nodiscard]] std::string textTable(
    const std::vector<std::vector<std::string>>& rows, const std::vector<std::size_t>& right = {});

} // namespace crossiter::cli
