#include "app/cli/Terminal.h"

#include "core/base/Numbers.h"
#include "core/base/SafeText.h"
#include "core/base/TimeLeft.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>
#include <unistd.h>

namespace crossiter::cli {

namespace {

constexpr int kExitClosedPipe = 128 + SIGPIPE;
constexpr int kExitInterrupted = 130;
constexpr std::chrono::milliseconds kBetweenUpdates { 100 };

int outputFault = 0; // errno of the first failed write to stdout
bool lineStands = false; // a progress line is on the terminal

void wipeLine()
{
    if (lineStands)
        std::fputs("\r\x1b[K", stderr);
    lineStands = false;
}

} // namespace

void print(const std::string& text)
{
    const std::string shown = linesForTerminal(text);
    if (outputFault == 0 && std::fwrite(shown.data(), 1, shown.size(), stdout) != shown.size())
        outputFault = errno;
}

void printNow(const std::string& text)
{
    print(text);
    if (std::fflush(stdout) != 0 && outputFault == 0)
        outputFault = errno;
}

int finishOutput(int code)
{
    if (std::fflush(stdout) != 0 && outputFault == 0)
        outputFault = errno;
    if (outputFault == 0)
        return code;
    if (outputFault == EPIPE)
        return kExitClosedPipe;
    const int fault = outputFault;
    printError(Error(ErrorKind::BadInput, "cannot write the output", "stdout", {},
        std::strerror(fault)) // NOLINT(concurrency-mt-unsafe): the other threads are idle
                   .what());
    return 1;
}

void printError(const std::string& text)
{
    wipeLine();
    std::fprintf(stderr, "crossiter: %s\n", forTerminal(text).c_str());
}

void printNote(const std::string& text)
{
    wipeLine();
    std::fprintf(stderr, "%s\n", linesForTerminal(text).c_str());
}

void printLitter(std::size_t files)
{
    if (files > 0)
        printNote(std::to_string(files)
            + (files == 1 ? " backup or temporary file" : " backup or temporary files")
            + " skipped");
}

ProgressLine::ProgressLine(bool quiet)
    : m_shown(!quiet && ::isatty(STDERR_FILENO) == 1)
{
}

ProgressLine::~ProgressLine()
{
    wipeLine();
}

ProgressSink ProgressLine::sink()
{
    if (!m_shown)
        return {};
    return [this](const Progress& progress) { show(progress); };
}

void ProgressLine::show(const Progress& progress)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_last < kBetweenUpdates)
        return;
    m_last = now;
    std::string text = oneLine(progress.stage, 60);
    if (progress.total > 0)
        text += "  " + std::to_string(progress.done) + "/" + std::to_string(progress.total);
    if (progress.secondsLeft >= 0.0)
        text += "  " + timeLeftText(progress.secondsLeft);
    std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
    std::fflush(stderr);
    lineStands = true;
}

std::stop_token watchInterrupts()
{
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const std::stop_source source;
    // A thread that waits for the signals: a handler could not safely request a stop.
    std::thread([signals, source]() mutable {
        int caught = 0;
        if (sigwait(&signals, &caught) == 0)
            source.request_stop();
        if (sigwait(&signals, &caught) == 0)
            ::_exit(kExitInterrupted);
    }).detach();
    return source.get_token();
}

std::string textTable(
    const std::vector<std::vector<std::string>>& rows, const std::vector<std::size_t>& right)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - row[i].size(), ' ');
            const bool toTheRight = std::ranges::find(right, i) != right.end();
            line += (i == 0 ? "" : "  ") + (toTheRight ? padding + row[i] : row[i] + padding);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace crossiter::cli
