#include "core/checkpoint/PickleMachine.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"

#include <array>
#include <optional>

namespace crossiter::detail {

namespace {

// Far above any state dict, far below what hurts: 1000 tensors take some 20,000 nodes.
constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxDimensions = 16;

using Kind = PickleNode::Kind;

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";

struct StorageName
{
    std::string_view name;
    DType dtype;
};
constexpr std::array<StorageName, 10> kStorages = { {
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

std::optional<DType> storageType(std::string_view global)
{
    for (const StorageName& storage : kStorages)
        if (storage.name == global)
            return storage.dtype;
    return std::nullopt;
}

bool allowed(std::string_view global)
{
    return global == kOrderedDict || global == kRebuildTensor || global == kRebuildParameter
        || storageType(global).has_value();
}

/// Opcodes that this machine reads, by their names in Python's pickletools.
enum Opcode : std::uint8_t
{
    OpMark = '(',
    OpStop = '.',
    OpBinInt = 'J',
    OpBinInt1 = 'K',
    OpBinInt2 = 'M',
    OpNone = 'N',
    OpBinPersId = 'Q',
    OpReduce = 'R',
    OpBinUnicode = 'X',
    OpAppend = 'a',
    OpBuild = 'b',
    OpGlobal = 'c',
    OpAppends = 'e',
    OpBinGet = 'h',
    OpLongBinGet = 'j',
    OpBinPut = 'q',
    OpLongBinPut = 'r',
    OpSetItem = 's',
    OpTuple = 't',
    OpSetItems = 'u',
    OpEmptyDict = '}',
    OpEmptyList = ']',
    OpEmptyTuple = ')',
    OpBinFloat = 'G',
    OpProto = 0x80,
    OpTuple1 = 0x85,
    OpTuple2 = 0x86,
    OpTuple3 = 0x87,
    OpNewTrue = 0x88,
    OpNewFalse = 0x89,
    OpLong1 = 0x8a,
    OpShortBinUnicode = 0x8c,
    OpBinUnicode8 = 0x8d,
    OpStackGlobal = 0x93,
    OpMemoize = 0x94,
    OpFrame = 0x95,
};

} // namespace

PickleMachine::PickleMachine(std::span<const std::uint8_t> bytes, std::string place)
    : m_bytes(bytes, std::move(place))
    , m_stack(m_bytes)
{
}

PickleNode* PickleMachine::make(Kind kind)
{
    if (m_nodes.size() >= kMaxNodes)
        m_bytes.fail(
            "pickle too large", "at most " + std::to_string(kMaxNodes) + " values", "more");
    m_nodes.emplace_back().kind = kind;
    return &m_nodes.back();
}

PickleNode* PickleMachine::makeInt(std::int64_t number)
{
    PickleNode* node = make(Kind::Int);
    node->number = number;
    return node;
}

PickleNode* PickleMachine::makeText(std::uint64_t length)
{
    const auto bytes = m_bytes.take(length);
    PickleNode* node = make(Kind::Text);
    node->text.assign(bytes.begin(), bytes.end());
    return node;
}

PickleNode* PickleMachine::makeGlobal(std::string name)
{
    if (!allowed(name))
        m_bytes.fail(
            "global " + name + " is not allowed", "a state dict of tensors", "a call of code");
    PickleNode* node = make(Kind::Global);
    node->text = std::move(name);
    return node;
}

void PickleMachine::makeLong()
{
    const auto bytes = m_bytes.take(m_bytes.takeNumber(1));
    PickleNode* node = make(bytes.size() <= 8 ? Kind::Int : Kind::Long);
    if (node->is(Kind::Long)) {
        node->text.assign(bytes.begin(), bytes.end());
    } else if (!bytes.empty()) {
        // Two's complement, as many bytes as needed: the last one carries the sign.
        std::uint64_t number = (bytes.back() & 0x80U) != 0U ? ~std::uint64_t { 0 } : 0;
        for (std::size_t i = bytes.size(); i-- > 0;)
            number = (number << 8U) | bytes[i];
        node->number = static_cast<std::int64_t>(number);
    }
    m_stack.push(node);
}

const PickleNode& PickleMachine::load()
{
    m_stack.clear();
    while (step(static_cast<std::uint8_t>(m_bytes.takeNumber(1)))) { }
    return m_stack.last();
}

bool PickleMachine::step(std::uint8_t opcode)
{
    if (stepScalar(opcode) || stepContainer(opcode) || stepMemo(opcode))
        return true;
    switch (opcode) {
    case OpStop:
        return false;
    case OpProto: {
        const std::uint64_t protocol = m_bytes.takeNumber(1);
        if (protocol < 2 || protocol > 5)
            m_bytes.fail("unknown pickle protocol", "2 to 5", std::to_string(protocol));
        break;
    }
    case OpFrame: {
        const std::uint64_t length = m_bytes.takeNumber(8);
        if (length > m_bytes.left())
            m_bytes.fail("truncated pickle", "a frame of " + std::to_string(length) + " bytes",
                std::to_string(m_bytes.left()));
        break;
    }
    case OpGlobal: {
        const std::string module = m_bytes.takeLine();
        m_stack.push(makeGlobal(module + "." + m_bytes.takeLine()));
        break;
    }
    case OpStackGlobal: {
        const std::string name = m_stack.top(Kind::Text, "a name").text;
        m_stack.pop();
        const std::string module = m_stack.top(Kind::Text, "a module's name").text;
        m_stack.pop();
        m_stack.push(makeGlobal(module + "." + name));
        break;
    }
    case OpReduce:
        call();
        break;
    case OpBinPersId:
        loadPersistent();
        break;
    case OpBuild:
        // torch hangs the version numbers of modules onto the dict here; nothing needs them.
        m_stack.top(Kind::Dict, "a dict as state");
        m_stack.pop();
        if (!m_stack.top(Kind::Dict, "an OrderedDict to build").ordered)
            m_bytes.fail("bad pickle", "an OrderedDict to build", "a dict");
        break;
    default:
        m_bytes.putBackOne();
        m_bytes.fail("pickle opcode 0x" + hexText(opcode, 2) + " is not allowed",
            "a state dict of tensors", "an opcode outside the list");
    }
    return true;
}

bool PickleMachine::stepScalar(std::uint8_t opcode)
{
    switch (opcode) {
    case OpNone:
        m_stack.push(make(Kind::None));
        return true;
    case OpNewTrue:
    case OpNewFalse: {
        PickleNode* node = make(Kind::Bool);
        node->number = opcode == OpNewTrue ? 1 : 0;
        m_stack.push(node);
        return true;
    }
    case OpBinInt:
        m_stack.push(makeInt(static_cast<std::int32_t>(m_bytes.takeNumber(4))));
        return true;
    case OpBinInt1:
        m_stack.push(makeInt(static_cast<std::int64_t>(m_bytes.takeNumber(1))));
        return true;
    case OpBinInt2:
        m_stack.push(makeInt(static_cast<std::int64_t>(m_bytes.takeNumber(2))));
        return true;
    case OpLong1:
        makeLong();
        return true;
    case OpBinFloat: // a learning rate or the like beside the state dict: its value is not needed
        m_bytes.takeNumber(8);
        m_stack.push(make(Kind::Float));
        return true;
    case OpShortBinUnicode:
        m_stack.push(makeText(m_bytes.takeNumber(1)));
        return true;
    case OpBinUnicode:
        m_stack.push(makeText(m_bytes.takeNumber(4)));
        return true;
    case OpBinUnicode8:
        m_stack.push(makeText(m_bytes.takeNumber(8)));
        return true;
    default:
        return false;
    }
}

bool PickleMachine::stepContainer(std::uint8_t opcode)
{
    switch (opcode) {
    case OpMark:
        m_stack.mark();
        return true;
    case OpEmptyTuple:
        m_stack.push(make(Kind::Tuple));
        return true;
    case OpEmptyList:
        m_stack.push(make(Kind::List));
        return true;
    case OpEmptyDict:
        m_stack.push(make(Kind::Dict));
        return true;
    case OpTuple: {
        PickleNode* node = make(Kind::Tuple);
        node->items = m_stack.popToMark();
        m_stack.push(node);
        return true;
    }
    case OpTuple1:
    case OpTuple2:
    case OpTuple3:
        makeTuple(static_cast<std::size_t>(opcode - OpTuple1) + 1);
        return true;
    case OpSetItem: {
        PickleNode* value = m_stack.pop();
        PickleNode* key = m_stack.pop();
        setItems({ key, value });
        return true;
    }
    case OpSetItems:
        setItems(m_stack.popToMark());
        return true;
    case OpAppend:
        append({ m_stack.pop() });
        return true;
    case OpAppends:
        append(m_stack.popToMark());
        return true;
    default:
        return false;
    }
}

bool PickleMachine::stepMemo(std::uint8_t opcode)
{
    switch (opcode) {
    case OpBinPut:
        m_stack.memoize(m_bytes.takeNumber(1));
        return true;
    case OpLongBinPut:
        m_stack.memoize(m_bytes.takeNumber(4));
        return true;
    case OpMemoize:
        m_stack.memoizeNext();
        return true;
    case OpBinGet:
        m_stack.recall(m_bytes.takeNumber(1));
        return true;
    case OpLongBinGet:
        m_stack.recall(m_bytes.takeNumber(4));
        return true;
    default:
        return false;
    }
}

void PickleMachine::makeTuple(std::size_t count)
{
    PickleNode* node = make(Kind::Tuple);
    node->items.resize(count);
    for (std::size_t i = count; i-- > 0;)
        node->items[i] = m_stack.pop();
    m_stack.push(node);
}

void PickleMachine::setItems(const std::vector<PickleNode*>& items)
{
    if (items.size() % 2 != 0)
        m_bytes.fail(
            "bad pickle", "keys and values in pairs", std::to_string(items.size()) + " values");
    PickleNode& dict = m_stack.top(Kind::Dict, "a dict to fill");
    dict.items.insert(dict.items.end(), items.begin(), items.end());
}

void PickleMachine::append(const std::vector<PickleNode*>& items)
{
    PickleNode& list = m_stack.top(Kind::List, "a list to fill");
    list.items.insert(list.items.end(), items.begin(), items.end());
}

/// ("storage", torch.XStorage, key, location, elements[, view]): where a tensor's bytes are.
void PickleMachine::loadPersistent()
{
    const PickleNode& id = m_stack.top(Kind::Tuple, "a tuple that names a storage");
    m_stack.pop();
    const auto& items = id.items;
    const bool shaped = (items.size() == 5 || items.size() == 6) && items[0]->is(Kind::Text)
        && items[0]->text == "storage" && items[1]->is(Kind::Global) && items[2]->is(Kind::Text)
        && items[3]->is(Kind::Text) && items[4]->is(Kind::Int);
    const auto dtype = shaped ? storageType(items[1]->text) : std::nullopt;
    if (!dtype)
        m_bytes.fail(
            "bad pickle", "('storage', type, key, location, elements)", "another persistent id");
    if (items.size() == 6 && !items[5]->is(Kind::None))
        m_bytes.fail("unsupported checkpoint", "whole storages", "a view of a storage");
    if (items[4]->number < 0)
        m_bytes.fail("bad storage", "0 elements or more", std::to_string(items[4]->number));
    PickleNode* node = make(Kind::Storage);
    node->dtype = *dtype;
    node->text = items[2]->text;
    node->number = items[4]->number;
    m_storages.emplace(node->text, node);
    m_stack.push(node);
}

void PickleMachine::call()
{
    const auto arguments = m_stack.top(Kind::Tuple, "a tuple of arguments").items;
    m_stack.pop();
    const std::string& function = m_stack.top(Kind::Global, "an allowed function").text;
    m_stack.pop();
    if (function == kOrderedDict && arguments.empty()) {
        PickleNode* node = make(Kind::Dict);
        node->ordered = true;
        m_stack.push(node);
    } else if (function == kRebuildTensor) {
        m_stack.push(rebuildTensor(arguments));
    } else if (function == kRebuildParameter && arguments.size() >= 2
        && arguments[0]->is(Kind::Tensor)) {
        m_stack.push(arguments[0]);
    } else {
        m_bytes.fail("bad pickle", "a known call",
            function + " with " + std::to_string(arguments.size()) + " arguments");
    }
}

/// (storage, offset, shape, strides, requires_grad, hooks[, metadata])
PickleNode* PickleMachine::rebuildTensor(const std::vector<PickleNode*>& arguments)
{
    const bool shaped = (arguments.size() == 6 || arguments.size() == 7)
        && arguments[0]->is(Kind::Storage) && arguments[1]->is(Kind::Int)
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

std::vector<std::int64_t> PickleMachine::numbersOf(const PickleNode& tuple, const char* what) const
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
