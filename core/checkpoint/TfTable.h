#pragma once

#include "core/base/ByteView.h"

// Private to core/checkpoint: the LevelDB table that TensorFlow checkpoints are kept in.

#include <functional>
#include <string>
#include <string_view>

namespace crossiter::detail {

/// The last eight bytes are a table's magic number.
[[nodiscard]] bool endsLikeTable(ByteView bytes) noexcept;

/// Every record in the order of keys. key and value are valid during the call only.
using TableVisitor = std::function<void(std::string_view key, ByteView value)>;

/// Calls `visit` with the records of a table that lies in memory; LevelDB reads it after
/// checkTable() found nothing. place: the path, for errors. Throws Error(BadInput), and what
/// `visit` throws.
void readTable(ByteView bytes, const std::string& place, const TableVisitor& visit);

/// Checks everything that LevelDB trusts: it asserts, reads out of bounds or asks for any amount of
/// memory on a damaged file. Footer, handles and block trailers lie in the file; data blocks follow
/// each other; checksums are right; the compression is none or snappy and unpacks to a size that
/// snappy can reach; entries and restart points fit their block; keys ascend, and are not longer
/// than the file justifies. Linear in the file's size, with memory for one block. Throws
/// Error(BadInput). Format: https://github.com/google/leveldb/blob/main/doc/table_format.md
void checkTable(ByteView bytes, const std::string& place);

/// Of checkTable() only the footer and the two index blocks: says in no time whether the file is
/// whole at all. Throws Error(BadInput).
void checkTableFrame(ByteView bytes, const std::string& place);

} // namespace crossiter::detail
