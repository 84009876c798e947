#include "core/checkpoint/PickleStack.h"

#include <string>

namespace crossiter::detail {

namespace {

// Far above any state dict, far below what hurts: 1000 tensors take some 20,000 values.
constexpr std::size_t kMaxStack = 1'000'000;
constexpr std::size_t kMaxMarks = 1'000;
constexpr std::size_t kMaxMemo = 1'000'000;

} // namespace

void PickleStack::clear()
{
    m_values.clear();
    m_marks.clear();
    m_memo.clear();
}

void PickleStack::mark()
{
    if (m_marks.size() >= kMaxMarks)
        m_bytes.fail("pickle too deep", "at most " + std::to_string(kMaxMarks) + " marks", "more");
    m_marks.push_back(m_values.size());
}

PickleNode& PickleStack::last()
{
    if (m_values.size() != 1 || !m_marks.empty())
        m_bytes.fail("bad pickle", "one value at the end", std::to_string(m_values.size()));
    return *m_values.back();
}

void PickleStack::push(PickleNode* node)
{
    if (m_values.size() >= kMaxStack)
        m_bytes.fail("pickle too deep", "at most " + std::to_string(kMaxStack) + " values", "more");
    m_values.push_back(node);
}

PickleNode* PickleStack::pop()
{
    const std::size_t floor = m_marks.empty() ? 0 : m_marks.back();
    if (m_values.size() <= floor)
        m_bytes.fail("bad pickle", "a value on the stack", "none");
    PickleNode* node = m_values.back();
    m_values.pop_back();
    return node;
}

void PickleStack::discard()
{
    if (!m_marks.empty() && m_marks.back() == m_values.size())
        m_marks.pop_back();
    else
        (void)pop();
}

std::vector<PickleNode*> PickleStack::popToMark()
{
    if (m_marks.empty())
        m_bytes.fail("bad pickle", "a mark on the stack", "none");
    const auto from = m_values.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    std::vector<PickleNode*> items(from, m_values.end());
    m_values.erase(from, m_values.end());
    m_marks.pop_back();
    return items;
}

PickleNode& PickleStack::top(PickleNode::Kind kind, const char* what)
{
    const std::size_t floor = m_marks.empty() ? 0 : m_marks.back();
    if (m_values.size() <= floor)
        m_bytes.fail("bad pickle", what, "nothing");
    if (!m_values.back()->is(kind))
        m_bytes.fail("bad pickle", what, nameOfKind(m_values.back()->kind));
    return *m_values.back();
}

void PickleStack::memoize(std::uint64_t index)
{
    if (index >= kMaxMemo)
        m_bytes.fail(
            "bad pickle", "a memo index below " + std::to_string(kMaxMemo), std::to_string(index));
    if (m_values.empty())
        m_bytes.fail("bad pickle", "a value to remember", "an empty stack");
    if (m_memo.size() <= index)
        m_memo.resize(static_cast<std::size_t>(index) + 1);
    m_memo[static_cast<std::size_t>(index)] = m_values.back();
}

void PickleStack::recall(std::uint64_t index)
{
    if (index >= m_memo.size() || m_memo[static_cast<std::size_t>(index)] == nullptr)
        m_bytes.fail("bad pickle", "a remembered value", "nothing at " + std::to_string(index));
    push(m_memo[static_cast<std::size_t>(index)]);
}

} // namespace crossiter::detail
