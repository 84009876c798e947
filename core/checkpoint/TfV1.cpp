#include "core/base/ByteView.h"
#include "core/base/Error.h"
#include "core/checkpoint/Sizes.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/checkpoint/TfTable.h"
#include "core/checkpoint/TfTypes.h"
#include "core/checkpoint/tf_checkpoint.pb.h"

#include <bit>
#include <cstring>
#include <deque>
#include <map>
#include <optional>

namespace crossiter {

namespace {

using Bytes = ByteView;

// A value takes a byte of a record at least (a packed number), and snappy packs up to 22 to 1.
constexpr std::uint64_t kMostBytesPerFileByte = std::uint64_t { 8 } * 22;
constexpr std::uint64_t kSlack = 1U << 16;

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

/// A box of a tensor: where it begins and how long it is, a number a dimension.
struct Box
{
    std::vector<std::int64_t> start;
    std::vector<std::int64_t> length;
};

/// Nothing: the slice leaves the shape.
std::optional<Box> boxOf(const tfrecord::SliceRecord& slice, const std::vector<std::int64_t>& shape)
{
    Box box;
    if (static_cast<std::size_t>(slice.extents_size()) != shape.size())
        return std::nullopt;
    for (int i = 0; i < slice.extents_size(); ++i) {
        const auto& extent = slice.extents(i);
        const std::int64_t side = shape[static_cast<std::size_t>(i)];
        const std::int64_t length = extent.has_length() ? extent.length() : side;
        if (extent.start() < 0 || length < 0 || extent.start() > side
            || length > side - extent.start() || (!extent.has_length() && extent.start() != 0))
            return std::nullopt;
        box.start.push_back(extent.start());
        box.length.push_back(length);
    }
    return box;
}

template <typename To, typename List>
void append(std::vector<std::byte>& out, const List& list)
{
    for (const auto value : list) {
        const To narrow = static_cast<To>(value);
        const auto* bytes = reinterpret_cast<const std::byte*>(&narrow);
        out.insert(out.end(), bytes, bytes + sizeof(To));
    }
}

/// The values in little-endian bytes of their type.
std::vector<std::byte> valuesOf(const tfrecord::ValuesRecord& record, DType dtype)
{
    std::vector<std::byte> out;
    if (!record.content().empty()) {
        const auto* begin = reinterpret_cast<const std::byte*>(record.content().data());
        return { begin, begin + record.content().size() };
    }
    switch (dtype) {
    case DType::F32:
        append<float>(out, record.float_values());
        break;
    case DType::F64:
        append<double>(out, record.double_values());
        break;
    case DType::I32:
        append<std::int32_t>(out, record.int_values());
        break;
    case DType::I16:
        append<std::int16_t>(out, record.int_values());
        break;
    case DType::I8:
        append<std::int8_t>(out, record.int_values());
        break;
    case DType::U8:
        append<std::uint8_t>(out, record.int_values());
        break;
    case DType::I64:
        append<std::int64_t>(out, record.int64_values());
        break;
    case DType::Bool:
        append<std::uint8_t>(out, record.bool_values());
        break;
    case DType::F16:
    case DType::BF16:
        append<std::uint16_t>(out, record.half_values());
        break;
    }
    return out;
}

/// One variable, filled slice by slice.
struct Variable
{
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 0;
    std::vector<std::byte> values; ///< empty until a slice comes
    std::vector<bool> filled; ///< by element; empty when one slice was the whole
    std::uint64_t left = 0; ///< elements
};

/// Copies a box's rows into the tensor. False: an element comes twice.
bool fill(Variable& variable, const Box& box, const std::vector<std::byte>& values)
{
    const std::size_t size = sizeOf(variable.dtype);
    const std::size_t rank = variable.shape.size();
    if (variable.filled.empty())
        variable.filled.resize(variable.values.size() / size, false);
    std::vector<std::int64_t> at(rank, 0);
    const std::size_t count = values.size() / size;
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t target = 0;
        for (std::size_t d = 0; d < rank; ++d)
            target = target * static_cast<std::size_t>(variable.shape[d])
                + static_cast<std::size_t>(box.start[d] + at[d]);
        if (variable.filled[target])
            return false;
        variable.filled[target] = true;
        std::memcpy(&variable.values[target * size], &values[i * size], size);
        for (std::size_t d = rank; d-- > 0;) {
            if (++at[d] < box.length[d])
                break;
            at[d] = 0;
        }
    }
    variable.left -= count;
    return true;
}

class V1Reader
{
public:
    V1Reader(std::size_t fileBytes, std::string place)
        : m_budget(fileBytes * kMostBytesPerFileByte + kSlack)
        , m_place(std::move(place))
    {
    }

    void take(std::string_view key, Bytes value)
    {
        tfrecord::SavedRecord record;
        if (value.size() > INT32_MAX
            || !record.ParseFromArray(value.data(), static_cast<int>(value.size())))
            fail("damaged TensorFlow checkpoint", m_place, "a record of the format",
                std::to_string(value.size()) + " other bytes");
        if (key.empty())
            takeMetadata(record.metadata());
        else if (!m_hasMetadata)
            fail("damaged TensorFlow checkpoint", m_place, "a list of variables first");
        else
            takeSlice(record.slice());
    }

    StateDict finish()
    {
        auto owner = std::make_shared<std::deque<std::vector<std::byte>>>();
        StateDict state;
        for (const std::string& name : m_order) {
            Variable& variable = m_variables.at(name);
            if (variable.left != 0)
                fail("values missing", m_place + ", variable " + name,
                    detail::shapeText(variable.shape),
                    std::to_string(variable.left) + " values are not there");
            owner->push_back(std::move(variable.values));
            state.tensors.push_back(
                { name, variable.dtype, std::move(variable.shape), owner->back() });
        }
        if (!m_hasMetadata)
            fail("damaged TensorFlow checkpoint", m_place, "a list of variables", "none");
        state.owner = owner;
        return state;
    }

private:
    void takeMetadata(const tfrecord::MetadataRecord& metadata)
    {
        m_hasMetadata = true;
        for (const auto& listed : metadata.variables()) {
            const std::string& name = listed.name();
            const std::string where = m_place + ", variable " + oneLine(name);
            if (detail::isTfNoNumber(listed.dtype()))
                continue;
            const auto dtype = detail::tfType(listed.dtype());
            if (!dtype)
                fail("type not known", where, "a float, integer or bool type of TensorFlow",
                    "type " + std::to_string(listed.dtype()));
            Variable variable;
            variable.dtype = *dtype;
            for (const auto& side : listed.shape().sides())
                variable.shape.push_back(side.size());
            const auto bytes = detail::byteCount(variable.shape, *dtype);
            if (listed.shape().unknown_rank() || !bytes || *bytes > m_budget)
                fail("size that the file cannot hold", where,
                    "at most " + std::to_string(m_budget) + " bytes",
                    detail::shapeText(variable.shape));
            m_budget -= *bytes;
            variable.bytes = *bytes;
            variable.left = *bytes / sizeOf(*dtype);
            if (!m_variables.emplace(name, std::move(variable)).second)
                fail("variable listed twice", where, "each once");
            if (m_order.size() >= kMostTensors)
                fail("too many variables", m_place,
                    "at most " + std::to_string(kMostTensors) + " tensors", "more");
            m_order.push_back(name);
        }
    }

    void takeSlice(const tfrecord::SavedSliceRecord& slice)
    {
        const auto found = m_variables.find(slice.name());
        const std::string where = m_place + ", variable " + oneLine(slice.name());
        if (found == m_variables.end()) {
            if (detail::isTfNoNumber(slice.values().dtype()))
                return;
            fail("values of a variable that is not listed", where);
        }
        Variable& variable = found->second;
        // TensorFlow's own writer leaves the type to the list of variables.
        const int type = slice.values().dtype();
        if (type != 0 && detail::tfType(type) != variable.dtype)
            fail("values of another type", where, nameOf(variable.dtype),
                "type " + std::to_string(type));
        const auto box = boxOf(slice.slice(), variable.shape);
        if (!box)
            fail("slice outside its variable", where, detail::shapeText(variable.shape));
        std::vector<std::byte> values = valuesOf(slice.values(), variable.dtype);
        const auto bytes = detail::byteCount(box->length, variable.dtype);
        if (!bytes || *bytes != values.size())
            fail("number of values does not fit the slice", where, detail::shapeText(box->length),
                std::to_string(values.size()) + " bytes");
        if (variable.values.empty() && *bytes == variable.bytes) {
            variable.values = std::move(values);
            variable.left = 0;
            variable.filled.clear();
            return;
        }
        if (variable.values.empty())
            variable.values.resize(static_cast<std::size_t>(variable.bytes));
        if (*bytes > 0 && (variable.left == 0 || !fill(variable, *box, values)))
            fail("values given twice", where, "each once");
    }

    std::uint64_t m_budget;
    std::string m_place;
    bool m_hasMetadata = false;
    std::map<std::string, Variable> m_variables;
    std::vector<std::string> m_order;
};

static_assert(std::endian::native == std::endian::little, "values are kept little-endian");

} // namespace

StateDict readTfV1(Bytes bytes, const std::string& place)
{
    V1Reader reader(bytes.size(), place);
    detail::readTable(
        bytes, place, [&](std::string_view key, Bytes value) { reader.take(key, value); });
    return reader.finish();
}

} // namespace crossiter
