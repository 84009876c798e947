#include "core/checkpoint/TfTable.h"

#include "core/base/Error.h"

#include <leveldb/env.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/table.h>
#include <memory>

namespace crossiter::detail {

namespace {

/// Hands out the bytes where they lie: a value of an uncompressed block is never copied.
class MemoryFile : public leveldb::RandomAccessFile
{
public:
    explicit MemoryFile(ByteView bytes)
        : m_bytes(bytes)
    {
    }

    leveldb::Status Read( // NOLINT(readability-identifier-naming): LevelDB's name
        std::uint64_t offset, std::size_t count, leveldb::Slice* result,
        char* /*scratch*/) const override
    {
        if (offset > m_bytes.size() || count > m_bytes.size() - offset)
            return leveldb::Status::IOError("read outside the table");
        *result = leveldb::Slice(reinterpret_cast<const char*>(m_bytes.data()) + offset, count);
        return leveldb::Status::OK();
    }

private:
    ByteView m_bytes;
};

void requireOk(const leveldb::Status& status, const std::string& place)
{
    if (!status.ok())
        throw Error(ErrorKind::BadInput, "damaged TensorFlow checkpoint", place, "a LevelDB table",
            "damaged bytes");
}

} // namespace

void readTable(ByteView bytes, const std::string& place, const TableVisitor& visit)
{
    checkTable(bytes, place);
    const MemoryFile memory(bytes);
    leveldb::Options options;
    options.paranoid_checks = true;
    leveldb::Table* opened = nullptr;
    // It takes a mutable file, and only calls Read().
    requireOk(
        leveldb::Table::Open(options, const_cast<MemoryFile*>(&memory), bytes.size(), &opened),
        place);
    const std::unique_ptr<leveldb::Table> table(opened);
    const std::unique_ptr<leveldb::Iterator> record(table->NewIterator(leveldb::ReadOptions()));
    for (record->SeekToFirst(); record->Valid(); record->Next()) {
        const leveldb::Slice key = record->key();
        const leveldb::Slice value = record->value();
        visit({ key.data(), key.size() },
            { reinterpret_cast<const std::uint8_t*>(value.data()), value.size() });
    }
    requireOk(record->status(), place);
}

} // namespace crossiter::detail
