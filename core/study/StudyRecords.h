#pragma once

#include "core/study/LeakStudy.h"

#include <filesystem>
#include <map>
#include <string>

namespace crossiter {

/// Files of photos that failed: they may be replaced by other ones before they are tried again.
struct FailedFiles
{
    std::map<std::size_t, std::string> begun; ///< SHA-256 that the study began with, by photo
    std::map<std::size_t, std::string> measured; ///< SHA-256 of what was measured after all
};
/// "FILE, line 3": an error's place in a journal.
[[nodiscard]] std::string journalPlace(const std::filesystem::path& journal, int line);
/// From the journal's lines; a journal that is not there: none.
[[nodiscard]] FailedFiles failedFiles(const std::filesystem::path& journal);
/// The photos that the journal's first line names: those that failed with their first files.
[[nodiscard]] std::vector<StudyPhoto> photosAtFirst(
    const FailedFiles& files, std::vector<StudyPhoto> photos);
/// Throws Error(BadInput) when the photo was measured as another file than it is now.
void requireSameFile(
    const FailedFiles& files, std::size_t photo, const StudyPhoto& now, const std::string& place);

/// One line of JSON, and back; withFile: also the file's SHA-256, as always where it failed. The
/// reader throws Error(BadInput) that names `place`: not JSON, or not of a study with these
/// variants, judges and sub-steps.
[[nodiscard]] std::string recordLine(
    const StudyRecord& record, const StudyPhoto& photo, bool withFile = false);
[[nodiscard]] StudyRecord readRecord(const std::string& line, const StudyRequest& request,
    std::size_t photos, const std::string& place);

/// The journal's first line: everything that decides a record, hashed.
[[nodiscard]] std::string studyHeader(
    const StudyRequest& request, const std::vector<StudyPhoto>& photos);

/// What the study keeps of a trace.
[[nodiscard]] StudyTrack trackOf(const AttackTrace& trace);

} // namespace crossiter
