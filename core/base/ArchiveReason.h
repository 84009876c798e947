#pragma once

#include <string>

struct archive;

namespace crossiter {

/// What libarchive found wrong, in the words of this program: "a file that is cut off".
[[nodiscard]] std::string archiveReason(archive* handle);

} // namespace crossiter
