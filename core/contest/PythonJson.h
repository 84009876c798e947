#pragma once

#include "core/base/Json.h"

#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// A submission's metadata.json as Python's json module reads it, within kMetadataJson's limits: of
/// a key given twice the last one counts (`repeated` gets it), NaN and infinities are numbers, and
/// numbers and lone surrogates of any kind pass; numbers are read as 0 and such characters as
/// U+FFFD, since nobody needs them. Throws Error(BadInput) as parseJson() does.
[[nodiscard]] Json parsePythonJson(
    std::string_view text, const std::string& place, std::vector<std::string>* repeated);

} // namespace crossiter
