#include "core/checkpoint/Safetensors.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Json.h"
#include "core/base/MappedFile.h"
#include "core/base/SafeText.h"
#include "core/checkpoint/Sizes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace crossiter {

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxDimensions = 16;
constexpr const char* kMetadata = "__metadata__";

constexpr std::array kDTypes = { DType::F16, DType::BF16, DType::F32, DType::F64, DType::I8,
    DType::U8, DType::I16, DType::I32, DType::I64, DType::Bool };

std::optional<DType> dtypeNamed(const std::string& name)
{
    for (const DType dtype : kDTypes)
        if (name == nameOf(dtype))
            return dtype;
    return std::nullopt;
}

struct HeaderEntry
{
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::uint64_t> offsets;
};

/// Reads the header as the parser meets it, without a tree. Depth 1 holds tensor
/// names, depth 2 a tensor's fields or the metadata, depth 3 the numbers of a field.
class HeaderReader : public JsonSink
{
public:
    explicit HeaderReader(std::string place)
        : m_place(std::move(place))
    {
    }

    std::vector<HeaderEntry> takeEntries() { return std::move(m_entries); }

    bool start_object(std::size_t /*elements*/) override
    {
        if (m_depth > 1 || (m_depth == 1 && m_inArray))
            fail("an object only at the top and for a tensor", "one deeper");
        if (++m_depth == 2) {
            m_fields = 0;
            m_entry = HeaderEntry { m_name, {}, {}, {} };
        }
        return true;
    }

    bool end_object() override
    {
        if (m_depth-- == 2 && !inMetadata()) {
            if (m_fields != 3)
                fail("dtype, shape and data_offsets of '" + m_name + "'", "not all of them");
            m_entries.push_back(std::move(m_entry));
        }
        return true;
    }

    bool key(std::string& text) override
    {
        if (m_depth == 1) {
            if (m_entries.size() >= kMostTensors && text != kMetadata)
                fail("at most " + std::to_string(kMostTensors) + " tensors", "more");
            m_name = text;
        } else {
            m_field = text;
            if (++m_fields > kMostTensors)
                fail("at most " + std::to_string(kMostTensors) + " metadata", "more");
            if (!inMetadata() && text != "dtype" && text != "shape" && text != "data_offsets")
                fail("dtype, shape and data_offsets of '" + m_name + "'", "'" + text + "'");
        }
        return true;
    }

    bool start_array(std::size_t /*elements*/) override
    {
        if (m_depth != 2 || m_inArray || inMetadata() || m_field == "dtype")
            fail("a list only as shape or data_offsets", "another list");
        m_inArray = true;
        return true;
    }

    bool end_array() override
    {
        m_inArray = false;
        if (m_field == "data_offsets" && m_entry.offsets.size() != 2)
            fail("two data_offsets of '" + m_name + "'", std::to_string(m_entry.offsets.size()));
        return true;
    }

    bool string(std::string& text) override
    {
        if (m_depth != 2 || m_inArray || (!inMetadata() && m_field != "dtype"))
            fail("a text only as dtype or metadata", "'" + text + "'");
        if (inMetadata())
            return true;
        const auto dtype = dtypeNamed(text);
        if (!dtype)
            fail("a known dtype of '" + m_name + "'", "'" + text + "'");
        m_entry.dtype = *dtype;
        return true;
    }

    bool number_unsigned(std::uint64_t value) override
    {
        if (!m_inArray)
            fail("numbers only in shape and data_offsets", std::to_string(value));
        if (value > static_cast<std::uint64_t>(INT64_MAX))
            fail("a number that fits, at '" + m_name + "'", std::to_string(value));
        if (m_field == "data_offsets") {
            if (m_entry.offsets.size() >= 2)
                fail("two data_offsets of '" + m_name + "'", "more");
            m_entry.offsets.push_back(value);
        } else {
            if (m_entry.shape.size() >= kMaxDimensions)
                fail(
                    "at most " + std::to_string(kMaxDimensions) + " dimensions of '" + m_name + "'",
                    "more");
            m_entry.shape.push_back(static_cast<std::int64_t>(value));
        }
        return true;
    }

    bool null() override { return failValue("null"); }
    bool boolean(bool /*value*/) override { return failValue("a bool"); }
    bool number_integer(std::int64_t value) override { return failValue(std::to_string(value)); }
    bool number_float(double /*value*/, const std::string& text) override
    {
        return failValue(text);
    }
    bool binary(binary_t& /*value*/) override { return failValue("binary"); }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
        const nlohmann::detail::exception& /*error*/) override
    {
        return false; // the parser throws
    }

private:
    [[noreturn]] void fail(const std::string& expected, const std::string& found) const
    {
        throw Error(ErrorKind::BadInput, "bad safetensors header", m_place, expected, found);
    }
    bool failValue(const std::string& found) const
    {
        fail("texts and whole numbers of 0 or more at '" + m_name + "'", found);
    }
    [[nodiscard]] bool inMetadata() const { return m_name == kMetadata; }

    std::string m_place;
    int m_depth = 0;
    bool m_inArray = false;
    std::string m_name;
    std::string m_field;
    std::size_t m_fields = 0; ///< of this tensor, each another one
    HeaderEntry m_entry;
    std::vector<HeaderEntry> m_entries;
};

[[noreturn]] void fail(const std::string& text, const std::string& place,
    const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, place, expected, found);
}

ByteView headerOf(ByteView bytes, const std::string& place)
{
    if (bytes.size() < kLengthBytes)
        fail("truncated safetensors file", place, "8 bytes of header length",
            std::to_string(bytes.size()));
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        length |= static_cast<std::uint64_t>(bytes[i]) << (8U * i);
    if (length > kMaxSafetensorsHeader)
        fail("safetensors header too large", place,
            "at most " + std::to_string(kMaxSafetensorsHeader) + " bytes", std::to_string(length));
    if (length > bytes.size() - kLengthBytes)
        fail("truncated safetensors file", place,
            "a header of " + std::to_string(length) + " bytes",
            std::to_string(bytes.size() - kLengthBytes) + " bytes left");
    const auto header = bytes.subspan(kLengthBytes, static_cast<std::size_t>(length));
    if (header.empty() || header[0] != '{')
        fail("bad safetensors header", place, "'{' as first byte", "another byte");
    return header;
}

/// Ranges that follow each other from 0 to the end, each as long as its shape.
void checkRanges(
    const std::vector<HeaderEntry>& entries, std::uint64_t dataBytes, const std::string& path)
{
    std::uint64_t end = 0;
    for (const HeaderEntry& entry : entries) {
        const std::string place = path + " tensor '" + entry.name + "'";
        const std::uint64_t from = entry.offsets[0];
        const std::uint64_t to = entry.offsets[1];
        const std::string found = std::to_string(from) + " to " + std::to_string(to);
        if (from != end)
            fail(from < end ? "overlapping tensors" : "gap between tensors", place,
                "data from byte " + std::to_string(end), found);
        if (to < from || to > dataBytes)
            fail("tensor outside the file", place, "data up to byte " + std::to_string(dataBytes),
                found);
        const auto wanted = detail::byteCount(entry.shape, entry.dtype);
        if (!wanted || *wanted != to - from)
            fail("tensor size", place,
                wanted
                    ? std::to_string(*wanted) + " bytes for shape " + detail::shapeText(entry.shape)
                    : "a shape that fits",
                wanted ? std::to_string(to - from) : detail::shapeText(entry.shape));
        end = to;
    }
    if (end != dataBytes)
        fail("safetensors file too long", path, std::to_string(end) + " bytes of data",
            std::to_string(dataBytes));
}

} // namespace

StateDict readSafetensors(const std::filesystem::path& path)
{
    const auto file = MappedFile::open(path);
    StateDict state = readSafetensorsBytes(file->bytes(), file, path.string());
    state.mapped = true;
    return state;
}

StateDict readSafetensorsBytes(
    ByteView bytes, std::shared_ptr<const void> owner, const std::string& place)
{
    const auto header = headerOf(bytes, place);

    HeaderReader reader(place);
    parseJsonInto({ reinterpret_cast<const char*>(header.data()), header.size() },
        place + ", header", kHeaderJson, reader);
    std::vector<HeaderEntry> entries = reader.takeEntries();
    std::ranges::stable_sort(
        entries, [](const HeaderEntry& a, const HeaderEntry& b) { return a.offsets < b.offsets; });
    const auto data = std::as_bytes(bytes.subspan(kLengthBytes + header.size()));
    checkRanges(entries, data.size(), place);

    StateDict state;
    state.owner = std::move(owner);
    for (HeaderEntry& entry : entries) {
        const auto from = static_cast<std::size_t>(entry.offsets[0]);
        const auto to = static_cast<std::size_t>(entry.offsets[1]);
        state.tensors.push_back({ std::move(entry.name), entry.dtype, std::move(entry.shape),
            data.subspan(from, to - from) });
    }
    return state;
}

void writeSafetensors(const std::filesystem::path& path, const StateDict& state,
    const std::map<std::string, std::string>& metadata)
{
    std::string header = "{";
    std::uint64_t offset = 0;
    std::set<std::string> names = { kMetadata };
    try {
        if (!metadata.empty())
            header += "\"" + std::string(kMetadata) + "\":" + jsonForReaders(Json(metadata).dump());
        for (const TensorView& tensor : state.tensors) {
            const std::string place = path.string() + " tensor '" + tensor.name + "'";
            if (!names.insert(tensor.name).second)
                fail("cannot write tensors", place, "each name once", "a second one");
            const auto wanted = detail::byteCount(tensor.shape, tensor.dtype);
            if (!wanted || *wanted != tensor.bytes.size() || tensor.shape.size() > kMaxDimensions)
                fail("cannot write tensor", place,
                    "the bytes of shape " + detail::shapeText(tensor.shape),
                    std::to_string(tensor.bytes.size()) + " bytes");
            const Json entry = { { "dtype", nameOf(tensor.dtype) }, { "shape", tensor.shape },
                { "data_offsets", { offset, offset + *wanted } } };
            header += header.size() == 1 ? "" : ",";
            header += jsonForReaders(Json(tensor.name).dump()) + ":" + jsonLine(entry);
            offset += *wanted;
        }
    } catch (const Json::exception& /*fault*/) { // a name that is not UTF-8
        fail("cannot write tensors", path.string(), "names in UTF-8", "other bytes");
    }
    header += "}";
    header.append((8 - header.size() % 8) % 8, ' ');
    if (header.size() > kMaxSafetensorsHeader)
        fail("safetensors header too large", path.string(),
            "at most " + std::to_string(kMaxSafetensorsHeader) + " bytes",
            std::to_string(header.size()));

    std::vector<std::uint8_t> out;
    out.reserve(kLengthBytes + header.size() + static_cast<std::size_t>(offset));
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        out.push_back(static_cast<std::uint8_t>(header.size() >> (8U * i)));
    out.insert(out.end(), header.begin(), header.end());
    for (const TensorView& tensor : state.tensors) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(tensor.bytes.data());
        out.insert(out.end(), data, data + tensor.bytes.size());
    }
    writeFileAtomically(path, out);
}

} // namespace crossiter
