#pragma once

#include <cstdint>
#include <leveldb/env.h>
#include <leveldb/options.h>
#include <leveldb/table_builder.h>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace crossiter::fuzz {

/// A well-formed LevelDB table in memory, checksums and all, around any records.
inline std::vector<std::uint8_t> makeTable(
    const std::map<std::string, std::string>& records, bool packed)
{
    class Memory : public leveldb::WritableFile
    {
    public:
        std::vector<std::uint8_t> bytes;
        leveldb::Status Append(const leveldb::Slice& data) override
        {
            bytes.insert(bytes.end(), data.data(), data.data() + data.size());
            return leveldb::Status::OK();
        }
        leveldb::Status Close() override { return leveldb::Status::OK(); }
        leveldb::Status Flush() override { return leveldb::Status::OK(); }
        leveldb::Status Sync() override { return leveldb::Status::OK(); }
    };
    Memory file;
    leveldb::Options options;
    options.block_size = 512; // several blocks even for small inputs
    options.compression = packed ? leveldb::kSnappyCompression : leveldb::kNoCompression;
    leveldb::TableBuilder builder(options, &file);
    for (const auto& [key, value] : records)
        builder.Add(key, value);
    (void)builder.Finish();
    return file.bytes;
}

/// Records as the fuzzer changes them: flags, then [key length][key][value length, 2 bytes][value].
inline std::map<std::string, std::string> recordsOf(std::span<const std::uint8_t> bytes)
{
    std::map<std::string, std::string> records;
    const auto take = [&bytes](std::size_t count) {
        count = std::min(count, bytes.size());
        std::string text(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
        bytes = bytes.subspan(count);
        return text;
    };
    const auto number = [&](std::size_t count) {
        std::size_t value = 0;
        for (const char c : take(count))
            value = value << 8U | static_cast<unsigned char>(c);
        return value;
    };
    while (!bytes.empty()) {
        std::string key = take(number(1));
        records[std::move(key)] = take(number(2));
    }
    return records;
}

inline std::vector<std::uint8_t> recordBytes(const std::map<std::string, std::string>& records)
{
    std::vector<std::uint8_t> bytes;
    const auto add = [&bytes](const std::string& text) {
        bytes.insert(bytes.end(), text.begin(), text.end());
    };
    for (const auto& [key, value] : records) {
        if (key.size() > 255 || value.size() > 65535)
            continue;
        bytes.push_back(static_cast<std::uint8_t>(key.size()));
        add(key);
        bytes.push_back(static_cast<std::uint8_t>(value.size() >> 8U));
        bytes.push_back(static_cast<std::uint8_t>(value.size()));
        add(value);
    }
    return bytes;
}

} // namespace crossiter::fuzz
