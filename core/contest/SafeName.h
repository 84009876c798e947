#pragma once

#include <string>

namespace crossiter {

/// Whether a text that came from outside (a CSV file, an archive, a folder's listing) may become
/// one file name of ours: 1..200 bytes of UTF-8; no slash, backslash, control character, line break
/// or other character that nobody sees (isHiddenCharacter: marks of direction, without width); not
/// beginning with a dot (hidden, "..") nor with one of = + - @ (a spreadsheet would take
/// it for a formula, a program for an option). Commas, quotes and spaces are allowed: CSV fields
/// with them are quoted.
[[nodiscard]] bool isSafeFileName(const std::string& name);

/// Throws Error(BadInput) that names `place` ("dev.csv, line 3") and the name, if it is not safe.
void requireSafeFileName(const std::string& name, const std::string& place);

/// The name of an attack or a defense: a safe file name that also has no comma and no quote, since
/// the runner's matrices do not quote. Throws Error(BadInput).
void requireSubmissionName(const std::string& name, const std::string& place);

} // namespace crossiter
