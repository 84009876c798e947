#include "core/base/SafeText.h"

#include "core/base/Csv.h"
#include "core/base/Numbers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace crossiter {

namespace {

/// First and last of each range; sorted.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 17> kHidden { {
    { 0x00, 0x1F }, // C0
    { 0x7F, 0x9F }, // DEL and C1
    { 0xAD, 0xAD }, // soft hyphen
    { 0x34F, 0x34F }, // grapheme joiner
    { 0x61C, 0x61C }, // Arabic letter mark
    { 0x115F, 0x1160 }, // Hangul fillers
    { 0x17B4, 0x17B5 }, // inherent vowels, not shown
    { 0x180B, 0x180F }, // Mongolian selectors and separator
    { 0x200B, 0x200F }, // without width, marks of direction
    { 0x2028, 0x202E }, // line and paragraph separator, embeddings and overrides
    { 0x2060, 0x206F }, // word joiner, isolates, deprecated controls
    { 0x3164, 0x3164 }, // Hangul filler
    { 0xFEFF, 0xFEFF }, // byte order mark
    { 0xFFA0, 0xFFA0 }, // half-width Hangul filler
    { 0xFFF0, 0xFFFB }, // specials that annotate
    { 0x1BCA0, 0x1BCA3 }, // shorthand format controls
    { 0xE0000, 0xE0FFF }, // tags
} };

struct Lead
{
    std::size_t following = 0;
    std::uint32_t smallest = 0;
    std::uint32_t bits = 0;
};

std::optional<Lead> leadOf(std::uint32_t byte)
{
    if (byte < 0x80)
        return Lead { 0, 0, byte };
    if (byte >= 0xC2 && byte < 0xE0)
        return Lead { 1, 0x80, byte & 0x1FU };
    if (byte >= 0xE0 && byte < 0xF0)
        return Lead { 2, 0x800, byte & 0x0FU };
    if (byte >= 0xF0 && byte <= 0xF4)
        return Lead { 3, 0x10000, byte & 0x07U };
    return std::nullopt;
}

/// As a reader of messages knows it.
std::string escapedCharacter(std::uint32_t character)
{
    if (character == '\n')
        return "\\n";
    if (character == '\t')
        return "\\t";
    if (character <= 0x7F)
        return "\\x" + hexText(character, 2);
    return character <= 0xFFFF ? "\\u" + hexText(character, 4) : "\\U" + hexText(character, 8);
}

/// As JSON writes it; above U+FFFF two halves.
std::string jsonCharacter(std::uint32_t character)
{
    if (character <= 0xFFFF)
        return "\\u" + hexText(character, 4);
    const std::uint32_t rest = character - 0x10000;
    return "\\u" + hexText(0xD800 + (rest >> 10U), 4) + "\\u"
        + hexText(0xDC00 + (rest & 0x3FFU), 4);
}

/// Character by character: `escape` says what stands for one (empty: itself), `broken` what for a
/// byte that is no UTF-8.
template <typename Escape, typename Broken>
std::string rewritten(std::string_view text, const Escape& escape, const Broken& broken)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::string_view before = text;
        const std::optional<std::uint32_t> character = takeCharacter(text);
        const std::string_view bytes = before.substr(0, before.size() - text.size());
        if (!character) {
            out += broken(static_cast<unsigned char>(bytes.front()));
            continue;
        }
        const std::string instead = escape(*character);
        if (instead.empty())
            out += bytes;
        else
            out += instead;
    }
    return out;
}

std::string brokenByte(std::uint32_t byte)
{
    return "\\x" + hexText(byte, 2);
}

/// JSON has no word for a byte that is no UTF-8: the replacement character.
std::string brokenInJson(std::uint32_t)
{
    return "\\ufffd";
}

/// Inside a JSON text's strings these cannot stand, outside they mean nothing.
bool isJsonBlank(std::uint32_t character)
{
    return character == '\n' || character == '\r' || character == '\t';
}

/// Whether a spreadsheet may take it for a formula.
bool looksLikeFormula(std::string_view text)
{
    while (!text.empty()) {
        const std::optional<std::uint32_t> character = takeCharacter(text);
        if (!character)
            return false;
        switch (*character) {
        case ' ':
        case 0xA0: // no-break space
        case 0x3000: // full-width space
        case '\t':
        case '\r':
        case '\n':
            continue;
        case '=':
        case '+':
        case '-':
        case '@':
        case 0x2212: // minus sign
        case 0xFF1D:
        case 0xFF0B:
        case 0xFF0D:
        case 0xFF20:
            return true;
        default:
            return false;
        }
    }
    return false;
}

bool isWordCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (static_cast<unsigned char>(c) & 0x80U) != 0U;
}

/// A list's "1." or "1)" at the beginning: the place of its sign.
std::size_t listSign(const std::string& text)
{
    std::size_t at = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
        ++at;
    const bool sign = at > 0 && at < text.size() && (text[at] == '.' || text[at] == ')')
        && (at + 1 == text.size() || text[at + 1] == ' ');
    return sign ? at : std::string::npos;
}

} // namespace

std::optional<std::uint32_t> takeCharacter(std::string_view& text)
{
    const std::string_view whole = text;
    text.remove_prefix(1);
    const std::optional<Lead> lead = leadOf(static_cast<unsigned char>(whole.front()));
    if (!lead || lead->following > text.size())
        return std::nullopt;
    std::uint32_t value = lead->bits;
    for (std::size_t i = 0; i < lead->following; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U)
            return std::nullopt;
        value = (value << 6U) | (byte & 0x3FU);
    }
    if (value < lead->smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return std::nullopt;
    text.remove_prefix(lead->following);
    return value;
}

bool isHiddenCharacter(std::uint32_t character)
{
    if (character >= 0x20 && character < 0x7F)
        return false;
    return std::ranges::any_of(kHidden, [character](const auto& range) {
        return character >= range.first && character <= range.second;
    });
}

std::string forTerminal(std::string_view text)
{
    return rewritten(
        text,
        [](std::uint32_t character) {
            return isHiddenCharacter(character) ? escapedCharacter(character) : std::string();
        },
        brokenByte);
}

std::string linesForTerminal(std::string_view text)
{
    return rewritten(
        text,
        [](std::uint32_t character) {
            const bool kept =
                character == '\n' || character == '\t' || !isHiddenCharacter(character);
            return kept ? std::string() : escapedCharacter(character);
        },
        brokenByte);
}

std::string forCsvCell(std::string_view text)
{
    return csvField((looksLikeFormula(text) ? "'" : "") + forTerminal(text));
}

std::string forMarkdown(std::string_view text)
{
    const std::string plain = forTerminal(text);
    const std::size_t sign = listSign(plain);
    std::string out;
    for (std::size_t at = 0; at < plain.size(); ++at) {
        const char c = plain[at];
        const bool inWord = at > 0 && at + 1 < plain.size() && isWordCharacter(plain[at - 1])
            && isWordCharacter(plain[at + 1]);
        if (c == '<')
            out += "&lt;";
        else if (c == '&' && at + 1 < plain.size()
            && (isWordCharacter(plain[at + 1]) || plain[at + 1] == '#'))
            out += "&amp;";
        else if (std::string_view("\\`*[]|~").find(c) != std::string_view::npos
            || (c == '_' && !inWord) || at == sign
            || (at == 0 && std::string_view("#+->=").find(c) != std::string_view::npos))
            out += std::string("\\") + c;
        else
            out += c;
    }
    return out;
}

std::string forHtml(std::string_view text)
{
    std::string out;
    for (const char c : forTerminal(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string jsonForReaders(std::string_view json)
{
    return rewritten(
        json,
        [](std::uint32_t character) {
            const bool kept = isJsonBlank(character) || !isHiddenCharacter(character);
            return kept ? std::string() : jsonCharacter(character);
        },
        brokenInJson);
}

std::string jsonForScript(std::string_view json)
{
    return rewritten(
        json,
        [](std::uint32_t character) {
            const bool mark = character == '<' || character == '>' || character == '&';
            const bool kept = isJsonBlank(character) || !(mark || isHiddenCharacter(character));
            return kept ? std::string() : jsonCharacter(character);
        },
        brokenInJson);
}

} // namespace crossiter
