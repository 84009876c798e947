#include "core/base/Json.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/SafeText.h"

#include <algorithm>
#include <climits>
#include <set>

namespace crossiter {

namespace {

constexpr std::size_t kShownBytes = 60;
constexpr const char* kFits = "a number that fits in 64 bits";
constexpr const char* kDigits = "-0123456789";

/// "line 3, column 7" of the byte at `offset`; columns count characters.
std::string lineAndColumn(std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t from =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto isBeginning = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    const auto column = 1
        + std::count_if(
            before.begin() + static_cast<std::ptrdiff_t>(from), before.end(), isBeginning);
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Watches what the library finds and hands it on. Its own limits: none that matter here.
class Watch : public JsonSink
{
public:
    Watch(std::string_view text, const std::string& place, const JsonKind& kind, JsonSink* sink)
        : m_text(text)
        , m_place(place)
        , m_kind(kind)
        , m_sink(sink)
    {
    }

    std::vector<std::string> takeRepeated() { return std::move(m_repeated); }

    bool null() override
    {
        count();
        return m_sink == nullptr || m_sink->null();
    }
    bool boolean(bool value) override
    {
        count();
        return m_sink == nullptr || m_sink->boolean(value);
    }
    bool number_integer(std::int64_t value) override
    {
        count();
        return m_sink == nullptr || m_sink->number_integer(value);
    }
    bool number_unsigned(std::uint64_t value) override
    {
        count();
        return m_sink == nullptr || m_sink->number_unsigned(value);
    }
    bool number_float(double value, const std::string& text) override
    {
        count();
        // The library turns whole numbers beyond 64 bits into floats, and tiny ones into 0.
        const bool whole = text.find_first_not_of(kDigits) == std::string::npos;
        const std::string digits = text.substr(0, text.find_first_of("eE"));
        const bool vanished =
            value == 0.0 && digits.find_first_of("123456789") != std::string::npos;
        if (whole)
            failNumber(text, "whole numbers of at most 64 bits");
        if (vanished)
            failNumber(text, kFits);
        return m_sink == nullptr || m_sink->number_float(value, text);
    }
    bool string(std::string& value) override
    {
        count();
        return m_sink == nullptr || m_sink->string(value);
    }
    bool binary(binary_t& /*value*/) override { return true; } // not in JSON
    bool start_object(std::size_t elements) override
    {
        open(true);
        return m_sink == nullptr || m_sink->start_object(elements);
    }
    bool key(std::string& text) override
    {
        Level& level = m_levels.back();
        level.key = text;
        if (!level.keys.insert(text).second) {
            if (!m_kind.lastKeyWins)
                throw Error(ErrorKind::BadInput, "key given twice", keyPlace(), "each key once",
                    "'" + text + "' twice");
            m_repeated.push_back(text);
        }
        return m_sink == nullptr || m_sink->key(text);
    }
    bool end_object() override
    {
        m_levels.pop_back();
        return m_sink == nullptr || m_sink->end_object();
    }
    bool start_array(std::size_t elements) override
    {
        open(false);
        return m_sink == nullptr || m_sink->start_array(elements);
    }
    bool end_array() override
    {
        m_levels.pop_back();
        return m_sink == nullptr || m_sink->end_array();
    }
    bool parse_error(std::size_t position, const std::string& token,
        const nlohmann::detail::exception& problem) override
    {
        constexpr int kNumberOutOfRange = 406; // the library's number of this error
        if (problem.id == kNumberOutOfRange) {
            count();
            failNumber(token, kFits);
        }
        const bool atEnd = position > m_text.size(); // the end counts as read
        fail(m_place + ", " + lineAndColumn(m_text, position == 0 ? 0 : position - 1),
            isUtf8Fault(problem) ? "JSON in UTF-8" : "JSON",
            atEnd ? "the end of the text" : "'" + token.substr(0, kShownBytes) + "'");
    }

private:
    struct Level
    {
        bool object = false;
        std::size_t index = 0; ///< of a list: values so far
        std::string key;
        std::set<std::string> keys;
    };

    static bool isUtf8Fault(const nlohmann::detail::exception& problem)
    {
        return std::string_view(problem.what()).find("UTF-8") != std::string_view::npos;
    }

    void open(bool object)
    {
        count();
        if (m_levels.size() >= kMostJsonDepth)
            fail(m_place,
                "at most " + std::to_string(kMostJsonDepth) + " levels of lists and objects",
                "more");
        m_levels.push_back({ object, 0, {}, {} });
    }

    void count()
    {
        if (!m_levels.empty() && !m_levels.back().object)
            ++m_levels.back().index;
        if (++m_values > m_kind.maxValues)
            fail(m_place, "at most " + std::to_string(m_kind.maxValues) + " values", "more");
    }

    [[nodiscard]] std::string keyPlace() const
    {
        std::string path;
        for (const Level& level : m_levels)
            if (level.object)
                path += (path.empty() ? "" : ".") + level.key;
            else
                path += "[" + std::to_string(level.index == 0 ? 0 : level.index - 1) + "]";
        return path.empty() ? m_place : m_place + ", key " + path;
    }

    [[noreturn]] void fail(
        const std::string& place, const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, m_kind.fault, place, expected, found);
    }
    [[noreturn]] void failNumber(const std::string& token, const char* expected) const
    {
        throw Error(ErrorKind::BadInput, "number out of range", keyPlace(), expected,
            token.substr(0, kShownBytes));
    }

    std::string_view m_text;
    const std::string& m_place;
    const JsonKind& m_kind;
    JsonSink* m_sink;
    std::vector<Level> m_levels;
    std::vector<std::string> m_repeated;
    std::size_t m_values = 0;
};

/// Makes a tree. Keys are known to differ, so that an object never searches for one; only where the
/// last key wins an earlier one is let go.
class TreeBuilder : public JsonSink
{
public:
    explicit TreeBuilder(bool lastKeyWins)
        : m_lastKeyWins(lastKeyWins)
    {
    }

    Json take() { return std::move(m_root); }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(std::int64_t value) override { return put(value); }
    bool number_unsigned(std::uint64_t value) override { return put(value); }
    bool number_float(double value, const std::string& /*text*/) override { return put(value); }
    bool string(std::string& value) override { return put(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return true; }
    bool start_object(std::size_t /*elements*/) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*elements*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }
    bool key(std::string& text) override
    {
        if (m_lastKeyWins)
            m_open.back()->erase(text);
        m_key = std::move(text);
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
        const nlohmann::detail::exception& /*problem*/) override
    {
        return false; // the watch throws
    }

private:
    Json& add(Json value)
    {
        if (m_open.empty())
            return m_root = std::move(value);
        Json& parent = *m_open.back();
        if (parent.is_array())
            return parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
        return parent.get_ref<Json::object_t&>()
            .emplace_back(std::move(m_key), std::move(value))
            .second;
    }
    bool put(Json value)
    {
        add(std::move(value));
        return true;
    }
    /// Only the innermost open value grows, so that the addresses of those around it stay.
    bool open(Json value)
    {
        m_open.push_back(&add(std::move(value)));
        return true;
    }
    bool close()
    {
        m_open.pop_back();
        return true;
    }

    bool m_lastKeyWins;
    Json m_root;
    std::vector<Json*> m_open;
    std::string m_key;
};

std::vector<std::string> parse(
    std::string_view text, const std::string& place, const JsonKind& kind, JsonSink* sink)
{
    if (text.size() > kind.maxBytes)
        throw Error(ErrorKind::BadInput, kind.fault, place,
            "at most " + std::to_string(kind.maxBytes) + " bytes", std::to_string(text.size()));
    // The library takes a NUL for the end.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        throw Error(ErrorKind::BadInput, kind.fault, place + ", " + lineAndColumn(text, nul),
            "JSON without NUL bytes", "one");
    Watch watch(text, place, kind, sink);
    nlohmann::json::sax_parse(text.begin(), text.end(), &watch);
    return watch.takeRepeated();
}

} // namespace

void checkJson(std::string_view text, const std::string& place, const JsonKind& kind)
{
    parse(text, place, kind, nullptr);
}

void parseJsonInto(
    std::string_view text, const std::string& place, const JsonKind& kind, JsonSink& sink)
{
    parse(text, place, kind, &sink);
}

Json parseJson(std::string_view text, const std::string& place, const JsonKind& kind,
    std::vector<std::string>* repeated)
{
    TreeBuilder builder(kind.lastKeyWins);
    std::vector<std::string> keys = parse(text, place, kind, &builder);
    if (repeated != nullptr)
        *repeated = std::move(keys);
    return builder.take();
}

Json readJsonFile(const std::filesystem::path& path, const JsonKind& kind)
{
    const std::vector<std::uint8_t> bytes = readFile(path, kind.maxBytes);
    return parseJson(
        { reinterpret_cast<const char*>(bytes.data()), bytes.size() }, path.string(), kind);
}

std::optional<std::int64_t> wholeOf(const Json& value, std::int64_t low, std::int64_t high)
{
    if (!value.is_number_integer())
        return std::nullopt;
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t { INT64_MAX })
        return std::nullopt;
    const auto whole = value.get<std::int64_t>();
    return whole >= low && whole <= high ? std::optional(whole) : std::nullopt;
}

std::optional<int> memberInt(const Json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end())
        return std::nullopt;
    const auto whole = wholeOf(*found, INT_MIN, INT_MAX);
    return whole ? std::optional(static_cast<int>(*whole)) : std::nullopt;
}

std::string memberText(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string shownJson(const Json& value)
{
    const std::string text = jsonLine(value);
    return text.size() > kShownBytes ? oneLine(text, kShownBytes - 3) : text;
}

std::string jsonText(const Json& value)
{
    return jsonForReaders(value.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string jsonLine(const Json& value)
{
    return jsonForReaders(jsonToHash(value));
}

std::string jsonToHash(const Json& value)
{
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool nextLine(std::istream& in, JournalLine& line, std::uint64_t maxBytes)
{
    line = {};
    constexpr int kEnd = std::char_traits<char>::eof();
    std::streambuf& bytes = *in.rdbuf();
    for (int byte = bytes.sbumpc(); byte != kEnd; byte = bytes.sbumpc()) {
        ++line.bytes;
        if (byte == '\n')
            return true;
        if (line.bytes <= maxBytes)
            line.text += static_cast<char>(byte);
        else if (!line.tooLong) {
            line.tooLong = true;
            std::string().swap(line.text);
        }
    }
    return false;
}

} // namespace crossiter
