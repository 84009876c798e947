#include "core/checkpoint/PickleObjects.h"

#include "core/checkpoint/Sizes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace crossiter::detail {

namespace {

// Far above any state dict, far below what hurts: 1000 tensors take some 20,000 nodes.
constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxDimensions = 16;
constexpr std::size_t kFreeBytes = 1U << 20U; ///< a short text may well be encoded twice

using Kind = PickleNode::Kind;
using Named = std::pair<std::string_view, DType>;

constexpr std::array<std::string_view, 4> kDicts { "collections.OrderedDict",
    "collections.defaultdict", "builtins.dict", "__builtin__.dict" };
constexpr std::array<std::string_view, 2> kParameters { "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state" };
constexpr std::array<std::string_view, 2> kTensors { "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor" };
constexpr std::array<std::string_view, 2> kReconstruct { "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct" };
constexpr std::array<std::string_view, 2> kFromBuffer { "numpy.core.numeric._frombuffer",
    "numpy._core.numeric._frombuffer" };
constexpr std::array<std::string_view, 3> kBytes { "builtins.bytes", "__builtin__.bytes",
    "builtins.bytearray" };
constexpr std::string_view kTensorOfType = "torch._tensor._rebuild_from_type_v2";
constexpr std::string_view kEncode = "_codecs.encode";
constexpr std::string_view kNumberType = "numpy.dtype";

constexpr std::array<Named, 10> kStorages { {
    { "torch.FloatStorage", DType::F32 },
    { "torch.DoubleStorage", DType::F64 },
    { "torch.HalfStorage", DType::F16 },
    { "torch.BFloat16Storage", DType::BF16 },
    { "torch.LongStorage", DType::I64 },
    { "torch.IntStorage", DType::I32 },
    { "torch.ShortStorage", DType::I16 },
    { "torch.CharStorage", DType::I8 },
    { "torch.ByteStorage", DType::U8 },
    { "torch.BoolStorage", DType::Bool },
} };
/// As NumPy writes them: kind and bytes.
constexpr std::array<Named, 9> kNumberTypes { {
    { "f4", DType::F32 },
    { "f8", DType::F64 },
    { "f2", DType::F16 },
    { "i8", DType::I64 },
    { "i4", DType::I32 },
    { "i2", DType::I16 },
    { "i1", DType::I8 },
    { "u1", DType::U8 },
    { "b1", DType::Bool },
} };

/// What runs programs or code. No weights need a name of these.
constexpr std::array<std::string_view, 14> kProgramModules { "os", "posix", "nt", "subprocess",
    "commands", "pty", "popen2", "runpy", "socket", "shutil", "ctypes", "importlib", "webbrowser",
    "code" };
constexpr std::array<std::string_view, 7> kProgramNames { "eval", "exec", "execfile", "compile",
    "open", "input", "__import__" };

template <std::size_t N>
bool oneOf(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t N>
std::optional<DType> typeOf(const std::array<Named, N>& types, std::string_view name)
{
    for (const auto& [known, type] : types)
        if (known == name)
            return type;
    return std::nullopt;
}

bool runsPrograms(std::string_view module, std::string_view name)
{
    if (oneOf(kProgramModules, module.substr(0, module.find('.'))))
        return true;
    return (module == "builtins" || module == "__builtin__") && oneOf(kProgramNames, name);
}

/// Each character of the text, which Python 2's protocol took for a byte; nothing: one is none.
std::optional<std::string> latinBytes(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80U) {
            bytes += text[i];
            continue;
        }
        // U+0080 to U+00FF: two bytes, C2 or C3 and what follows.
        if ((first != 0xC2U && first != 0xC3U) || ++i == text.size())
            return std::nullopt;
        const auto second = static_cast<unsigned char>(text[i]);
        bytes += static_cast<char>(((first & 3U) << 6U) | (second & 0x3FU));
    }
    return bytes;
}

void appendUtf8(std::string& text, unsigned code)
{
    if (code < 0x80U) {
        text += static_cast<char>(code);
        return;
    }
    if (code < 0x800U) {
        text += static_cast<char>(0xC0U | (code >> 6U));
    } else {
        text += static_cast<char>(0xE0U | (code >> 12U));
        text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    }
    text += static_cast<char>(0x80U | (code & 0x3FU));
}

} // namespace

PickleNode* PickleObjects::make(Kind kind)
{
    if (m_nodes.size() >= kMaxNodes)
        m_bytes.fail(
            "pickle too large", "at most " + std::to_string(kMaxNodes) + " values", "more");
    m_nodes.emplace_back().kind = kind;
    return &m_nodes.back();
}

PickleNode* PickleObjects::makeText(Kind kind, std::string_view text)
{
    PickleNode* node = make(kind);
    node->text = text;
    return node;
}

PickleNode* PickleObjects::makeUnescaped(std::string_view line)
{
    std::string text;
    while (!line.empty()) {
        unsigned code = static_cast<unsigned char>(line.front());
        std::size_t used = 1;
        if (line.starts_with("\\u") && line.size() >= 6) {
            const auto [end, fault] = std::from_chars(line.data() + 2, line.data() + 6, code, 16);
            used = fault == std::errc() && end == line.data() + 6 ? 6 : 1;
            if (used == 1)
                code = '\\';
        }
        appendUtf8(text, code);
        line.remove_prefix(used);
    }
    return makeText(Kind::Text, keep(std::move(text)));
}

PickleNode* PickleObjects::opaque(std::string_view name)
{
    return makeText(Kind::Opaque, name);
}

std::string_view PickleObjects::keep(std::string text)
{
    return m_texts.emplace_back(std::move(text));
}

PickleNode* PickleObjects::makeGlobal(std::string_view module, std::string_view name)
{
    std::string whole = std::string(module) + "." + std::string(name);
    if (std::any_of(whole.begin(), whole.end(), [](unsigned char c) { return c < 0x20U; }))
        m_bytes.fail("bad pickle", "a name", whole);
    if (runsPrograms(module, name))
        m_bytes.fail(
            "global " + whole + " is not allowed", "a state dict of tensors", "a call of code");
    return makeText(Kind::Global, keep(std::move(whole)));
}

PickleNode* PickleObjects::tensorOf(std::string_view name, const std::vector<PickleNode*>& given)
{
    if (oneOf(kTensors, name))
        return rebuildTensor(given);
    if (oneOf(kParameters, name) && given.size() >= 2 && given[0]->is(Kind::Tensor))
        return given[0];
    if (name == kTensorOfType && given.size() == 4 && given[0]->is(Kind::Global)
        && oneOf(kTensors, given[0]->text) && given[2]->is(Kind::Tuple))
        return rebuildTensor(given[2]->items);
    return nullptr;
}

PickleNode* PickleObjects::call(const PickleNode& function, const PickleNode& arguments)
{
    if (!function.is(Kind::Global) && !function.is(Kind::Opaque))
        m_bytes.fail("bad pickle", "a function to call", nameOfKind(function.kind));
    const std::string_view name = function.text;
    const auto& given = arguments.items;
    if (function.is(Kind::Opaque))
        return opaque(name);
    if (oneOf(kDicts, name))
        return makeDict(given);
    if (PickleNode* tensor = tensorOf(name, given))
        return tensor;
    if (oneOf(kReconstruct, name))
        return make(Kind::Array);
    if (oneOf(kFromBuffer, name))
        return rebuildFromBuffer(given);
    if (name == kNumberType && !given.empty() && given[0]->isName())
        return makeText(Kind::NumberType, given[0]->text);
    if (name == kEncode)
        return encoded(given);
    if (oneOf(kBytes, name) && (given.empty() || given[0]->is(Kind::Bytes)))
        return makeText(Kind::Bytes, given.empty() ? std::string_view() : given[0]->text);
    return opaque(name);
}

/// A file may name one large dict many times.
void PickleObjects::countCopied(std::size_t items)
{
    m_copied += items;
    if (m_copied > kMaxNodes)
        m_bytes.fail("pickle too large", "at most " + std::to_string(kMaxNodes) + " values copied",
            std::to_string(m_copied));
}

void PickleObjects::copyItems(PickleNode& to, const std::vector<PickleNode*>& items)
{
    countCopied(items.size());
    to.items = items;
}

/// Of nothing, of pairs, or of another dict; a defaultdict has what makes its values first.
PickleNode* PickleObjects::makeDict(const std::vector<PickleNode*>& arguments)
{
    PickleNode* dict = make(Kind::Dict);
    if (arguments.empty())
        return dict;
    const PickleNode& from = *arguments.back();
    if (from.is(Kind::Dict))
        copyItems(*dict, from.items);
    if (from.is(Kind::List)) {
        countCopied(2 * from.items.size());
        for (const PickleNode* pair : from.items) {
            if ((!pair->is(Kind::List) && !pair->is(Kind::Tuple)) || pair->items.size() != 2)
                m_bytes.fail("bad pickle", "a dict of keys and values", nameOfKind(pair->kind));
            dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
        }
    }
    return dict;
}

/// (text, "latin1"): how protocol 2 of Python 3 writes bytes.
PickleNode* PickleObjects::encoded(const std::vector<PickleNode*>& arguments)
{
    if (arguments.empty() || !arguments[0]->is(Kind::Text))
        return opaque(kEncode);
    const std::string_view text = arguments[0]->text;
    m_encoded += text.size();
    if (m_encoded > m_bytes.position() + m_bytes.left() + kFreeBytes)
        m_bytes.fail("pickle too large", "each text encoded once", "many times");
    auto bytes = latinBytes(text);
    if (!bytes)
        return opaque(kEncode);
    return makeText(Kind::Bytes, keep(std::move(*bytes)));
}

/// (storage, offset, shape, strides[, requires_grad, hooks[, metadata]])
PickleNode* PickleObjects::rebuildTensor(const std::vector<PickleNode*>& arguments)
{
    const bool counted = arguments.size() >= 4 && arguments.size() <= 7;
    if (counted && arguments[0]->is(Kind::Opaque))
        return opaque(arguments[0]->text); // of numbers that are no weights
    const bool shaped = counted && arguments[0]->is(Kind::Storage) && arguments[1]->is(Kind::Int)
        && arguments[2]->is(Kind::Tuple) && arguments[3]->is(Kind::Tuple);
    if (!shaped)
        m_bytes.fail("bad pickle", "(storage, offset, shape, strides, ...) of a tensor", "others");
    PickleNode* node = make(Kind::Tensor);
    node->storage = arguments[0];
    node->number = arguments[1]->number;
    node->shape = numbersOf(*arguments[2], "shape");
    node->strides = numbersOf(*arguments[3], "strides");
    if (node->shape.size() != node->strides.size() || node->number < 0)
        m_bytes.fail("bad tensor", "as many strides as dimensions, an offset of 0 or more",
            std::to_string(node->shape.size()) + " and " + std::to_string(node->strides.size())
                + ", offset " + std::to_string(node->number));
    return node;
}

/// (bytes, type, shape, order): an array in protocol 5.
PickleNode* PickleObjects::rebuildFromBuffer(const std::vector<PickleNode*>& arguments)
{
    if (arguments.size() != 4 || !arguments[3]->isName())
        m_bytes.fail("bad pickle", "(bytes, type, shape, order) of an array", "others");
    PickleNode* array = make(Kind::Array);
    fill(*array, *arguments[2], *arguments[1], arguments[3]->text == "F", *arguments[0]);
    return array;
}

/// Gives an array its numbers; one of objects becomes a list of them, one of numbers that no weight
/// has an opaque value.
void PickleObjects::fill(PickleNode& array, const PickleNode& shape, const PickleNode& type,
    bool columns, const PickleNode& numbers)
{
    if (!shape.is(Kind::Tuple) || !type.is(Kind::NumberType))
        m_bytes.fail("bad array", "a shape and a type of numbers", nameOfKind(type.kind));
    if (numbers.is(Kind::List)) {
        array.kind = Kind::List;
        copyItems(array, numbers.items);
        return;
    }
    const auto dtype = typeOf(kNumberTypes, type.text);
    if (!dtype || type.bigEndian || !numbers.isName()) {
        array.kind = Kind::Opaque;
        array.text = "numpy.ndarray";
        return;
    }
    array.kind = Kind::Tensor;
    array.dtype = *dtype;
    array.shape = numbersOf(shape, "shape");
    array.text = numbers.text;
    const auto bytes = byteCount(array.shape, array.dtype);
    if (!bytes || *bytes != array.text.size())
        m_bytes.fail("bad array", shapeText(array.shape) + " of " + nameOf(array.dtype),
            std::to_string(array.text.size()) + " bytes");
    array.strides.resize(array.shape.size());
    std::int64_t stride = 1;
    for (std::size_t i = 0; i < array.shape.size(); ++i) {
        const std::size_t axis = columns ? i : array.shape.size() - 1 - i;
        array.strides[axis] = stride;
        stride *= std::max<std::int64_t>(array.shape[axis], 1);
    }
}

void PickleObjects::build(PickleNode& object, const PickleNode& state)
{
    switch (object.kind) {
    case Kind::Array: { // ([version,] shape, type, in columns, numbers)
        const std::size_t first = state.items.size() == 5 ? 1 : 0;
        if (!state.is(Kind::Tuple) || state.items.size() - first != 4)
            m_bytes.fail("bad array", "(version, shape, type, order, numbers)", "others");
        fill(object, *state.items[first], *state.items[first + 1],
            state.items[first + 2]->number != 0, *state.items[first + 3]);
        break;
    }
    case Kind::NumberType: // (version, byte order, ...)
        object.bigEndian = state.is(Kind::Tuple) && state.items.size() > 1
            && state.items[1]->isName() && state.items[1]->text == ">";
        break;
    case Kind::Dict: // torch hangs the version numbers of modules onto it
    case Kind::Tensor: // a parameter's attributes
    case Kind::Opaque: // nothing needs any of them
        break;
    default:
        m_bytes.fail("bad pickle", "an object to build", nameOfKind(object.kind));
    }
}

PickleNode* PickleObjects::persistent(const PickleNode& id)
{
    const auto& items = id.items;
    const bool named = id.is(Kind::Tuple) && !items.empty() && items[0]->is(Kind::Text);
    if (named && items[0]->text == "module") // a class with its source, of torch before 1.6
        return opaque("a class");
    const bool shaped = named && (items.size() == 5 || items.size() == 6)
        && items[0]->text == "storage" && items[1]->is(Kind::Global) && items[2]->is(Kind::Text)
        && items[3]->is(Kind::Text) && items[4]->is(Kind::Int);
    if (!shaped)
        m_bytes.fail(
            "bad pickle", "('storage', type, key, location, elements)", "another persistent id");
    const auto dtype = typeOf(kStorages, items[1]->text);
    if (!dtype)
        return opaque(items[1]->text);
    if (items.size() == 6 && !items[5]->is(Kind::None))
        m_bytes.fail("unsupported checkpoint", "whole storages", "a view of a storage");
    if (items[4]->number < 0)
        m_bytes.fail("bad storage", "0 elements or more", std::to_string(items[4]->number));
    PickleNode* node = makeText(Kind::Storage, items[2]->text);
    node->dtype = *dtype;
    node->number = items[4]->number;
    m_storages.emplace(std::string(node->text), node);
    return node;
}

std::vector<std::int64_t> PickleObjects::numbersOf(const PickleNode& tuple, const char* what) const
{
    std::vector<std::int64_t> numbers;
    if (tuple.items.size() > kMaxDimensions)
        m_bytes.fail(std::string("bad tensor ") + what,
            "at most " + std::to_string(kMaxDimensions) + " dimensions",
            std::to_string(tuple.items.size()));
    for (const PickleNode* item : tuple.items) {
        if (!item->is(Kind::Int) || item->number < 0)
            m_bytes.fail(std::string("bad tensor ") + what, "integers of 0 or more",
                item->is(Kind::Int) ? std::to_string(item->number) : nameOfKind(item->kind));
        numbers.push_back(item->number);
    }
    return numbers;
}

} // namespace crossiter::detail
