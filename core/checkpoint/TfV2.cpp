#include "core/base/ByteView.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/base/Numbers.h"
#include "core/checkpoint/Crc32c.h"
#include "core/checkpoint/Sizes.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/checkpoint/TfTable.h"
#include "core/checkpoint/TfTypes.h"
#include "core/checkpoint/tf_checkpoint.pb.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace crossiter {

namespace {

using Bytes = ByteView;

constexpr std::string_view kIndexEnding = ".index";
constexpr std::uint64_t kMostIndexBytes = 64U << 20U; // names and sizes: no index is larger
constexpr int kMostShards = 99'999; // five digits in a shard's name

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

template <typename Record>
Record parsed(Bytes bytes, const std::string& place)
{
    Record record;
    if (bytes.size() > INT32_MAX
        || !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        fail("damaged TensorFlow checkpoint", place, "a record of the format",
            std::to_string(bytes.size()) + " other bytes");
    return record;
}

std::vector<std::int64_t> shapeOf(const tfrecord::ShapeRecord& record)
{
    std::vector<std::int64_t> shape;
    for (const auto& side : record.sides())
        shape.push_back(side.size());
    return shape;
}

/// Where a tensor's bytes lie, to find two that share some.
using Extent = std::tuple<int, std::int64_t, std::int64_t, std::string>; ///< shard, from, to, name

void checkApart(std::vector<Extent> extents, const std::string& place)
{
    std::ranges::sort(extents);
    for (std::size_t i = 1; i < extents.size(); ++i) {
        const auto& [shard, from, to, name] = extents[i];
        const auto& [shardBefore, fromBefore, toBefore, nameBefore] = extents[i - 1];
        if (shard == shardBefore && from < toBefore && from < to && fromBefore < toBefore)
            fail("tensors overlap in the checkpoint", place, "bytes of their own",
                nameBefore + " and " + name);
    }
}

class IndexReader
{
public:
    IndexReader(const TfShardLookup& shards, std::string place, bool sizesOnly = false)
        : m_lookup(shards)
        , m_place(std::move(place))
        , m_sizesOnly(sizesOnly)
    {
    }

    void take(std::string_view key, Bytes value)
    {
        if (key.empty()) {
            takeHeader(parsed<tfrecord::BundleHeaderRecord>(value, m_place + ", header"));
        } else if (m_shards == 0) {
            fail("damaged TensorFlow checkpoint", m_place, "a header first", std::string(key));
        } else if (key.front() != '\0') { // those are parts of variables, refused by their whole
            takeEntry(std::string(key),
                parsed<tfrecord::BundleEntryRecord>(value, m_place + ", " + std::string(key)));
        }
    }

    StateDict finish(std::shared_ptr<const void> owner)
    {
        if (m_shards == 0)
            fail("damaged TensorFlow checkpoint", m_place, "a header", "none");
        checkApart(std::move(m_extents), m_place);
        m_state.owner = std::move(owner);
        return std::move(m_state);
    }

private:
    void takeHeader(const tfrecord::BundleHeaderRecord& header)
    {
        if (header.num_shards() < 1 || header.num_shards() > kMostShards)
            fail("damaged TensorFlow checkpoint", m_place, "1 to 99999 shards",
                std::to_string(header.num_shards()));
        if (header.endianness() != 0)
            fail("TensorFlow checkpoint of another machine", m_place, "little-endian numbers",
                "byte order " + std::to_string(header.endianness()));
        m_shards = header.num_shards();
    }

    void takeEntry(const std::string& name, const tfrecord::BundleEntryRecord& entry)
    {
        if (detail::isTfNoNumber(entry.dtype()))
            return;
        const std::string where = m_place + ", variable " + name;
        const auto dtype = detail::tfType(entry.dtype());
        if (!dtype)
            fail("type not known", where, "a float, integer or bool type of TensorFlow",
                "type " + std::to_string(entry.dtype()));
        if (entry.slices_size() > 0)
            fail("variable in several parts", where, "one part",
                std::to_string(entry.slices_size()) + " parts");
        if (m_state.tensors.size() >= kMostTensors)
            fail("too many tensors", where, "at most " + std::to_string(kMostTensors) + " of them",
                "more");
        TensorView view;
        view.name = name;
        view.dtype = *dtype;
        view.shape = shapeOf(entry.shape());
        const auto bytes = detail::byteCount(view.shape, view.dtype);
        if (entry.shape().unknown_rank() || !bytes || entry.size() < 0
            || *bytes != static_cast<std::uint64_t>(entry.size()))
            fail("size does not fit the shape", where,
                detail::shapeText(view.shape) + " of " + nameOf(view.dtype),
                std::to_string(entry.size()) + " bytes");
        const Bytes shard = shardOf(entry.shard_id(), where);
        const auto size = static_cast<std::uint64_t>(shard.size());
        if (entry.offset() < 0 || static_cast<std::uint64_t>(entry.offset()) > size
            || *bytes > size - static_cast<std::uint64_t>(entry.offset()))
            fail("tensor outside its shard", where, "at most " + std::to_string(size) + " bytes",
                std::to_string(entry.offset()) + " + " + std::to_string(entry.size()));
        const Bytes values = shard.subspan(
            static_cast<std::size_t>(entry.offset()), static_cast<std::size_t>(*bytes));
        // Overlaps are looked for at the end; until then no byte may be summed more than twice.
        m_summed += *bytes;
        if (m_summed > 2 * m_available)
            fail("tensors overlap in the checkpoint", where, "bytes of their own");
        if (!m_sizesOnly && maskedCrc32c(values) != entry.crc32c())
            fail("damaged values", where, "the checksum in the index", "another");
        view.bytes = std::as_bytes(values);
        m_extents.emplace_back(
            entry.shard_id(), entry.offset(), entry.offset() + entry.size(), name);
        m_state.tensors.push_back(std::move(view));
    }

    Bytes shardOf(int number, const std::string& where)
    {
        if (number < 0 || number >= m_shards)
            fail("shard not there", where, "0.." + std::to_string(m_shards - 1),
                std::to_string(number));
        const auto found = m_open.find(number);
        if (found != m_open.end())
            return found->second;
        const Bytes bytes = m_lookup(number, m_shards);
        m_available += bytes.size();
        return m_open.emplace(number, bytes).first->second;
    }

    const TfShardLookup& m_lookup;
    std::string m_place;
    bool m_sizesOnly; ///< values are not looked at
    int m_shards = 0;
    std::map<int, Bytes> m_open;
    std::vector<Extent> m_extents;
    std::uint64_t m_summed = 0;
    std::uint64_t m_available = 0;
    StateDict m_state;
};

/// Files that V2 tensors lie in.
struct Shards
{
    std::vector<std::shared_ptr<const MappedFile>> files;
};

/// place: the path of the index, PREFIX.index.
StateDict readIndexFile(Bytes index, const std::string& place, bool sizesOnly)
{
    const std::string prefix = place.substr(0, place.size() - kIndexEnding.size());
    const auto shards = std::make_shared<Shards>();
    const TfShardLookup lookup = [&](int number, int count) {
        shards->files.push_back(MappedFile::open(tfShardName(prefix, number, count)));
        return shards->files.back()->bytes();
    };
    IndexReader reader(lookup, place, sizesOnly);
    detail::readTable(
        index, place, [&](std::string_view key, Bytes value) { reader.take(key, value); });
    return reader.finish(shards);
}

void requireIndexName(const std::filesystem::path& file)
{
    if (file.extension() != kIndexEnding)
        fail("index of a TensorFlow checkpoint under another name", file.string(), "NAME.index",
            file.filename().string());
}

/// The first record is enough: thrown to end the reading.
struct Seen
{
    bool index;
};

} // namespace

std::string tfShardName(const std::string& prefix, int number, int count)
{
    return prefix + ".data-" + paddedText(static_cast<std::uint64_t>(number), 5) + "-of-"
        + paddedText(static_cast<std::uint64_t>(count), 5);
}

bool isTfIndex(Bytes bytes, const std::string& place)
{
    try {
        detail::readTable(
            bytes, place,
            [](std::string_view key, Bytes value) {
                // A V1 file's metadata is a message in field 1; an index's header begins with the
                // number of shards, a plain number in field 1.
                constexpr std::uint8_t kPlainNumber = 0x08;
                throw Seen { key.empty() && !value.empty() && value[0] == kPlainNumber };
            });
    } catch (const Seen& seen) {
        return seen.index;
    }
    fail("empty TensorFlow checkpoint", place, "variables", "none");
}

StateDict readTfV2(Bytes index, const TfShardLookup& shards, std::shared_ptr<const void> owner,
    const std::string& place)
{
    IndexReader reader(shards, place);
    detail::readTable(
        index, place, [&](std::string_view key, Bytes value) { reader.take(key, value); });
    return reader.finish(std::move(owner));
}

StateDict readTfCheckpoint(const std::filesystem::path& path)
{
    namespace fs = std::filesystem;
    std::error_code fault;
    fs::path file = path;
    if (!fs::exists(path, fault) && fs::exists(fs::path(path.string() + ".index"), fault))
        file = path.string() + ".index";
    const auto mapped = MappedFile::open(file);
    const Bytes bytes = mapped->bytes();
    if (!isTfIndex(bytes, file.string()))
        return readTfV1(bytes, file.string());
    requireIndexName(file);
    return readIndexFile(bytes, file.string(), false);
}

void checkTfHeader(const std::filesystem::path& file)
{
    const auto mapped = MappedFile::open(file);
    const Bytes bytes = mapped->bytes();
    detail::checkTableFrame(bytes, file.string());
    if (bytes.size() > kMostIndexBytes || !isTfIndex(bytes, file.string()))
        return; // V1: its values lie in the table
    requireIndexName(file);
    (void)readIndexFile(bytes, file.string(), true);
}

} // namespace crossiter
