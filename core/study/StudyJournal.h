#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace crossiter {

/// Lines of a long work, only ever appended to: the first names the work, each further one is a
/// finished part. A line is on the disk before append returns; of a process that was killed at most
/// a torn last line is left, and it is cut off at the next opening.
class StudyJournal
{
public:
    /// Opens or creates. resume false: Error(BadInput) when it is there with finished parts. A
    /// first line that is not `header` is another work's: Error(BadInput). `take` gets each whole
    /// line after the first, with its number in the file.
    StudyJournal(std::filesystem::path file, const std::string& header, bool resume,
        const std::function<void(const std::string& line, int number)>& take);
    ~StudyJournal();
    StudyJournal(const StudyJournal&) = delete;
    StudyJournal& operator=(const StudyJournal&) = delete;
    StudyJournal(StudyJournal&&) = delete;
    StudyJournal& operator=(StudyJournal&&) = delete;

    /// line: without a line break. Throws Error(BadInput) when it cannot be written.
    void append(const std::string& line);

private:
    std::filesystem::path m_file;
    int m_descriptor = -1;
};

} // namespace crossiter
