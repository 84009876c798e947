#pragma once

// Private to core/checkpoint: a pickle, read without executing anything.

#include "core/checkpoint/PickleBytes.h"
#include "core/checkpoint/PickleNode.h"
#include "core/checkpoint/PickleStack.h"

#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace crossiter::detail {

/// Reads pickles of protocol 2 to 5 that torch.save writes for state dicts. It knows an allow-list
/// of opcodes and of globals; a global is a name and nothing else, a call builds one of three known
/// kinds of node. Everything else is refused by name with Error(BadInput).
class PickleMachine
{
public:
    /// place: the path, for errors. bytes: outlives nothing, texts are copied.
    PickleMachine(std::span<const std::uint8_t> bytes, std::string place);
    ~PickleMachine() = default;
    PickleMachine(const PickleMachine&) = delete;
    PickleMachine& operator=(const PickleMachine&) = delete;
    PickleMachine(PickleMachine&&) = delete;
    PickleMachine& operator=(PickleMachine&&) = delete;

    /// The next pickle, up to its STOP; position() is then behind it. Nodes live as long as this.
    const PickleNode& load();

    [[nodiscard]] std::size_t position() const { return m_bytes.position(); } ///< bytes used so far

    /// The storages that the pickles named so far, by key: the first node that named each.
    [[nodiscard]] const std::map<std::string, const PickleNode*>& storages() const
    {
        return m_storages;
    }

private:
    PickleNode* make(PickleNode::Kind kind);
    PickleNode* makeInt(std::int64_t number);
    PickleNode* makeText(std::uint64_t length);
    PickleNode* makeGlobal(std::string name);
    void makeLong();

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

    PickleBytes m_bytes;
    PickleStack m_stack; ///< refers to m_bytes: so a machine is not copied
    std::deque<PickleNode> m_nodes;
    std::map<std::string, const PickleNode*> m_storages;
};

} // namespace crossiter::detail
