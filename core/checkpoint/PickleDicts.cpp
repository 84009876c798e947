#include "core/checkpoint/PickleDicts.h"

#include "core/base/Error.h"

#include <deque>
#include <set>
#include <string_view>

namespace crossiter::detail {

namespace {

using Kind = PickleNode::Kind;

constexpr std::size_t kMostDicts = 64;
constexpr std::size_t kDeepest = 4;
constexpr std::size_t kMostWaiting = 10'000;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestKey = 256;

[[noreturn]] void fail(const std::string& text, const std::string& place,
    const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, place, expected, found);
}

void checkCount(std::size_t tensors, const std::string& place)
{
    if (tensors > kMostTensors)
        fail("bad state dict", place, "at most " + std::to_string(kMostTensors) + " tensors",
            "more");
}

std::string nameOf(const PickleNode& key, const std::string& place)
{
    if (key.text.size() > kLongestName)
        fail("bad state dict", place, "names of at most " + std::to_string(kLongestName) + " bytes",
            std::to_string(key.text.size()) + " bytes");
    return std::string(key.text);
}

NamedNodes tensorsOf(const PickleNode& dict, const std::string& place, std::size_t& others)
{
    NamedNodes tensors;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleNode& key = *dict.items[i];
        if (!key.isName() || !dict.items[i + 1]->is(Kind::Tensor)) {
            ++others;
            continue;
        }
        const std::string name = nameOf(key, place);
        if (!names.insert(key.text).second)
            fail("bad state dict", place, "each key once", "'" + name + "' twice");
        tensors.emplace_back(name, dict.items[i + 1]);
        checkCount(tensors.size(), place);
    }
    return tensors;
}

void requireDict(const PickleNode& root, const std::string& place)
{
    if (root.is(Kind::Dict))
        return;
    if (root.is(Kind::Opaque)) // torch.save(model)
        fail("not a state dict", place,
            "a dict of tensors: the weights saved by torch.save(model.state_dict())",
            "an object of " + std::string(root.text.substr(0, kLongestKey)));
    fail("not a state dict", place, "a dict of tensors", nameOfKind(root.kind));
}

[[noreturn]] void failEmpty(const std::string& place)
{
    fail("not a state dict", place, "a dict of tensors", "dicts without any");
}

} // namespace

std::vector<FoundDict> dictsOf(const PickleNode& root, const std::string& place)
{
    struct Waiting
    {
        const PickleNode* dict;
        std::string key;
        std::size_t depth;
    };
    requireDict(root, place);
    std::vector<FoundDict> found;
    std::set<const PickleNode*> seen { &root };
    std::deque<Waiting> waiting;
    waiting.push_back({ &root, {}, 0 });
    for (; !waiting.empty() && found.size() < kMostDicts; waiting.pop_front()) {
        const Waiting next = std::move(waiting.front());
        FoundDict own { next.key, {}, 0 };
        own.tensors = tensorsOf(*next.dict, place, own.others);
        if (!own.tensors.empty())
            found.push_back(std::move(own));
        const auto& items = next.dict->items;
        for (std::size_t i = 0; i + 1 < items.size() && next.depth < kDeepest; i += 2) {
            const bool leads = items[i]->isName() && items[i]->text.size() <= kLongestKey
                && items[i + 1]->is(Kind::Dict) && waiting.size() < kMostWaiting;
            if (leads && seen.insert(items[i + 1]).second)
                waiting.push_back({ items[i + 1],
                    (next.key.empty() ? "" : next.key + ".") + std::string(items[i]->text),
                    next.depth + 1 });
        }
    }
    if (found.empty())
        failEmpty(place);
    return found;
}

std::vector<FoundDict> layersOf(const PickleNode& root, const std::string& place)
{
    requireDict(root, place);
    FoundDict found;
    for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
        const PickleNode& value = *root.items[i + 1];
        if (!root.items[i]->isName() || !value.is(Kind::Dict)) {
            ++found.others;
            continue;
        }
        const std::string layer = nameOf(*root.items[i], place);
        for (auto& [name, tensor] : tensorsOf(value, place, found.others))
            found.tensors.emplace_back(layer + "." + name, tensor);
        checkCount(found.tensors.size(), place);
    }
    if (found.tensors.empty())
        failEmpty(place);
    std::set<std::string_view> names;
    for (const auto& [name, tensor] : found.tensors)
        if (!names.insert(name).second)
            fail("bad state dict", place, "each key once", "'" + name + "' twice");
    std::vector<FoundDict> all;
    all.push_back(std::move(found));
    return all;
}

} // namespace crossiter::detail
