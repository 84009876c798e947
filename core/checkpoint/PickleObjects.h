#pragma once

// Private to core/checkpoint: what a pickle's calls make, told without calling anything.

#include "core/checkpoint/PickleBytes.h"
#include "core/checkpoint/PickleNode.h"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter::detail {

/// The values of a file's pickles. A global is a name and nothing else. A call by a name of a short
/// list gives a dict, bytes, a tensor or an array; any other gives an opaque value. Names that only
/// an attack has in such a file (os.system, eval, ...) are refused, though nothing would call them.
/// All throw Error(BadInput) at the position of the bytes.
class PickleObjects
{
public:
    /// `bytes`: only to say where an error is; must outlive this.
    explicit PickleObjects(const PickleBytes& bytes)
        : m_bytes(bytes)
    {
    }

    PickleNode* make(PickleNode::Kind kind); ///< at most 1,000,000 of them
    PickleNode* makeText(PickleNode::Kind kind, std::string_view text); ///< of the pickle's bytes
    /// Of a line of protocol 0: a byte a character, others as \uXXXX.
    PickleNode* makeUnescaped(std::string_view line);
    PickleNode* makeGlobal(std::string_view module, std::string_view name);
    /// What a call or a new object of this class is.
    PickleNode* call(const PickleNode& function, const PickleNode& arguments);
    /// The state that an object gets behind its call.
    void build(PickleNode& object, const PickleNode& state);
    /// ("storage", torch.XStorage, key, location, elements[, view]): where a tensor's bytes are.
    PickleNode* persistent(const PickleNode& id);

    [[nodiscard]] const std::map<std::string, const PickleNode*, std::less<>>& storages() const
    {
        return m_storages;
    }

private:
    PickleNode* opaque(std::string_view name);
    std::string_view keep(std::string text);
    void countCopied(std::size_t items);
    void copyItems(PickleNode& to, const std::vector<PickleNode*>& items);
    PickleNode* makeDict(const std::vector<PickleNode*>& arguments);
    PickleNode* encoded(const std::vector<PickleNode*>& arguments);
    /// Null: `name` makes no tensor of what it is given.
    PickleNode* tensorOf(std::string_view name, const std::vector<PickleNode*>& given);
    PickleNode* rebuildTensor(const std::vector<PickleNode*>& arguments);
    PickleNode* rebuildFromBuffer(const std::vector<PickleNode*>& arguments);
    void fill(PickleNode& array, const PickleNode& shape, const PickleNode& type, bool columns,
        const PickleNode& numbers);
    [[nodiscard]] std::vector<std::int64_t> numbersOf(
        const PickleNode& tuple, const char* what) const;

    const PickleBytes& m_bytes;
    std::deque<PickleNode> m_nodes;
    std::deque<std::string> m_texts; ///< made here, not in the pickle
    std::size_t m_copied = 0; ///< items that one value took over from another
    std::size_t m_encoded = 0; ///< bytes of the texts that became bytes
    std::map<std::string, const PickleNode*, std::less<>> m_storages;
};

} // namespace crossiter::detail
