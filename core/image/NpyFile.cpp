#include "core/image/NpyFile.h"

#include "core/base/ByteCount.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"
#include "core/image/ByteSource.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace crossiter {

namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t { 4 } << 30U;
constexpr std::size_t kMaxHeader = 65535; // longer ones belong to arrays of records
constexpr std::size_t kMaxPictures = 100'000;
constexpr std::size_t kMaxAxes = 32;
constexpr const char* kNoRange = "floats without a negative value do not say their range";
constexpr double kSlack = 1e-4; // what arithmetic may leave beyond a range

/// The three members of a header: a Python dict of a string, a flag and a tuple of whole numbers.
struct Header
{
    std::string kind;
    bool fortran = false;
    std::vector<std::uint64_t> shape;
};

/// Reads exactly what NumPy writes of such a dict, with any blanks; nothing is evaluated.
class HeaderReader
{
public:
    explicit HeaderReader(std::string_view text)
        : m_text(text)
    {
    }

    /// Nothing: something else stands there; `wrong()` then says before what.
    std::optional<Header> read()
    {
        Header header;
        unsigned seen = 0;
        if (!take('{'))
            return std::nullopt;
        while (!take('}')) {
            const auto key = string();
            const unsigned bit = key == "descr" ? 1U : key == "fortran_order" ? 2U : 4U;
            if (!key || (bit == 4U && key != "shape") || (seen & bit) != 0 || !take(':')
                || !value(header, bit))
                return std::nullopt;
            seen |= bit;
            if (!take(',') && !begins('}'))
                return std::nullopt;
        }
        blanks();
        return m_text.empty() && seen == 7U ? std::optional(header) : std::nullopt;
    }

    [[nodiscard]] std::string wrong() const { return std::string(m_text.substr(0, 40)); }

private:
    void blanks()
    {
        m_text.remove_prefix(std::min(m_text.find_first_not_of(" \t\n\r"), m_text.size()));
    }
    bool begins(char c)
    {
        blanks();
        return m_text.starts_with(c);
    }
    bool take(char c)
    {
        const bool there = begins(c);
        m_text.remove_prefix(there ? 1 : 0);
        return there;
    }
    bool word(std::string_view word)
    {
        blanks();
        const bool there = m_text.starts_with(word);
        m_text.remove_prefix(there ? word.size() : 0);
        return there;
    }
    std::optional<std::string> string()
    {
        blanks();
        if (!m_text.starts_with('\'') && !m_text.starts_with('"'))
            return std::nullopt;
        const std::size_t end = m_text.find(m_text.front(), 1);
        if (end == std::string_view::npos)
            return std::nullopt;
        std::string found(m_text.substr(1, end - 1));
        m_text.remove_prefix(end + 1);
        return found;
    }
    bool value(Header& header, unsigned bit)
    {
        if (bit == 1U) {
            const auto kind = string(); // of an array of records a list stands here
            header.kind = kind.value_or("");
            return kind.has_value();
        }
        if (bit == 2U) {
            header.fortran = word("True");
            return header.fortran || word("False");
        }
        return tuple(header.shape);
    }
    bool tuple(std::vector<std::uint64_t>& numbers)
    {
        if (!take('('))
            return false;
        while (!take(')')) {
            blanks();
            const std::size_t digits =
                std::min(m_text.find_first_not_of("0123456789"), m_text.size());
            const auto number = parseNumber<std::uint64_t>(m_text.substr(0, digits));
            if (!number || numbers.size() == kMaxAxes)
                return false;
            numbers.push_back(*number);
            m_text.remove_prefix(digits);
            if (!take(',') && !begins(')'))
                return false;
        }
        return true;
    }

    std::string_view m_text;
};

/// Bytes a value of this kind has, 0: none that is read.
std::size_t bytesOfKind(const std::string& kind)
{
    if (kind == "|u1" || kind == "<u1" || kind == ">u1")
        return 1;
    for (const std::size_t bytes : { 2U, 4U, 8U })
        if (kind == "<f" + std::to_string(bytes) || kind == ">f" + std::to_string(bytes))
            return bytes;
    return 0;
}

std::string shapeText(const std::vector<std::uint64_t>& shape)
{
    std::string text;
    for (const std::uint64_t side : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(side);
    return "(" + text + ")";
}

/// Where the colours of a picture are looked for.
std::string coloursOf(const std::optional<NpyLayout>& layout)
{
    if (!layout)
        return "one axis of length 3: (..., H, W, 3) or (..., 3, H, W)";
    return *layout == NpyLayout::Nhwc
        ? "a last axis of length 3 (--layout nhwc)"
        : "an axis of length 3 before rows and columns (--layout nchw)";
}

/// IEEE 754 binary16.
float fromHalf(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    float value = std::numeric_limits<float>::quiet_NaN(); // infinite or NaN: refused alike
    if (exponent == 0)
        value = std::ldexp(static_cast<float>(fraction), -24);
    else if (exponent < 31)
        value = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

/// The value that lies at `from`; T holds all of its bits.
template <typename T>
T valueAt(const std::uint8_t* from, std::size_t bytes, bool bigEndian)
{
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        bits = bits << 8U | from[bigEndian ? i : bytes - 1 - i];
    if (bytes == 2)
        return static_cast<T>(fromHalf(static_cast<std::uint16_t>(bits)));
    if (bytes == 4)
        return static_cast<T>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    return static_cast<T>(std::bit_cast<double>(bits));
}

template <typename T>
std::uint8_t quantised(T value, NpyRange range)
{
    const T scaled = range == NpyRange::ZeroOne
        ? std::clamp(value, T(0), T(1)) * T(255)
        : (std::clamp(value, T(-1), T(1)) + T(1)) * T(127.5);
    return static_cast<std::uint8_t>(std::nearbyint(scaled)); // halves to even, as NumPy rounds
}

} // namespace

/// Where the bytes come from.
struct NpyFile::Source
{
    explicit Source(const std::filesystem::path& path)
        : file(std::make_unique<RegularFile>(path, kMaxFileBytes))
        , bytes(*file)
    {
    }
    explicit Source(std::span<const std::uint8_t> from)
        : bytes(from)
    {
    }
    std::unique_ptr<RegularFile> file;
    detail::ByteSource bytes;
};

NpyFile::NpyFile(
    const std::filesystem::path& path, const NpyReading& reading, const std::stop_token& stop)
    : m_path(path)
    , m_source(std::make_unique<Source>(path))
{
    open(reading, stop);
}

NpyFile::NpyFile(std::span<const std::uint8_t> bytes, const std::filesystem::path& path,
    const NpyReading& reading)
    : m_path(path)
    , m_source(std::make_unique<Source>(bytes))
{
    open(reading, {});
}

NpyFile::~NpyFile() = default;

void NpyFile::refuse(
    const std::string& what, const std::string& expected, const std::string& found) const
{
    throw Error(ErrorKind::BadInput, what, m_path.string(), expected, found);
}

void NpyFile::read(std::uint64_t at, std::span<std::uint8_t> to)
{
    while (!to.empty()) {
        const auto view = m_source->bytes.view(at);
        if (view.empty())
            refuse("cut NumPy file", "all of its values", "its end");
        const std::size_t part = std::min(view.size(), to.size());
        std::copy_n(view.begin(), part, to.begin());
        to = to.subspan(part);
        at += part;
    }
}

void NpyFile::open(const NpyReading& reading, const std::stop_token& stop)
{
    constexpr std::string_view kMagic = "\x93NUMPY";
    constexpr std::size_t kFixed = 8; // magic and version
    const std::uint64_t size = m_source->bytes.size();
    std::vector<std::uint8_t> head(kFixed + 4);
    if (size < head.size())
        refuse("cut NumPy file", "a header", std::to_string(size) + " bytes");
    read(0, head);
    if (!std::equal(kMagic.begin(), kMagic.end(), head.begin(),
            [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }))
        refuse("not a NumPy file", "an array saved by numpy.save", "other bytes");
    const unsigned version = head[6];
    if (version < 1 || version > 3 || head[7] != 0)
        refuse("unknown version of a NumPy file", "1.0, 2.0 or 3.0",
            std::to_string(version) + "." + std::to_string(head[7]));
    const std::size_t lengthBytes = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = lengthBytes; i > 0; --i)
        length = length << 8U | head[kFixed + i - 1];
    if (length > kMaxHeader)
        refuse("header of a NumPy file too long",
            "at most " + std::to_string(kMaxHeader) + " bytes", std::to_string(length));
    if (kFixed + lengthBytes + length > size)
        refuse("cut NumPy file", "a header of " + std::to_string(length) + " bytes", "its end");
    std::vector<std::uint8_t> text(length);
    read(kFixed + lengthBytes, text);
    m_dataAt = kFixed + lengthBytes + length;

    HeaderReader reader({ reinterpret_cast<const char*>(text.data()), text.size() });
    const auto header = reader.read();
    if (!header)
        refuse("unusable header of a NumPy file", "descr, fortran_order and shape of one array",
            reader.wrong());
    m_valueBytes = bytesOfKind(header->kind);
    if (m_valueBytes == 0)
        refuse(header->kind.find('O') != std::string::npos
                ? "an array of Python objects, which only running them could read"
                : "an array of other values than pictures have",
            "uint8, float16, float32 or float64", header->kind);
    m_bigEndian = header->kind.starts_with('>');
    if (header->fortran && header->shape.size() > 1)
        refuse("an array in Fortran order", "C order, as numpy.ascontiguousarray makes it",
            "fortran_order True");
    takeShape(header->shape, reading);
    if (m_count > 0)
        takeRange(reading, stop);
}

void NpyFile::takeShape(const std::vector<std::uint64_t>& shape, const NpyReading& reading)
{
    std::uint64_t values = 1;
    for (const std::uint64_t side : shape) {
        if (side == 0 || side > kMaxFileBytes / values)
            refuse("size of an array out of range",
                "at least one value, at most " + sizeText(kMaxFileBytes), shapeText(shape));
        values *= side;
    }
    const std::uint64_t size = m_source->bytes.size();
    const std::uint64_t wanted = m_dataAt + values * m_valueBytes;
    if (size != wanted)
        refuse(size < wanted ? "cut NumPy file" : "bytes behind the array of a NumPy file",
            std::to_string(wanted) + " bytes for " + shapeText(shape), std::to_string(size));
    if (shape.size() >= 3) // else labels or the like: no pictures
        takePictures(shape, reading);
}

void NpyFile::takePictures(const std::vector<std::uint64_t>& shape, const NpyReading& reading)
{
    const std::size_t axes = shape.size();
    const bool last = shape[axes - 1] == 3;
    const bool first = shape[axes - 3] == 3;
    const bool nhwc = last && reading.layout != NpyLayout::Nchw;
    const bool nchw = first && reading.layout != NpyLayout::Nhwc;
    if (!nhwc && !nchw)
        refuse("no colours where they should lie", coloursOf(reading.layout), shapeText(shape));
    if (nhwc && nchw)
        refuse("two axes could be the colours", "--layout nhwc or --layout nchw", shapeText(shape));
    m_layout = nhwc ? NpyLayout::Nhwc : NpyLayout::Nchw;
    const std::uint64_t width = shape[axes - (nhwc ? 2 : 1)];
    const std::uint64_t height = shape[axes - (nhwc ? 3 : 2)];
    const DecodeLimits limits;
    const auto most = static_cast<std::uint64_t>(limits.maxSide);
    if (width > most || height > most || width * height > limits.maxPixels)
        refuse("picture too large", "at most 16384 pixels a side and 100 megapixels",
            std::to_string(width) + "x" + std::to_string(height));
    if (const std::uint64_t bytes = width * height * 3 * (m_valueBytes + 1);
        bytes > limits.maxMemoryBytes) {
        const SizeTexts sizes = sizeTexts(limits.maxMemoryBytes, bytes);
        refuse("picture needs too much memory", "at most " + sizes.limit, sizes.found);
    }
    std::uint64_t count = 1;
    for (std::size_t i = 0; i + 3 < axes; ++i)
        count *= shape[i]; // cannot overflow: all of the values fit into a file
    if (count > kMaxPictures)
        refuse("too many pictures in an array", "at most " + std::to_string(kMaxPictures),
            std::to_string(count));
    m_size = { static_cast<int>(width), static_cast<int>(height) };
    m_count = static_cast<std::size_t>(count);
}

void NpyFile::takeRange(const NpyReading& reading, const std::stop_token& stop)
{
    if (m_valueBytes == 1)
        return;
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    const std::uint64_t end = m_source->bytes.size();
    const DecodeLimits limits;
    const auto turns = static_cast<int>(1 + end / limits.maxFileBytes);
    const TimeLimit time(limits.deadlineMs * turns, stop);
    std::vector<std::uint8_t> buffer(std::size_t { 1 } << 16U);
    for (std::uint64_t at = m_dataAt; at < end; at += buffer.size()) {
        if (time.stopped()) {
            m_count = 0;
            return;
        }
        if (time.late())
            refuse("the array takes too long to read",
                "at most " + std::to_string(time.milliseconds()) + " ms", "no end by then");
        const std::span part(buffer.data(),
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at)));
        read(at, part);
        for (std::size_t i = 0; i < part.size(); i += m_valueBytes) {
            const auto value = valueAt<double>(part.data() + i, m_valueBytes, m_bigEndian);
            if (!std::isfinite(value))
                refuse("a value that is no number in an array", "finite values", "NaN or infinity");
            least = std::min(least, value);
            most = std::max(most, value);
        }
    }
    const std::string found = briefText(least) + ".." + briefText(most);
    const bool negative = least < -kSlack;
    const NpyRange range =
        reading.range.value_or(negative ? NpyRange::MinusOneOne : NpyRange::ZeroOne);
    if (most > 1 + kSlack || least < (range == NpyRange::ZeroOne ? 0.0 : -1.0) - kSlack)
        refuse("values of an array outside of their range",
            reading.range ? toString(range) : "0..1 or -1..1, or uint8", found);
    if (!reading.range && !negative)
        refuse(kNoRange, "--range 0..1 or --range -1..1", found);
    m_range = range;
}

Image NpyFile::picture(std::size_t index)
{
    if (index >= m_count)
        throw Error(ErrorKind::Internal, "no such picture in an array", m_path.string(),
            "below " + std::to_string(m_count), std::to_string(index));
    Image image(m_size.width, m_size.height);
    const std::size_t values = image.rgb.size();
    std::vector<std::uint8_t> raw(values * m_valueBytes);
    read(m_dataAt + static_cast<std::uint64_t>(index) * raw.size(), raw);
    const std::size_t pixels = values / 3;
    for (std::size_t i = 0; i < values; ++i) {
        // Where the value lies that becomes byte i of the picture.
        const std::size_t from = m_layout == NpyLayout::Nhwc ? i : i % 3 * pixels + i / 3;
        const std::uint8_t* const at = raw.data() + from * m_valueBytes;
        if (m_valueBytes == 1)
            image.rgb[i] = *at;
        else if (m_valueBytes == 8)
            image.rgb[i] = quantised(valueAt<double>(at, m_valueBytes, m_bigEndian), m_range);
        else
            image.rgb[i] = quantised(valueAt<float>(at, m_valueBytes, m_bigEndian), m_range);
    }
    return image;
}

std::string toString(NpyLayout layout)
{
    return layout == NpyLayout::Nhwc ? "nhwc" : "nchw";
}

std::string toString(NpyRange range)
{
    return range == NpyRange::ZeroOne ? "0..1" : "-1..1";
}

NpyLayout parseNpyLayout(const std::string& text)
{
    if (text != "nhwc" && text != "nchw")
        throw Error(ErrorKind::Usage, "unknown layout", "--layout", "nhwc or nchw", text);
    return text == "nhwc" ? NpyLayout::Nhwc : NpyLayout::Nchw;
}

NpyRange parseNpyRange(const std::string& text)
{
    if (text != "0..1" && text != "-1..1")
        throw Error(ErrorKind::Usage, "unknown range", "--range", "0..1 or -1..1", text);
    return text == "0..1" ? NpyRange::ZeroOne : NpyRange::MinusOneOne;
}

bool asksForRange(const Error& error)
{
    return error.text() == kNoRange;
}

bool isNpyName(const std::filesystem::path& file)
{
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return ending == ".npy";
}

} // namespace crossiter
