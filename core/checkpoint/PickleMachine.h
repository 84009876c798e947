#pragma once

// Private to core/checkpoint: a pickle, read without executing anything.

#include "core/checkpoint/StateDict.h"

#include <deque>
#include <map>
#include <optional>
#include <string_view>

namespace crossiter::detail {

/// A value of the pickle. Nodes belong to the machine and may refer to each other in circles.
struct PickleNode
{
    enum class Kind
    {
        None,
        Bool,
        Int,
        Long,
        Float,
        Text,
        Tuple,
        List,
        Dict,
        Global,
        Storage,
        Tensor
    };

    Kind kind = Kind::None;
    DType dtype = DType::F32; ///< Storage
    bool ordered = false; ///< Dict: it is an OrderedDict
    std::int64_t number = 0; ///< Bool, Int; Storage: elements; Tensor: offset in elements
    std::string text; ///< Text; Long: little-endian bytes; Global: "module.name"; Storage: key
    std::vector<PickleNode*> items; ///< Tuple, List; Dict: key, value, key, value ...
    PickleNode* storage = nullptr; ///< Tensor
    std::vector<std::int64_t> shape; ///< Tensor
    std::vector<std::int64_t> strides; ///< Tensor, in elements

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
    /// The value of a text key of a Dict; nullptr when it is absent.
    [[nodiscard]] const PickleNode* at(std::string_view key) const;
};

/// Reads pickles of protocol 2 to 5 that torch.save writes for state dicts. It knows an allow-list
/// of opcodes and of globals; a global is a name and nothing else, a call builds one of three known
/// kinds of node. Everything else is refused by name with Error(BadInput).
class PickleMachine
{
public:
    /// place: the path, for errors. bytes: outlives nothing, texts are copied.
    PickleMachine(std::span<const std::uint8_t> bytes, std::string place);

    /// The next pickle, up to its STOP; position() is then behind it. Nodes live as long as this.
    const PickleNode& load();

    [[nodiscard]] std::size_t position() const { return m_at; } ///< bytes used so far

    /// The storages that the pickles named so far, by key: the first node that named each.
    [[nodiscard]] const std::map<std::string, const PickleNode*>& storages() const
    {
        return m_storages;
    }

private:
    [[noreturn]] void fail(const std::string& text, const std::string& expected = {},
        const std::string& found = {}) const;
    std::span<const std::uint8_t> take(std::uint64_t count);
    std::uint64_t takeNumber(std::size_t bytes);
    std::string takeLine();

    PickleNode* make(PickleNode::Kind kind);
    PickleNode* makeInt(std::int64_t number);
    PickleNode* makeText(std::uint64_t length);
    PickleNode* makeGlobal(std::string name);
    void makeLong();
    void push(PickleNode* node);
    PickleNode* pop();
    std::vector<PickleNode*> popToMark();
    PickleNode& top(PickleNode::Kind kind, const char* what);
    void memoize(std::uint64_t index);
    void recall(std::uint64_t index);

    bool step(std::uint8_t opcode); ///< false at STOP
    bool stepScalar(std::uint8_t opcode); ///< false: not one of its opcodes
    bool stepContainer(std::uint8_t opcode);
    bool stepMemo(std::uint8_t opcode);
    void makeTuple(std::size_t count);
    void setItems(const std::vector<PickleNode*>& items);
    void append(const std::vector<PickleNode*>& items);
    void loadPersistent();
    void call();
    PickleNode* rebuildTensor(const std::vector<PickleNode*>& arguments);
    std::vector<std::int64_t> numbersOf(const PickleNode& tuple, const char* what) const;

    std::span<const std::uint8_t> m_bytes;
    std::string m_place;
    std::size_t m_at = 0;
    std::deque<PickleNode> m_nodes;
    std::map<std::string, const PickleNode*> m_storages;
    std::vector<PickleNode*> m_stack;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::vector<PickleNode*> m_memo;
};

} // namespace crossiter::detail
