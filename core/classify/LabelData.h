#pragma once

namespace crossiter {

/// resources/labels/ as CMake embedded it: 1000 lines each, line i + 1 = ImageNet class i.
extern const char* const kImagenetNames;
extern const char* const kWordNetIds;
extern const char* const kSynonyms; ///< of each class by comma; a line may be empty

} // namespace crossiter
