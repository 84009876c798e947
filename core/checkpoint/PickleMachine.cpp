#include "core/checkpoint/PickleMachine.h"

#include "core/base/Numbers.h"

#include <charconv>
#include <utility>

namespace crossiter::detail {

namespace {

constexpr std::size_t kMaxDigits = 4096; ///< of a number as text
constexpr std::size_t kMaxLine = 1U << 20U; ///< of a text as a line
/// Some opcodes make no value: a file of marks alone must not take minutes.
constexpr std::size_t kMaxSteps = 1U << 24U;

using Kind = PickleNode::Kind;

/// Opcodes by their names in Python's pickletools.
enum Opcode : std::uint8_t
{
    OpMark = '(',
    OpStop = '.',
    OpPop = '0',
    OpPopMark = '1',
    OpDup = '2',
    OpFloat = 'F',
    OpInt = 'I',
    OpBinInt = 'J',
    OpBinInt1 = 'K',
    OpLong = 'L',
    OpBinInt2 = 'M',
    OpNone = 'N',
    OpBinPersId = 'Q',
    OpReduce = 'R',
    OpString = 'S',
    OpBinString = 'T',
    OpShortBinString = 'U',
    OpUnicode = 'V',
    OpBinUnicode = 'X',
    OpAppend = 'a',
    OpBuild = 'b',
    OpGlobal = 'c',
    OpDict = 'd',
    OpAppends = 'e',
    OpGet = 'g',
    OpBinGet = 'h',
    OpInst = 'i',
    OpLongBinGet = 'j',
    OpList = 'l',
    OpObj = 'o',
    OpPut = 'p',
    OpBinPut = 'q',
    OpLongBinPut = 'r',
    OpSetItem = 's',
    OpTuple = 't',
    OpSetItems = 'u',
    OpEmptyDict = '}',
    OpEmptyList = ']',
    OpEmptyTuple = ')',
    OpBinBytes = 'B',
    OpShortBinBytes = 'C',
    OpBinFloat = 'G',
    OpProto = 0x80,
    OpNewObj = 0x81,
    OpExt1 = 0x82,
    OpExt2 = 0x83,
    OpExt4 = 0x84,
    OpTuple1 = 0x85,
    OpTuple2 = 0x86,
    OpTuple3 = 0x87,
    OpNewTrue = 0x88,
    OpNewFalse = 0x89,
    OpLong1 = 0x8a,
    OpLong4 = 0x8b,
    OpShortBinUnicode = 0x8c,
    OpBinUnicode8 = 0x8d,
    OpBinBytes8 = 0x8e,
    OpEmptySet = 0x8f,
    OpAddItems = 0x90,
    OpFrozenSet = 0x91,
    OpNewObjEx = 0x92,
    OpStackGlobal = 0x93,
    OpMemoize = 0x94,
    OpFrame = 0x95,
    OpByteArray8 = 0x96,
    OpReadOnlyBuffer = 0x98,
};

} // namespace

PickleMachine::PickleMachine(std::span<const std::uint8_t> bytes, std::string place)
    : m_bytes(bytes, std::move(place))
    , m_stack(m_bytes)
    , m_objects(m_bytes)
{
}

void PickleMachine::pushNumber(Kind kind, std::int64_t number)
{
    PickleNode* node = m_objects.make(kind);
    node->number = number;
    m_stack.push(node);
}

void PickleMachine::pushLong(std::uint64_t count)
{
    const auto bytes = m_bytes.take(count);
    if (bytes.size() > 8) {
        m_stack.push(m_objects.makeText(
            Kind::Long, { reinterpret_cast<const char*>(bytes.data()), bytes.size() }));
        return;
    }
    // Two's complement, as many bytes as needed: the last one carries the sign.
    std::uint64_t number =
        !bytes.empty() && (bytes.back() & 0x80U) != 0U ? ~std::uint64_t { 0 } : 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        number = (number << 8U) | bytes[i];
    pushNumber(Kind::Int, static_cast<std::int64_t>(number));
}

/// "12", "-7L"; "00" and "01" are False and True.
void PickleMachine::pushDecimal(std::string_view line)
{
    if (line == "00" || line == "01") {
        pushNumber(Kind::Bool, line == "01" ? 1 : 0);
        return;
    }
    if (line.ends_with('L'))
        line.remove_suffix(1);
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (fault == std::errc::result_out_of_range) {
        m_stack.push(m_objects.make(Kind::Long));
        return;
    }
    if (fault != std::errc() || end != line.data() + line.size())
        m_bytes.fail("bad pickle", "an integer", std::string(line.substr(0, 40)));
    pushNumber(Kind::Int, number);
}

void PickleMachine::pushText(Kind kind, std::uint64_t length)
{
    const auto bytes = m_bytes.take(length);
    m_stack.push(
        m_objects.makeText(kind, { reinterpret_cast<const char*>(bytes.data()), bytes.size() }));
}

/// 'text' as Python 2 shows it. Escapes stay as they are: names have none.
void PickleMachine::pushQuoted(std::string_view line)
{
    if (line.size() < 2 || line.front() != line.back()
        || (line.front() != '\'' && line.front() != '"'))
        m_bytes.fail("bad pickle", "a text in quotes", std::string(line.substr(0, 40)));
    m_stack.push(m_objects.makeText(Kind::Bytes, line.substr(1, line.size() - 2)));
}

void PickleMachine::pushOf(Kind kind, std::vector<PickleNode*> items)
{
    if (kind == Kind::Dict && items.size() % 2 != 0)
        m_bytes.fail(
            "bad pickle", "keys and values in pairs", std::to_string(items.size()) + " values");
    PickleNode* node = m_objects.make(kind);
    node->items = std::move(items);
    m_stack.push(node);
}

const PickleNode& PickleMachine::load()
{
    m_stack.clear();
    while (step(static_cast<std::uint8_t>(m_bytes.takeNumber(1))))
        if (++m_steps > kMaxSteps)
            m_bytes.fail(
                "pickle too large", "at most " + std::to_string(kMaxSteps) + " opcodes", "more");
    return m_stack.last();
}

bool PickleMachine::step(std::uint8_t opcode)
{
    if (stepNumber(opcode) || stepText(opcode) || stepContainer(opcode) || stepFill(opcode)
        || stepObject(opcode) || stepMemo(opcode))
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
    case OpReadOnlyBuffer:
        break;
    default:
        m_bytes.putBackOne();
        m_bytes.fail("pickle opcode 0x" + hexText(opcode, 2) + " is not allowed",
            "a state dict of tensors", "an opcode outside the list");
    }
    return true;
}

bool PickleMachine::stepNumber(std::uint8_t opcode)
{
    switch (opcode) {
    case OpNone:
        m_stack.push(m_objects.make(Kind::None));
        return true;
    case OpNewTrue:
    case OpNewFalse:
        pushNumber(Kind::Bool, opcode == OpNewTrue ? 1 : 0);
        return true;
    case OpBinInt:
        pushNumber(Kind::Int, static_cast<std::int32_t>(m_bytes.takeNumber(4)));
        return true;
    case OpBinInt1:
        pushNumber(Kind::Int, static_cast<std::int64_t>(m_bytes.takeNumber(1)));
        return true;
    case OpBinInt2:
        pushNumber(Kind::Int, static_cast<std::int64_t>(m_bytes.takeNumber(2)));
        return true;
    case OpLong1:
        pushLong(m_bytes.takeNumber(1));
        return true;
    case OpLong4:
        pushLong(m_bytes.takeNumber(4)); // a negative length is beyond the file
        return true;
    case OpInt:
    case OpLong:
        pushDecimal(m_bytes.takeLine(kMaxDigits));
        return true;
    case OpBinFloat: // a learning rate or the like beside the state dict: its value is not needed
    case OpFloat:
        if (opcode == OpFloat)
            (void)m_bytes.takeLine(kMaxDigits);
        else
            m_bytes.takeNumber(8);
        m_stack.push(m_objects.make(Kind::Float));
        return true;
    default:
        return false;
    }
}

bool PickleMachine::stepText(std::uint8_t opcode)
{
    switch (opcode) {
    case OpShortBinUnicode:
        pushText(Kind::Text, m_bytes.takeNumber(1));
        return true;
    case OpBinUnicode:
        pushText(Kind::Text, m_bytes.takeNumber(4));
        return true;
    case OpBinUnicode8:
        pushText(Kind::Text, m_bytes.takeNumber(8));
        return true;
    case OpUnicode:
        m_stack.push(m_objects.makeUnescaped(m_bytes.takeLine(kMaxLine)));
        return true;
    case OpShortBinBytes:
    case OpShortBinString:
        pushText(Kind::Bytes, m_bytes.takeNumber(1));
        return true;
    case OpBinBytes:
    case OpBinString:
        pushText(Kind::Bytes, m_bytes.takeNumber(4));
        return true;
    case OpBinBytes8:
    case OpByteArray8:
        pushText(Kind::Bytes, m_bytes.takeNumber(8));
        return true;
    case OpString:
        pushQuoted(m_bytes.takeLine(kMaxLine));
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
        pushOf(Kind::Tuple, {});
        return true;
    case OpEmptyList:
        pushOf(Kind::List, {});
        return true;
    case OpEmptyDict:
        pushOf(Kind::Dict, {});
        return true;
    case OpEmptySet:
        m_stack.push(m_objects.makeText(Kind::Opaque, "a set"));
        return true;
    case OpTuple:
        pushOf(Kind::Tuple, m_stack.popToMark());
        return true;
    case OpList:
        pushOf(Kind::List, m_stack.popToMark());
        return true;
    case OpDict:
        pushOf(Kind::Dict, m_stack.popToMark());
        return true;
    case OpFrozenSet:
        (void)m_stack.popToMark();
        m_stack.push(m_objects.makeText(Kind::Opaque, "a set"));
        return true;
    case OpTuple1:
    case OpTuple2:
    case OpTuple3: {
        std::vector<PickleNode*> items(static_cast<std::size_t>(opcode - OpTuple1) + 1);
        for (std::size_t i = items.size(); i-- > 0;)
            items[i] = m_stack.pop();
        pushOf(Kind::Tuple, std::move(items));
        return true;
    }
    default:
        return false;
    }
}

bool PickleMachine::stepFill(std::uint8_t opcode)
{
    switch (opcode) {
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
    case OpAddItems:
        (void)m_stack.popToMark();
        return true;
    default:
        return false;
    }
}

bool PickleMachine::stepObject(std::uint8_t opcode)
{
    switch (opcode) {
    case OpGlobal: {
        const std::string_view module = m_bytes.takeLine();
        m_stack.push(m_objects.makeGlobal(module, m_bytes.takeLine()));
        return true;
    }
    case OpStackGlobal: {
        const std::string_view name = m_stack.top(Kind::Text, "a name").text;
        m_stack.pop();
        const std::string_view module = m_stack.top(Kind::Text, "a module's name").text;
        m_stack.pop();
        m_stack.push(m_objects.makeGlobal(module, name));
        return true;
    }
    case OpExt1: // a number of a registry that nobody asks
    case OpExt2:
    case OpExt4:
        (void)m_bytes.take(opcode == OpExt1 ? 1 : opcode == OpExt2 ? 2 : 4);
        m_stack.push(m_objects.makeText(Kind::Opaque, "a registered object"));
        return true;
    case OpNewObjEx:
        (void)m_stack.pop(); // arguments by name
        [[fallthrough]];
    case OpNewObj:
    case OpReduce: {
        const PickleNode& arguments = popTuple("a tuple of arguments");
        m_stack.push(m_objects.call(*m_stack.pop(), arguments));
        return true;
    }
    case OpInst: {
        const std::string_view module = m_bytes.takeLine();
        const PickleNode* type = m_objects.makeGlobal(module, m_bytes.takeLine());
        pushOf(Kind::Tuple, m_stack.popToMark());
        m_stack.push(m_objects.call(*type, popTuple("arguments")));
        return true;
    }
    case OpObj: {
        const std::vector<PickleNode*> items = m_stack.popToMark();
        if (items.empty())
            m_bytes.fail("bad pickle", "a class to make an object of", "nothing");
        const PickleNode& type = *items.front();
        pushOf(Kind::Tuple, { items.begin() + 1, items.end() });
        m_stack.push(m_objects.call(type, popTuple("arguments")));
        return true;
    }
    case OpBuild: {
        const PickleNode& state = *m_stack.pop();
        PickleNode* object = m_stack.pop();
        m_objects.build(*object, state);
        m_stack.push(object);
        return true;
    }
    case OpBinPersId:
        m_stack.push(m_objects.persistent(*m_stack.pop()));
        return true;
    default:
        return false;
    }
}

bool PickleMachine::stepMemo(std::uint8_t opcode)
{
    switch (opcode) {
    case OpPut:
        m_stack.memoize(index(m_bytes.takeLine()));
        return true;
    case OpBinPut:
        m_stack.memoize(m_bytes.takeNumber(1));
        return true;
    case OpLongBinPut:
        m_stack.memoize(m_bytes.takeNumber(4));
        return true;
    case OpMemoize:
        m_stack.memoizeNext();
        return true;
    case OpGet:
        m_stack.recall(index(m_bytes.takeLine()));
        return true;
    case OpBinGet:
        m_stack.recall(m_bytes.takeNumber(1));
        return true;
    case OpLongBinGet:
        m_stack.recall(m_bytes.takeNumber(4));
        return true;
    case OpPop:
        m_stack.discard();
        return true;
    case OpPopMark:
        (void)m_stack.popToMark();
        return true;
    case OpDup: {
        PickleNode* top = m_stack.pop();
        m_stack.push(top);
        m_stack.push(top);
        return true;
    }
    default:
        return false;
    }
}

PickleNode& PickleMachine::popTuple(const char* what)
{
    PickleNode& tuple = m_stack.top(Kind::Tuple, what);
    m_stack.pop();
    return tuple;
}

std::uint64_t PickleMachine::index(std::string_view line) const
{
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (fault != std::errc() || end != line.data() + line.size())
        m_bytes.fail("bad pickle", "the number of a remembered value", std::string(line));
    return number;
}

void PickleMachine::setItems(const std::vector<PickleNode*>& items)
{
    if (items.size() % 2 != 0)
        m_bytes.fail(
            "bad pickle", "keys and values in pairs", std::to_string(items.size()) + " values");
    PickleNode* object = m_stack.pop();
    if (object->is(Kind::Opaque)) // of a class: what is filled like a dict is read as one
        object->kind = Kind::Dict;
    if (!object->is(Kind::Dict))
        m_bytes.fail("bad pickle", "a dict to fill", nameOfKind(object->kind));
    object->items.insert(object->items.end(), items.begin(), items.end());
    m_stack.push(object);
}

void PickleMachine::append(const std::vector<PickleNode*>& items)
{
    PickleNode* object = m_stack.pop();
    if (object->is(Kind::List))
        object->items.insert(object->items.end(), items.begin(), items.end());
    else if (!object->is(Kind::Opaque)) // of a class: nobody asks for what is in it
        m_bytes.fail("bad pickle", "a list to fill", nameOfKind(object->kind));
    m_stack.push(object);
}

} // namespace crossiter::detail
