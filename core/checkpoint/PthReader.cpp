#include "core/checkpoint/PthReader.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/checkpoint/PickleDicts.h"
#include "core/checkpoint/PickleMachine.h"
#include "core/checkpoint/PthArchive.h"
#include "core/checkpoint/Sizes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

namespace crossiter {

namespace {

using detail::PickleMachine;
using detail::PickleNode;
using Kind = PickleNode::Kind;
using Bytes = std::span<const std::uint8_t>;

/// 1000 tensors take some 150 kB; arrays of NumPy lie in the pickle.
constexpr std::uint64_t kMaxPickleBytes = 1ULL << 30U;
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
    std::unique_ptr<PickleMachine> machine;
    std::deque<std::vector<std::byte>> copies; ///< of tensors that are not contiguous
};

[[noreturn]] void fail(const std::string& text, const std::string& place,
    const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, place, expected, found);
}

std::uint64_t storageBytes(const PickleNode& storage, const std::string& place)
{
    const std::array<std::int64_t, 1> shape = { storage.number };
    const auto bytes = detail::byteCount(shape, storage.dtype);
    if (!bytes)
        fail("bad storage " + std::string(storage.text), place, "a size that fits",
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
    const std::int64_t elements = tensor.storage == nullptr
        ? static_cast<std::int64_t>(tensor.text.size() / sizeOf(tensor.dtype))
        : tensor.storage->number;
    if (__builtin_add_overflow(reach, tensor.number, &lastElement) || lastElement >= elements)
        fail("tensor outside its storage", place,
            "at most " + std::to_string(elements) + " elements", found);
}

/// In C order, whatever the strides are. Checked before.
std::vector<std::byte> gather(
    const PickleNode& tensor, Bytes storage, std::size_t size, std::uint64_t bytes)
{
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

std::string placeOf(const std::string& path, const std::string& tensor)
{
    return path + " tensor '" + tensor + "'";
}

Bytes bytesOf(std::string_view text)
{
    return { reinterpret_cast<const std::uint8_t*>(text.data()), text.size() };
}

/// A tensor's name, type and shape.
TensorView headerOf(const std::string& name, const PickleNode& tensor, const std::string& path)
{
    const DType dtype = tensor.storage == nullptr ? tensor.dtype : tensor.storage->dtype;
    if (!detail::byteCount(tensor.shape, dtype))
        fail("bad shape", placeOf(path, name), "a size that fits", detail::shapeText(tensor.shape));
    return { name, dtype, tensor.shape, {} };
}

/// Key -> bytes wanted, one entry a storage; two tensors must agree on what they share.
std::map<std::string, std::uint64_t> storagesOf(
    const detail::NamedNodes& tensors, const std::string& place)
{
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& [name, tensor] : tensors) {
        if (tensor->storage == nullptr)
            continue;
        const std::uint64_t bytes = storageBytes(*tensor->storage, place);
        const auto [known, added] = sizes.emplace(tensor->storage->text, bytes);
        if (!added && known->second != bytes)
            fail("bad storage " + known->first, place, std::to_string(known->second) + " bytes",
                std::to_string(bytes));
    }
    return sizes;
}

std::vector<std::string> keysOf(const PickleNode& list, const std::string& path)
{
    std::vector<std::string> keys;
    if (!list.is(Kind::List))
        fail("bad checkpoint", path, "a list of storage keys", "another value");
    for (const PickleNode* key : list.items) {
        if (!key->is(Kind::Text))
            fail("bad checkpoint", path, "texts as storage keys", "another value");
        keys.emplace_back(key->text);
    }
    return keys;
}

/// int64 count of elements, then the elements, storage by storage, to the end of the file. Every
/// storage of the pickle is listed, also those outside the state dict: their sizes come from it.
std::map<std::string, Bytes> sliceStorages(Bytes bytes, const std::vector<std::string>& keys,
    const std::map<std::string, const PickleNode*, std::less<>>& known, const std::string& path)
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

bool isMagic(const PickleNode& value)
{
    return value.is(Kind::Long)
        && std::equal(
            kMagic.begin(), kMagic.end(), value.text.begin(), value.text.end(),
            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

/// Where the pickle of an .npy file begins; nothing when it holds numbers.
std::optional<std::size_t> pickleInArray(Bytes bytes)
{
    constexpr std::string_view kSignature = "\x93NUMPY";
    constexpr std::size_t kBeforeHeader = 10;
    if (bytes.size() < kBeforeHeader
        || std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) != 0)
        return std::nullopt;
    const bool longer = bytes[6] > 1;
    std::size_t length = bytes[8] | (static_cast<std::size_t>(bytes[9]) << 8U);
    std::size_t at = kBeforeHeader;
    if (longer && bytes.size() >= kBeforeHeader + 2) {
        length |= (static_cast<std::size_t>(bytes[10]) << 16U)
            | (static_cast<std::size_t>(bytes[11]) << 24U);
        at += 2;
    }
    if (length > bytes.size() - at)
        return std::nullopt;
    const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + at, length);
    if (header.find("'|O'") == std::string_view::npos
        && header.find("'O'") == std::string_view::npos)
        return std::nullopt;
    return at + length;
}

} // namespace

/// The pickle, and where the storages' bytes come from.
struct PthFile::Parsed
{
    std::shared_ptr<Owner> owner = std::make_shared<Owner>();
    std::string place;
    std::vector<detail::FoundDict> dicts;
    std::map<std::string, Bytes> storages; ///< of the legacy format

    const PickleNode& start(Bytes bytes)
    {
        owner->machine = std::make_unique<PickleMachine>(bytes, place);
        return owner->machine->load();
    }

    void readZip()
    {
        owner->archive = std::make_unique<detail::PthArchive>(owner->bytes, place);
        detail::PthArchive& archive = *owner->archive;
        const auto pickleMember = archive.members().find("data.pkl");
        if (pickleMember == archive.members().end())
            fail("not a torch checkpoint", place, "a member data.pkl", "none in the zip file");
        if (pickleMember->second > kMaxPickleBytes)
            fail("pickle too large", place, "at most " + std::to_string(kMaxPickleBytes) + " bytes",
                std::to_string(pickleMember->second));
        const bool saysOrder = archive.members().contains("byteorder");
        std::vector<std::string> wanted = { "data.pkl" };
        if (saysOrder)
            wanted.emplace_back("byteorder");
        const auto texts = archive.read(wanted);
        if (saysOrder) {
            const Bytes order = texts.at("byteorder");
            if (std::string(order.begin(), order.end()) != "little")
                fail(
                    "unsupported checkpoint", place, "little-endian numbers", "another byte order");
        }
        dicts = detail::dictsOf(start(texts.at("data.pkl")), place);
        for (const detail::FoundDict& dict : dicts)
            (void)membersOf(dict);
    }

    /// The storages' members in the zip file, of the size that the pickle says.
    [[nodiscard]] std::vector<std::string> membersOf(const detail::FoundDict& dict) const
    {
        std::vector<std::string> members;
        for (const auto& [key, bytes] : storagesOf(dict.tensors, place)) {
            const std::string member = "data/" + key;
            const auto found = owner->archive->members().find(member);
            const bool there = found != owner->archive->members().end();
            if (!there || found->second != bytes)
                fail("bad storage " + key, place, std::to_string(bytes) + " bytes",
                    there ? std::to_string(found->second) : "no such member");
            members.push_back(member);
        }
        return members;
    }

    void readLegacy()
    {
        const PickleNode& magic = start(owner->bytes);
        PickleMachine& machine = *owner->machine;
        if (!isMagic(magic)) {
            if (!magic.is(Kind::Dict) || machine.position() != owner->bytes.size())
                fail("not a torch checkpoint", place, "the magic number of torch.save",
                    "another value");
            dicts = detail::dictsOf(magic, place); // of pickle.dump: arrays of NumPy
            requireStorages();
            return;
        }
        const PickleNode& protocol = machine.load();
        if (!protocol.is(Kind::Int) || protocol.number != kLegacyProtocol)
            fail("not a torch checkpoint", place, "protocol 1001", "another value");
        const PickleNode& system = machine.load();
        const PickleNode* little = system.is(Kind::Dict) ? system.at("little_endian") : nullptr;
        if (little == nullptr || !little->is(Kind::Bool) || little->number != 1)
            fail("unsupported checkpoint", place, "little-endian numbers", "another byte order");
        const PickleNode& root = machine.load();
        const auto known = machine.storages();
        const auto keys = keysOf(machine.load(), place);
        dicts = detail::dictsOf(root, place);
        storages = sliceStorages(owner->bytes.subspan(machine.position()), keys, known, place);
        requireStorages();
    }

    /// What follows the pickle holds every storage that a tensor names; pickles of arrays hold
    /// none.
    void requireStorages() const
    {
        for (const detail::FoundDict& dict : dicts) {
            for (const auto& [key, size] : storagesOf(dict.tensors, place)) {
                const auto found = storages.find(key);
                if (found == storages.end() || found->second.size() != size)
                    fail("bad checkpoint", place,
                        "storage " + key + " of " + std::to_string(size) + " bytes",
                        found == storages.end() ? "none" : std::to_string(found->second.size()));
            }
        }
    }

    /// A dict of layers in an array of one object.
    void readArray(std::size_t from)
    {
        const PickleNode* root = &start(owner->bytes.subspan(from));
        if (root->is(Kind::List) && root->items.size() == 1)
            root = root->items.front();
        dicts = detail::layersOf(*root, place);
        requireStorages();
    }

    [[nodiscard]] std::map<std::string, Bytes> storagesFor(const detail::FoundDict& dict) const
    {
        if (!owner->archive)
            return storages;
        std::map<std::string, Bytes> found;
        for (const auto& [member, bytes] : owner->archive->read(membersOf(dict)))
            found[member.substr(5)] = bytes;
        return found;
    }
};

PthFile::PthFile(Bytes bytes, std::shared_ptr<const void> owner, const std::string& place)
    : m_parsed(std::make_shared<Parsed>())
{
    m_parsed->owner->bytes = bytes;
    m_parsed->owner->file = std::move(owner);
    m_parsed->place = place;
    if (bytes.size() >= kZipSignature.size()
        && std::equal(kZipSignature.begin(), kZipSignature.end(), bytes.begin())) {
        m_parsed->readZip();
    } else if (const auto array = pickleInArray(bytes)) {
        m_parsed->readArray(*array);
    } else {
        if (bytes.size() < 2 || bytes[0] != 0x80)
            fail("not a torch checkpoint", place, "a zip file or a pickle",
                bytes.empty() ? "0 bytes" : "other bytes");
        m_parsed->readLegacy();
    }
    for (const detail::FoundDict& found : m_parsed->dicts) {
        PthDict& dict = m_dicts.emplace_back(PthDict { found.key, {}, found.others });
        for (const auto& [name, tensor] : found.tensors)
            dict.tensors.push_back(headerOf(name, *tensor, place));
    }
}

StateDict PthFile::read(std::size_t dict) const
{
    const detail::FoundDict& from = m_parsed->dicts.at(dict);
    const std::map<std::string, Bytes> storages = m_parsed->storagesFor(from);
    const std::shared_ptr<Owner>& owner = m_parsed->owner;
    std::uint64_t stored = owner->bytes.size();
    for (const auto& [key, bytes] : storages)
        stored += bytes.size();
    std::uint64_t copied = 0;
    StateDict state;
    for (const auto& [name, tensor] : from.tensors) {
        TensorView view = headerOf(name, *tensor, m_parsed->place);
        const std::uint64_t bytes = detail::byteCount(view.shape, view.dtype).value_or(0);
        if (bytes > 0) {
            const bool array = tensor->storage == nullptr;
            const std::string place = placeOf(m_parsed->place, name);
            checkStrides(*tensor, place);
            const Bytes storage =
                array ? bytesOf(tensor->text) : storages.at(std::string(tensor->storage->text));
            if (isContiguous(*tensor)) {
                view.bytes = std::as_bytes(
                    storage.subspan(static_cast<std::size_t>(tensor->number) * sizeOf(view.dtype),
                        static_cast<std::size_t>(bytes)));
            } else {
                copied += bytes;
                if (copied > 2 * stored) // many turned views of one large storage
                    fail("too many copies of shared storages", place,
                        "at most twice the stored bytes", std::to_string(copied) + " bytes");
                view.bytes =
                    owner->copies.emplace_back(gather(*tensor, storage, sizeOf(view.dtype), bytes));
            }
        }
        state.tensors.push_back(std::move(view));
    }
    state.owner = owner;
    return state;
}

bool isArrayOfObjects(Bytes bytes)
{
    return pickleInArray(bytes).has_value();
}

StateDict readPth(const std::filesystem::path& path)
{
    const auto file = MappedFile::open(path);
    return readPthBytes(file->bytes(), file, path.string());
}

StateDict readPthBytes(Bytes bytes, std::shared_ptr<const void> owner, const std::string& place)
{
    const PthFile file(bytes, std::move(owner), place);
    const auto wrapped = std::find_if(file.dicts().begin(), file.dicts().end(),
        [](const PthDict& dict) { return dict.key == "state_dict"; });
    return file.read(wrapped == file.dicts().end()
            ? 0
            : static_cast<std::size_t>(wrapped - file.dicts().begin()));
}

} // namespace crossiter
