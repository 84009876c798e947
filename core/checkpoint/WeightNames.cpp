#include "core/checkpoint/WeightNames.h"

#include "core/base/Counted.h"
#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/KitLayers.h"
#include "core/checkpoint/Sizes.h"
#include "core/checkpoint/TimmNames.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <string_view>

namespace crossiter {

namespace {

constexpr std::size_t kMostPrefixes = 16; ///< a strange file may have thousands

/// The classifier's layer as pretrainedmodels calls it, and as we do.
struct Head
{
    std::string_view architecture;
    std::string_view theirs;
    std::string_view ours;
};
constexpr std::array<Head, 3> kHeads { { { "inception-v3", "last_linear.", "fc." },
    { "inception-v4", "classif.", "last_linear." },
    { "inception-resnet-v2", "last_linear.", "classif." } } };

/// A file's tensors under the names that a naming gives them, in the file's order.
struct Attempt
{
    std::string prefix;
    Naming naming = Naming::Own;
    std::vector<std::string> names; ///< empty: none of the network's
    std::size_t matched = 0;
};

using Members = std::map<std::string_view, const NetMember*>;

void count(Attempt& attempt, const Members& members)
{
    std::set<std::string_view> taken;
    for (std::string& name : attempt.names) {
        const auto member = members.find(name);
        if (member == members.end() || !taken.insert(member->first).second)
            name.clear();
        else
            ++attempt.matched;
    }
}

bool isLite(const std::string& architecture)
{
    return architecture.starts_with("efficientnet-lite");
}

bool isInception(const std::string& architecture)
{
    return architecture.starts_with("inception");
}

/// What may stand before the names: what stands before one of some layers that each file has.
std::set<std::string> prefixesOf(const std::vector<TensorView>& tensors,
    const std::string& architecture, const std::vector<NetMember>& members)
{
    std::vector<std::string> anchors { members.front().name };
    if (isLite(architecture))
        anchors.emplace_back("conv_stem.weight");
    for (const Head& head : kHeads)
        if (head.architecture == architecture)
            anchors.push_back(std::string(head.theirs) + "weight");
    std::set<std::string> prefixes { "" };
    for (const TensorView& tensor : tensors)
        for (const std::string& anchor : anchors)
            if (tensor.name.ends_with("." + anchor) && prefixes.size() < kMostPrefixes)
                prefixes.insert(tensor.name.substr(0, tensor.name.size() - anchor.size()));
    return prefixes;
}

/// The names behind the prefix; those of other tensors are empty.
std::vector<std::string> behind(const std::vector<TensorView>& tensors, const std::string& prefix)
{
    std::vector<std::string> names;
    names.reserve(tensors.size());
    for (const TensorView& tensor : tensors)
        names.push_back(
            tensor.name.starts_with(prefix) ? tensor.name.substr(prefix.size()) : std::string());
    return names;
}

std::vector<std::string> fromTimm(
    const std::vector<std::string>& names, const std::string& architecture)
{
    StateDict state;
    for (const std::string& name : names)
        state.tensors.push_back({ name, DType::F32, {}, {} });
    renameTimmKeys(state, architecture);
    std::vector<std::string> renamed;
    for (TensorView& tensor : state.tensors)
        renamed.push_back(std::move(tensor.name));
    return renamed;
}

std::vector<std::string> fromCadene(std::vector<std::string> names, const Head& head)
{
    for (std::string& name : names)
        if (name.starts_with(head.theirs))
            name = std::string(head.ours) + name.substr(head.theirs.size());
    return names;
}

Attempt bestAttempt(const std::vector<TensorView>& tensors, const std::string& architecture,
    const std::vector<NetMember>& members, const Members& byName)
{
    Attempt best;
    const auto offer = [&](Attempt attempt) {
        count(attempt, byName);
        if (best.names.empty() || attempt.matched > best.matched)
            best = std::move(attempt);
    };
    for (const std::string& prefix : prefixesOf(tensors, architecture, members)) {
        const std::vector<std::string> names = behind(tensors, prefix);
        offer({ prefix, isInception(architecture) ? Naming::Timm : Naming::Own, names });
        if (isLite(architecture))
            offer({ prefix, Naming::Timm, fromTimm(names, architecture) });
        for (const Head& head : kHeads)
            if (head.architecture == architecture)
                offer({ prefix, Naming::Cadene, fromCadene(names, head) });
    }
    if (2 * best.matched < members.size())
        offer({ {}, Naming::MMdnn, detail::fromKitLayers(tensors, architecture) });
    return best;
}

bool sameSides(const std::vector<std::int64_t>& wanted, const std::vector<std::int64_t>& found)
{
    return std::equal(
        wanted.begin(), wanted.end(), found.begin(), found.end(),
        [](std::int64_t a, std::int64_t b) { return a == b || a == -1; });
}

/// [O, I, H, W] for [H, W, I, O], [O, I] for [I, O] and [1, 1, I, O].
std::vector<std::int64_t> turnedShape(const std::vector<std::int64_t>& from, std::size_t rank)
{
    if (from.size() < 2)
        return from;
    std::vector<std::int64_t> shape { from.back(), from[from.size() - 2] };
    if (rank == 4)
        shape.insert(shape.end(), from.begin(), from.end() - 2);
    return shape;
}

/// As the network has it; empty: it has no such one. MMdnn writes a layer as TensorFlow lays it out
/// or as PyTorch does, and a classifier also as a convolution.
std::vector<std::int64_t> shapeFor(
    NamedTensor& named, const NetMember& member, const TensorView& tensor, Naming naming)
{
    const auto& found = tensor.shape;
    if (sameSides(member.shape, found))
        return found;
    if (naming != Naming::MMdnn)
        return {};
    const std::size_t rank = member.shape.size();
    const bool pointwise = found.size() == 4 && rank == 2;
    if (pointwise && found[2] == 1 && found[3] == 1
        && sameSides(member.shape, { found[0], found[1] }))
        return { found[0], found[1] };
    const bool turns = found.size() == rank || (pointwise && found[0] == 1 && found[1] == 1);
    std::vector<std::int64_t> shape = turnedShape(found, rank);
    if (!turns || !sameSides(member.shape, shape))
        return {};
    named.turned = true;
    return shape;
}

/// Batch norms that were trained without a scale have ones.
void addOnes(Recognition& how, const NetMember& member)
{
    how.tensors.push_back({ {}, member.name, member.shape, DType::F32, false });
}

bool looksLikeTorchvision(const Recognition& how, const std::string& architecture)
{
    if (architecture != "inception-v3" || how.naming != Naming::Timm)
        return false;
    bool aux = false;
    bool thousand = false;
    for (const NamedTensor& named : how.tensors) {
        aux = aux || named.to.starts_with("AuxLogits.");
        thousand = thousand || (named.to == "fc.bias" && named.shape.front() == 1000);
    }
    return aux && thousand; // TF-Slim's and timm's have 1001 classes, or no such head
}

/// The last two axes come first: [..., I, O] -> [O, I, ...].
void turn(const TensorView& from, std::vector<std::byte>& to)
{
    const std::size_t size = sizeOf(from.dtype);
    const auto inputs = static_cast<std::size_t>(from.shape[from.shape.size() - 2]);
    const auto outputs = static_cast<std::size_t>(from.shape.back());
    const std::size_t places = from.bytes.size() / (size * inputs * outputs);
    const std::byte* source = from.bytes.data();
    for (std::size_t p = 0; p < places; ++p)
        for (std::size_t i = 0; i < inputs; ++i)
            for (std::size_t o = 0; o < outputs; ++o, source += size)
                std::memcpy(&to[((o * inputs + i) * places + p) * size], source, size);
}

} // namespace

const char* nameOf(Naming naming) noexcept
{
    switch (naming) {
    case Naming::Own:
        return "CrossIter's own names";
    case Naming::Timm:
        return "timm's names";
    case Naming::Torchvision:
        return "torchvision's names";
    case Naming::Cadene:
        return "pretrainedmodels' names";
    case Naming::MMdnn:
        return "MMdnn's names";
    case Naming::TfSlim:
        break;
    }
    return "TF-Slim's names";
}

Recognition recogniseNames(const std::vector<TensorView>& tensors, const std::string& architecture,
    const std::vector<NetMember>& members)
{
    Members byName;
    for (const NetMember& member : members)
        byName.emplace(member.name, &member);
    const Attempt best = bestAttempt(tensors, architecture, members, byName);
    Recognition how;
    how.prefix = best.prefix;
    how.naming = best.naming;
    std::set<std::string_view> found;
    for (std::size_t i = 0; i < best.names.size(); ++i) {
        const TensorView& tensor = tensors[i];
        const auto member = byName.find(best.names[i]);
        if (member == byName.end()) {
            how.leftOver.push_back(tensor.name);
            continue;
        }
        found.insert(member->first);
        NamedTensor named { tensor.name, best.names[i], {}, tensor.dtype, false };
        named.shape = shapeFor(named, *member->second, tensor, best.naming);
        if (named.shape.empty() && !member->second->shape.empty()) {
            how.misshapen.push_back(tensor.name + " expected "
                + detail::shapeText(member->second->shape) + ", found "
                + detail::shapeText(tensor.shape));
            named.shape = tensor.shape;
        }
        how.tensors.push_back(std::move(named));
    }
    for (const NetMember& member : members) {
        if (found.contains(member.name) || member.mayMiss)
            continue;
        if (best.naming == Naming::MMdnn && member.name.ends_with(".weight")
            && member.shape.size() == 1
            && found.contains(member.name.substr(0, member.name.size() - 6) + "running_var"))
            addOnes(how, member);
        else
            how.missing.push_back(member.name);
    }
    if (looksLikeTorchvision(how, architecture))
        how.naming = Naming::Torchvision;
    return how;
}

StateDict renamed(StateDict state, const Recognition& how)
{
    struct Owner
    {
        std::shared_ptr<const void> before;
        std::deque<std::vector<std::byte>> buffers;
    };
    std::map<std::string_view, const NamedTensor*> byName;
    for (const NamedTensor& named : how.tensors)
        if (!named.from.empty())
            byName.emplace(named.from, &named);
    const auto owner = std::make_shared<Owner>();
    owner->before = state.owner;
    for (TensorView& tensor : state.tensors) {
        const auto found = byName.find(tensor.name);
        if (found == byName.end())
            continue;
        const NamedTensor& named = *found->second;
        if (named.turned && !tensor.bytes.empty()) {
            auto& buffer = owner->buffers.emplace_back(tensor.bytes.size());
            turn(tensor, buffer);
            tensor.bytes = buffer;
        }
        tensor.shape = named.shape;
        tensor.name = named.to;
    }
    for (const NamedTensor& named : how.tensors) {
        if (!named.from.empty())
            continue;
        const std::vector<float> ones(static_cast<std::size_t>(named.shape.front()), 1.0F);
        auto& buffer = owner->buffers.emplace_back(ones.size() * sizeof(float));
        std::memcpy(buffer.data(), ones.data(), buffer.size());
        state.tensors.push_back({ named.to, DType::F32, named.shape, buffer });
    }
    if (!owner->buffers.empty())
        state.owner = owner;
    return state;
}

std::string lineOf(const Recognition& how)
{
    std::string line;
    if (!how.key.empty())
        line += "wrapper " + how.key + " opened, ";
    if (!how.prefix.empty())
        line += how.naming == Naming::TfSlim
            ? "scope " + how.prefix.substr(0, how.prefix.size() - 1) + ", "
            : "prefix " + how.prefix + " taken off, ";
    line += std::string(nameOf(how.naming)) + ": " + counted(how.tensors.size(), "tensor");
    const auto add = [&](std::size_t count, const char* what) {
        if (count > 0)
            line += ", " + std::to_string(count) + what;
    };
    add(how.missing.size(), " missing");
    add(how.leftOver.size(), " left over");
    add(how.misshapen.size(), " of another shape");
    add(how.others, how.others == 1 ? " other value left out" : " other values left out");
    return line;
}

} // namespace crossiter
