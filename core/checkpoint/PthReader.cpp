#include "core/checkpoint/PthReader.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/checkpoint/PickleMachine.h"
#include "core/checkpoint/PthArchive.h"
#include "core/checkpoint/Sizes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

namespace crossiter {

namespace {

using detail::PickleMachine;
using detail::PickleNode;
using Kind = PickleNode::Kind;
using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t kMaxPickleBytes = 16ULL << 20U; // 1000 tensors take some 150 kB
constexpr std::array<std::uint8_t, 4> kZipSignature = { 'P', 'K', 3, 4 };
/// 0x1950a86a20f9469cfc6c, little-endian: the first pickle of the legacy format.
constexpr std::array<std::uint8_t, 10> kMagic = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8,
    0x50, 0x19 };
constexpr std::int64_t kLegacyProtocol = 1001;

/// What a StateDict points into.
struct Owner
{
    Bytes bytes; ///< of the file
    std::shared_ptr<const void> file; ///< keeps them
    std::unique_ptr<detail::PthArchive> archive;
    std::vector<std::vector<std::byte>> copies; ///< of tensors that are not contiguous
};

[[noreturn]] void fail(const std::string& text, const std::string& place,
    const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, place, expected, found);
}

/// The dict of tensors: the value itself, or under "state_dict" when a checkpoint wraps it.
const PickleNode& findStateDict(const PickleNode& root, const std::string& place)
{
    if (!root.is(Kind::Dict))
        fail("not a state dict", place, "a dict of tensors", "another value");
    const PickleNode* wrapped = root.at("state_dict");
    return wrapped != nullptr && wrapped->is(Kind::Dict) ? *wrapped : root;
}

/// Name and tensor in the dict's order, each name once.
std::vector<std::pair<std::string, const PickleNode*>> tensorsOf(
    const PickleNode& dict, const std::string& place)
{
    std::vector<std::pair<std::string, const PickleNode*>> tensors;
    std::set<std::string> names;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleNode& key = *dict.items[i];
        if (!key.is(Kind::Text))
            fail("not a state dict", place, "texts as keys", "another key");
        if (!dict.items[i + 1]->is(Kind::Tensor))
            fail("not a state dict", place, "a tensor at '" + key.text + "'", "another value");
        if (!names.insert(key.text).second)
            fail("bad state dict", place, "each key once", "'" + key.text + "' twice");
        tensors.emplace_back(key.text, dict.items[i + 1]);
    }
    return tensors;
}

std::uint64_t storageBytes(const PickleNode& storage, const std::string& place)
{
    const std::array<std::int64_t, 1> shape = { storage.number };
    const auto bytes = detail::byteCount(shape, storage.dtype);
    if (!bytes)
        fail("bad storage " + storage.text, place, "a size that fits",
            std::to_string(storage.number) + " elements");
    return *bytes;
}

bool isContiguous(const PickleNode& tensor)
{
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        if (tensor.shape[i] != 1 && tensor.strides[i] != expected)
            return false;
        expected *= tensor.shape[i]; // cannot overflow: the byte count was computed before
    }
    return true;
}

/// Every element inside the storage, and no two on the same place.
void checkStrides(const PickleNode& tensor, const std::string& place)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> axes; // stride, last index
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
        if (tensor.shape[i] > 1)
            axes.emplace_back(tensor.strides[i], tensor.shape[i] - 1);
    std::sort(axes.begin(), axes.end());
    const std::string found = "offset " + std::to_string(tensor.number) + ", shape "
        + detail::shapeText(tensor.shape) + ", strides " + detail::shapeText(tensor.strides);
    std::int64_t reach = 0; // of the axes so far, in elements
    for (const auto& [stride, last] : axes) {
        if (stride <= reach)
            fail("overlapping strides", place, "each element on its own place", found);
        std::int64_t span = 0;
        if (__builtin_mul_overflow(stride, last, &span)
            || __builtin_add_overflow(reach, span, &reach))
            fail("tensor outside its storage", place, "strides that fit", found);
    }
    std::int64_t lastElement = 0;
    if (__builtin_add_overflow(reach, tensor.number, &lastElement)
        || lastElement >= tensor.storage->number)
        fail("tensor outside its storage", place,
            "at most " + std::to_string(tensor.storage->number) + " elements", found);
}

/// In C order, whatever the strides are. Checked before.
std::vector<std::byte> gather(const PickleNode& tensor, Bytes storage, std::uint64_t bytes)
{
    const std::size_t size = sizeOf(tensor.storage->dtype);
    std::vector<std::byte> out(static_cast<std::size_t>(bytes));
    std::vector<std::int64_t> index(tensor.shape.size());
    // Unsigned: the stride of an axis of one element may be anything and cancels out.
    auto at = static_cast<std::uint64_t>(tensor.number);
    for (std::size_t done = 0; done < out.size(); done += size) {
        std::memcpy(&out[done], &storage[static_cast<std::size_t>(at) * size], size);
        for (std::size_t axis = index.size(); axis-- > 0;) {
            const auto stride = static_cast<std::uint64_t>(tensor.strides[axis]);
            at += stride;
            if (++index[axis] < tensor.shape[axis])
                break;
            at -= stride * static_cast<std::uint64_t>(tensor.shape[axis]);
            index[axis] = 0;
        }
    }
    return out;
}

/// The storages' bytes are there and of the size that the pickle says; now the tensors in them.
StateDict assemble(const std::vector<std::pair<std::string, const PickleNode*>>& tensors,
    const std::map<std::string, Bytes>& storages, const std::string& path,
    const std::shared_ptr<Owner>& owner)
{
    std::uint64_t stored = 0;
    for (const auto& [key, bytes] : storages)
        stored += bytes.size();
    std::uint64_t copied = 0;

    StateDict state;
    for (const auto& [name, tensor] : tensors) {
        const std::string place = path + " tensor '" + name + "'";
        const DType dtype = tensor->storage->dtype;
        const auto bytes = detail::byteCount(tensor->shape, dtype);
        if (!bytes)
            fail("bad shape", place, "a size that fits", detail::shapeText(tensor->shape));
        TensorView view { name, dtype, tensor->shape, {} };
        if (*bytes > 0) {
            checkStrides(*tensor, place);
            const Bytes storage = storages.at(tensor->storage->text);
            if (isContiguous(*tensor)) {
                view.bytes = std::as_bytes(
                    storage.subspan(static_cast<std::size_t>(tensor->number) * sizeOf(dtype),
                        static_cast<std::size_t>(*bytes)));
            } else {
                copied += *bytes;
                if (copied > 2 * stored) // many turned views of one large storage
                    fail("too many copies of shared storages", place,
                        "at most twice the stored bytes", std::to_string(copied) + " bytes");
                view.bytes = owner->copies.emplace_back(gather(*tensor, storage, *bytes));
            }
        }
        state.tensors.push_back(std::move(view));
    }
    state.owner = owner;
    return state;
}

/// Key -> bytes wanted, one entry a storage; two tensors must agree on what they share.
std::map<std::string, std::uint64_t> storagesOf(
    const std::vector<std::pair<std::string, const PickleNode*>>& tensors, const std::string& place)
{
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t bytes = storageBytes(*tensor->storage, place);
        const auto [known, added] = sizes.emplace(tensor->storage->text, bytes);
        if (!added && known->second != bytes)
            fail("bad storage " + tensor->storage->text, place,
                std::to_string(known->second) + " bytes", std::to_string(bytes));
    }
    return sizes;
}

/// headersOnly: everything but the storages' bytes and the tensors in them.
StateDict readZip(const std::string& path, const std::shared_ptr<Owner>& owner, bool headersOnly)
{
    owner->archive = std::make_unique<detail::PthArchive>(owner->bytes, path);
    detail::PthArchive& archive = *owner->archive;
    const auto pickleMember = archive.members().find("data.pkl");
    if (pickleMember == archive.members().end())
        fail("not a torch checkpoint", path, "a member data.pkl", "none in the zip file");
    if (pickleMember->second > kMaxPickleBytes)
        fail("pickle too large", path, "at most " + std::to_string(kMaxPickleBytes) + " bytes",
            std::to_string(pickleMember->second));
    const bool saysOrder = archive.members().contains("byteorder");
    std::vector<std::string> wanted = { "data.pkl" };
    if (saysOrder)
        wanted.emplace_back("byteorder");
    const auto texts = archive.read(wanted);
    if (saysOrder) {
        const Bytes order = texts.at("byteorder");
        if (std::string(order.begin(), order.end()) != "little")
            fail("unsupported checkpoint", path, "little-endian numbers", "another byte order");
    }

    PickleMachine machine(texts.at("data.pkl"), path);
    const auto tensors = tensorsOf(findStateDict(machine.load(), path), path);
    std::vector<std::string> members;
    for (const auto& [key, bytes] : storagesOf(tensors, path)) {
        const std::string member = "data/" + key;
        const auto found = archive.members().find(member);
        if (found == archive.members().end() || found->second != bytes)
            fail("bad storage " + key, path, std::to_string(bytes) + " bytes",
                found == archive.members().end() ? "no such member"
                                                 : std::to_string(found->second));
        members.push_back(member);
    }
    if (headersOnly)
        return {};
    std::map<std::string, Bytes> storages;
    for (const auto& [member, bytes] : archive.read(members))
        storages[member.substr(5)] = bytes;
    return assemble(tensors, storages, path, owner);
}

std::vector<std::string> keysOf(const PickleNode& list, const std::string& path)
{
    std::vector<std::string> keys;
    if (!list.is(Kind::List))
        fail("bad checkpoint", path, "a list of storage keys", "another value");
    for (const PickleNode* key : list.items) {
        if (!key->is(Kind::Text))
            fail("bad checkpoint", path, "texts as storage keys", "another value");
        keys.push_back(key->text);
    }
    return keys;
}

/// int64 count of elements, then the elements, storage by storage, to the end of the file. Every
/// storage of the pickle is listed, also those outside the state dict: their sizes come from it.
std::map<std::string, Bytes> sliceStorages(Bytes bytes, const std::vector<std::string>& keys,
    const std::map<std::string, const PickleNode*>& known, const std::string& path)
{
    std::map<std::string, Bytes> storages;
    for (const std::string& key : keys) {
        const auto storage = known.find(key);
        if (storage == known.end())
            fail("bad checkpoint", path, "storages that the pickle names", "storage " + key);
        const std::uint64_t wanted = storageBytes(*storage->second, path);
        std::int64_t count = 0;
        if (bytes.size() < sizeof count)
            fail("truncated checkpoint", path, "the size of storage " + key,
                std::to_string(bytes.size()) + " bytes left");
        std::memcpy(&count, bytes.data(), sizeof count);
        bytes = bytes.subspan(sizeof count);
        if (count != storage->second->number)
            fail("bad storage " + key, path, std::to_string(storage->second->number) + " elements",
                std::to_string(count));
        if (wanted > bytes.size())
            fail("truncated checkpoint", path, std::to_string(wanted) + " bytes of storage " + key,
                std::to_string(bytes.size()) + " bytes left");
        if (!storages.emplace(key, bytes.first(static_cast<std::size_t>(wanted))).second)
            fail("bad checkpoint", path, "each storage once", key + " twice");
        bytes = bytes.subspan(static_cast<std::size_t>(wanted));
    }
    if (!bytes.empty())
        fail("bad checkpoint", path, "the end of the file after the last storage",
            std::to_string(bytes.size()) + " bytes more");
    return storages;
}

StateDict readLegacy(const std::string& path, const std::shared_ptr<Owner>& owner, bool headersOnly)
{
    const Bytes bytes = owner->bytes;
    PickleMachine machine(bytes.first(std::min<std::size_t>(bytes.size(), kMaxPickleBytes)), path);
    const PickleNode& magic = machine.load();
    if (!magic.is(Kind::Long)
        || !std::equal(kMagic.begin(), kMagic.end(), magic.text.begin(), magic.text.end(),
            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }))
        fail("not a torch checkpoint", path, "the magic number of torch.save", "another value");
    const PickleNode& protocol = machine.load();
    if (!protocol.is(Kind::Int) || protocol.number != kLegacyProtocol)
        fail("not a torch checkpoint", path, "protocol 1001", "another value");
    const PickleNode& system = machine.load();
    const PickleNode* littleEndian = system.is(Kind::Dict) ? system.at("little_endian") : nullptr;
    if (littleEndian == nullptr || !littleEndian->is(Kind::Bool) || littleEndian->number != 1)
        fail("unsupported checkpoint", path, "little-endian numbers", "another byte order");
    const PickleNode& root = machine.load();
    const std::map<std::string, const PickleNode*> known = machine.storages();
    const auto keys = keysOf(machine.load(), path);

    const auto tensors = tensorsOf(findStateDict(root, path), path);
    const auto wanted = storagesOf(tensors, path);
    const auto storages = sliceStorages(bytes.subspan(machine.position()), keys, known, path);
    for (const auto& [key, size] : wanted) {
        const auto found = storages.find(key);
        if (found == storages.end() || found->second.size() != size)
            fail("bad checkpoint", path,
                "storage " + key + " of " + std::to_string(size) + " bytes",
                found == storages.end() ? "none" : std::to_string(found->second.size()));
    }
    return headersOnly ? StateDict {} : assemble(tensors, storages, path, owner);
}

StateDict read(
    Bytes bytes, std::shared_ptr<const void> owner, const std::string& place, bool headersOnly)
{
    const auto kept = std::make_shared<Owner>();
    kept->bytes = bytes;
    kept->file = std::move(owner);
    if (bytes.size() >= kZipSignature.size()
        && std::equal(kZipSignature.begin(), kZipSignature.end(), bytes.begin()))
        return readZip(place, kept, headersOnly);
    if (bytes.size() < 2 || bytes[0] != 0x80)
        fail("not a torch checkpoint", place, "a zip file or a pickle",
            bytes.empty() ? "0 bytes" : "other bytes");
    return readLegacy(place, kept, headersOnly);
}

} // namespace

StateDict readPth(const std::filesystem::path& path)
{
    const auto file = MappedFile::open(path);
    return readPthBytes(file->bytes(), file, path.string());
}

StateDict readPthBytes(Bytes bytes, std::shared_ptr<const void> owner, const std::string& place)
{
    return read(bytes, std::move(owner), place, false);
}

void checkPthHeader(const std::filesystem::path& path)
{
    const auto file = MappedFile::open(path);
    (void)read(file->bytes(), file, path.string(), true);
}

} // namespace crossiter
