#include "core/image/RawProfile.h"

#include "core/image/Decoding.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <zlib.h>

namespace crossiter::detail {

namespace {

constexpr std::string_view kExifSignature("Exif\0\0", 6);
constexpr std::string_view kBlanks(" \t\r\n");

/// What a zlib stream begins with, at most `most` bytes; what comes behind is not unpacked.
std::string inflated(std::string_view packed, std::size_t most = kMaxProfileText)
{
    std::string text(most, '\0');
    z_stream stream {};
    if (inflateInit(&stream) != Z_OK)
        return {};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data())); // only read
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    (void)inflate(&stream, Z_SYNC_FLUSH);
    text.resize(text.size() - stream.avail_out);
    inflateEnd(&stream);
    return text;
}

/// Up to and without the next NUL, which is taken away too; nothing when there is none.
std::optional<std::string_view> takeField(std::string_view& text)
{
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos)
        return std::nullopt;
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
}

/// The text of a chunk whose keyword is already taken away.
std::string textOf(std::string_view type, std::string_view rest)
{
    if (type == "tEXt")
        return std::string(rest);
    if (type == "zTXt")
        return !rest.empty() && rest.front() == '\0' ? inflated(rest.substr(1)) : std::string();
    if (rest.size() < 2)
        return {};
    const bool packed = rest[0] == '\1';
    rest.remove_prefix(2); // packed or not, and how
    if (!takeField(rest) || !takeField(rest)) // language, keyword in that language
        return {};
    return packed ? inflated(rest) : std::string(rest);
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string_view takeWord(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    return word;
}

} // namespace

std::vector<std::uint8_t> exifOfTextChunk(std::string_view type, ByteView data)
{
    if (type != "tEXt" && type != "zTXt" && type != "iTXt")
        return {};
    std::string_view rest(reinterpret_cast<const char*>(data.data()), data.size());
    const auto keyword = takeField(rest);
    if (!keyword || (*keyword != "Raw profile type exif" && *keyword != "Raw profile type APP1"))
        return {};
    const std::string text = textOf(type, rest);
    std::string_view profile = text;
    (void)takeWord(profile); // "exif", "app1", "generic"
    const std::string_view length = takeWord(profile);
    std::size_t bytes = 0;
    if (std::from_chars(length.data(), length.data() + length.size(), bytes).ec != std::errc())
        return {};
    bytes = std::min(bytes, kMaxExifBytes + kExifSignature.size());

    std::string block;
    int high = -1;
    for (const char c : profile) {
        const int value = hexValue(c);
        if (value < 0 && kBlanks.find(c) == std::string_view::npos)
            return {};
        if (value < 0)
            continue;
        if (high >= 0)
            block += static_cast<char>(high << 4 | value);
        high = high >= 0 ? -1 : value;
        if (block.size() == bytes)
            break;
    }
    const std::string_view tiff = std::string_view(block).starts_with(kExifSignature)
        ? std::string_view(block).substr(kExifSignature.size())
        : std::string_view(block);
    const bool isTiff = tiff.starts_with("II") || tiff.starts_with("MM"); // not XMP, in APP1 too
    return isTiff ? std::vector<std::uint8_t>(tiff.begin(), tiff.end())
                  : std::vector<std::uint8_t>();
}

ProfileBytes profileOfChunk(ByteView data)
{
    ProfileBytes profile;
    std::string_view rest(reinterpret_cast<const char*>(data.data()), data.size());
    if (!takeField(rest) || rest.empty() || rest.front() != '\0') {
        profile.fault = "a damaged profile";
        return profile;
    }
    const std::string bytes = inflated(rest.substr(1), kMaxProfileBytes + 1);
    if (bytes.empty())
        profile.fault = "a damaged profile";
    else if (bytes.size() > kMaxProfileBytes)
        profile.fault = "a profile of more than 4 MB";
    else
        profile.bytes.assign(bytes.begin(), bytes.end());
    return profile;
}

} // namespace crossiter::detail
