#pragma once

#include "core/report/JsonValues.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace crossiter {

/// What one process of a tournament has done: DIR/journal/rank-NNNN.jsonl, one JSON object a line
/// (docs/formats.md), only ever appended to. A line is written by one call, so a process that is
/// killed leaves whole lines and at most one torn one at the end, which the next opening cuts off.
class Journal
{
public:
    /// Opens or creates the file and locks it. Throws Error(BadInput): not writable, or another
    /// process writes it.
    Journal(const std::filesystem::path& folder, int rank);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    Journal(Journal&&) = delete;
    Journal& operator=(Journal&&) = delete;

    /// durable: on the disk before it returns, so that a power cut cannot take it back. Throws
    /// Error(BadInput) when it cannot be written whole; then nothing of it stays.
    void append(const Json& line, bool durable);

private:
    std::filesystem::path m_path;
    int m_descriptor = -1;
};

/// Reads the journals of all processes, also while they are being written: each call gives what has
/// come since the last one.
class JournalReader
{
public:
    explicit JournalReader(std::filesystem::path folder);

    /// Whole lines, file by file in byte order of the names. Lines that are no JSON object (a disk
    /// that lied) are left out. A folder that is not there has no lines.
    void readNew(const std::function<void(const Json&)>& take);

private:
    std::filesystem::path m_folder;
    std::map<std::string, std::uint64_t> m_offsets;
};

} // namespace crossiter
