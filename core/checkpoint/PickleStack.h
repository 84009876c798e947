#pragma once

// Private to core/checkpoint.

#include "core/checkpoint/PickleBytes.h"
#include "core/checkpoint/PickleNode.h"

#include <cstdint>
#include <vector>

namespace crossiter::detail {

/// The stack of a pickle with its marks, and the memo that remembers values by number. Limits and
/// misuse throw Error(BadInput) at the position of the bytes.
class PickleStack
{
public:
    /// `bytes`: only to say where an error is; must outlive this.
    explicit PickleStack(const PickleBytes& bytes)
        : m_bytes(bytes)
    {
    }

    void clear(); ///< the memo too
    void push(PickleNode* node);
    PickleNode* pop(); ///< never below the last mark
    void discard(); ///< the uppermost value, or the mark that lies there
    void mark();
    /// What lies above the last mark, bottom first; the mark goes too.
    std::vector<PickleNode*> popToMark();
    /// The uppermost value, which must be of this kind; `what` says what it would be.
    PickleNode& top(PickleNode::Kind kind, const char* what);
    /// The one value at a pickle's end.
    PickleNode& last();

    void memoize(std::uint64_t index);
    void memoizeNext() { memoize(m_memo.size()); }
    void recall(std::uint64_t index);

private:
    const PickleBytes& m_bytes;
    std::vector<PickleNode*> m_values;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::vector<PickleNode*> m_memo;
};

} // namespace crossiter::detail
