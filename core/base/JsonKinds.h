#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crossiter {

/// The deepest that lists and objects may lie in each other, in every JSON file.
inline constexpr std::size_t kMostJsonDepth = 64;

/// What a kind of JSON file may be; the table in docs/formats.md.
struct JsonKind
{
    const char* fault; ///< an error's words: "damaged manifest"
    std::uint64_t maxBytes;
    std::size_t maxValues; ///< texts, numbers, lists and objects together: bounds the memory
    /// As Python's json reads: of a key given twice the last one counts.
    bool lastKeyWins = false;
};

inline constexpr JsonKind kSessionJson { "not a session file", 1U << 20U, 100'000 };
inline constexpr JsonKind kManifestJson { "damaged manifest", 1U << 20U, 100'000 };
inline constexpr JsonKind kRecordJson { "damaged record of a fetched file", 1U << 16U, 1000 };
inline constexpr JsonKind kPlanJson { "the plan is no JSON", 16U << 20U, 1'000'000 };
inline constexpr JsonKind kImagesJson { "not a list of a tournament's images", 256U << 20U,
    8'000'000 };
inline constexpr JsonKind kNotesJson { "not a list of notes", 16U << 20U, 1'000'000 };
inline constexpr JsonKind kReportJson { "not a tournament's report", 256U << 20U, 8'000'000 };
inline constexpr JsonKind kJournalLineJson { "a journal's line that is no JSON", 64U << 20U,
    4'000'000 };
inline constexpr JsonKind kTraceJson { "no trace of CrossIter", 256U << 20U, 8'000'000 };
inline constexpr JsonKind kReferenceJson { "not a table of published rates", 1U << 20U, 100'000 };
inline constexpr JsonKind kHeaderJson { "bad safetensors header", 100'000'000, 3'000'000 };
inline constexpr JsonKind kMetadataJson { "not JSON", 1U << 20U, 10'000, true };

/// Throws Error(BadInput) that names line and column, or the key, unless `text` is one JSON value:
/// UTF-8, at most kMostJsonDepth deep, within the kind's limits, no key twice in an object, nothing
/// behind the value and no NUL anywhere, every number one that 64 bits hold. A UTF-8 byte order
/// mark at the start is allowed. Memory: the keys of open objects.
void checkJson(std::string_view text, const std::string& place, const JsonKind& kind);

} // namespace crossiter
