#pragma once

#include "core/base/ByteView.h"
#include "core/checkpoint/StateDict.h"

#include <filesystem>
#include <functional>
#include <string>

namespace crossiter {

// Variables of a TensorFlow checkpoint by their own names, as TensorFlow lays them out (HWIO);
// KeyMap.h renames and turns them. Formats: docs/tensorflow.md. Nothing is executed. Every length,
// offset and checksum is checked before it is used; time is linear in the bytes given, memory a
// small multiple of them. Text, resource and variant variables are left out; any other type that
// StateDict does not know is refused by name. All throw Error(BadInput).

/// V1: everything in one table. Values are copied.
[[nodiscard]] StateDict readTfV1(ByteView bytes, const std::string& place);

/// Bytes of shard `number` of `count`. Throws what it likes when there is none.
using TfShardLookup = std::function<ByteView(int number, int count)>;

/// V2: the table of an index. Tensors are spans of the shards, which `owner` keeps alive. Variables
/// kept in several parts are refused by name.
[[nodiscard]] StateDict readTfV2(ByteView index, const TfShardLookup& shards,
    std::shared_ptr<const void> owner, const std::string& place);

/// A file: V1, or the index of V2 beside its shards PREFIX.data-NNNNN-of-NNNNN. `path` may also be
/// the prefix of a V2 checkpoint.
[[nodiscard]] StateDict readTfCheckpoint(const std::filesystem::path& path);

/// Of a V1 file the frame of its table; of an index also its records and the sizes of its shards.
/// No value is read.
void checkTfHeader(const std::filesystem::path& file);

/// What a V2 shard's file is called: "PREFIX.data-00000-of-00001".
[[nodiscard]] std::string tfShardName(const std::string& prefix, int number, int count);

/// The table's first record tells: an index of V2 (true) or a V1 file (false).
[[nodiscard]] bool isTfIndex(ByteView bytes, const std::string& place);

} // namespace crossiter
