#pragma once

#include "core/study/LeakStudy.h"

#include <string>

namespace crossiter {

/// One line of JSON, and back. The reader throws Error(BadInput) that names `place`: not JSON, or
/// not of a study with these variants, judges and sub-steps.
[[nodiscard]] std::string recordLine(const StudyRecord& record, const StudyPhoto& photo);
[[nodiscard]] StudyRecord readRecord(const std::string& line, const StudyRequest& request,
    std::size_t photos, const std::string& place);

/// The journal's first line: everything that decides a record, hashed.
[[nodiscard]] std::string studyHeader(
    const StudyRequest& request, const std::vector<StudyPhoto>& photos);

/// What the study keeps of a trace.
[[nodiscard]] StudyTrack trackOf(const AttackTrace& trace);

} // namespace crossiter
