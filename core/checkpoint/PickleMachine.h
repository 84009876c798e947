#pragma once

// Private to core/checkpoint: a pickle, read without executing anything.

#include "core/checkpoint/PickleBytes.h"
#include "core/checkpoint/PickleNode.h"
#include "core/checkpoint/PickleObjects.h"
#include "core/checkpoint/PickleStack.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace crossiter::detail {

/// Reads pickles of protocol 0 to 5, as torch.save and NumPy write them: every opcode but those
/// that want something from outside (buffers apart from the file, persistent ids as lines), which
/// are refused by name with Error(BadInput). What calls make: PickleObjects.
class PickleMachine
{
public:
    /// place: the path, for errors. bytes: texts lie in them, so they must outlive the nodes.
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
    [[nodiscard]] const std::map<std::string, const PickleNode*, std::less<>>& storages() const
    {
        return m_objects.storages();
    }

private:
    bool step(std::uint8_t opcode); ///< false at STOP
    bool stepNumber(std::uint8_t opcode); ///< false: not one of its opcodes
    bool stepText(std::uint8_t opcode);
    bool stepContainer(std::uint8_t opcode);
    bool stepFill(std::uint8_t opcode);
    bool stepObject(std::uint8_t opcode);
    bool stepMemo(std::uint8_t opcode);
    void pushNumber(PickleNode::Kind kind, std::int64_t number);
    void pushLong(std::uint64_t bytes);
    void pushDecimal(std::string_view line);
    void pushText(PickleNode::Kind kind, std::uint64_t length);
    void pushQuoted(std::string_view line);
    void pushOf(PickleNode::Kind kind, std::vector<PickleNode*> items);
    void setItems(const std::vector<PickleNode*>& items);
    void append(const std::vector<PickleNode*>& items);
    PickleNode& popTuple(const char* what);
    std::uint64_t index(std::string_view line) const;

    PickleBytes m_bytes;
    PickleStack m_stack; ///< refers to m_bytes: so a machine is not copied
    PickleObjects m_objects; ///< this one too
    std::size_t m_steps = 0;
};

} // namespace crossiter::detail
