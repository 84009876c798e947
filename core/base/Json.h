#pragma once

#include "core/base/JsonKinds.h"

#include <cstdint>
#include <filesystem>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

/// Keys keep the order in which they are set.
using Json = nlohmann::ordered_json;

/// What takes the parts of a JSON text one by one. It never sees a parse error.
using JsonSink = nlohmann::json_sax<nlohmann::json>;

/// The one JSON parser: everything that is read goes through it. Strict as checkJson() says, and
/// throws what it throws. `repeated`, of a kind whose last key wins: gets the keys given twice.
[[nodiscard]] Json parseJson(std::string_view text, const std::string& place, const JsonKind& kind,
    std::vector<std::string>* repeated = nullptr);
/// The same of a file; throws also when it is not readable or larger than the kind allows.
[[nodiscard]] Json readJsonFile(const std::filesystem::path& path, const JsonKind& kind);
/// The same, handed to a sink piece by piece; nothing is kept.
void parseJsonInto(
    std::string_view text, const std::string& place, const JsonKind& kind, JsonSink& sink);

/// A whole number in low..high; nothing for anything else, 1.0 too.
[[nodiscard]] std::optional<std::int64_t> wholeOf(
    const Json& value, std::int64_t low, std::int64_t high);
/// The same of an object's member, in int's range; nothing when it is not there.
[[nodiscard]] std::optional<int> memberInt(const Json& object, const char* key);
/// A member that is a text; empty when it is not there or another thing.
[[nodiscard]] std::string memberText(const Json& object, const char* key);

/// One line for an error message, at most 60 bytes.
[[nodiscard]] std::string shownJson(const Json& value);

/// Indented, one trailing newline; bytes that are not UTF-8 are replaced, never an exception;
/// characters that nobody sees are escaped (jsonForReaders).
[[nodiscard]] std::string jsonText(const Json& value);
/// The same in one line, without the newline: for journals, messages and tables.
[[nodiscard]] std::string jsonLine(const Json& value);
/// jsonLine without the escapes of hidden characters: only to be hashed, so that what older
/// versions hashed stays the same.
[[nodiscard]] std::string jsonToHash(const Json& value);

/// A line of a journal.
struct JournalLine
{
    std::string text; ///< without its line break; empty when too long
    std::uint64_t bytes = 0; ///< with it
    bool tooLong = false; ///< above the limit: skipped, not kept
};

/// The next whole line; false at the end, and for a last line without its line break.
bool nextLine(std::istream& in, JournalLine& line, std::uint64_t maxBytes);

} // namespace crossiter
