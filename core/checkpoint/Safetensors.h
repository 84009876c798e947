#pragma once

#include "core/base/ByteView.h"
#include "core/checkpoint/StateDict.h"

#include <filesystem>
#include <map>
#include <string>

namespace crossiter {

/// Largest header that is read, in bytes (the format's own limit).
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Maps a .safetensors file and checks it strictly: header at most 100 MB and an object, no
/// duplicate keys, known dtypes, shape x dtype == byte range, ranges contiguous from 0 to the
/// file's end without gap or overlap. Tensors come in the order of their bytes. Throws
/// Error(BadInput). Format: https://github.com/huggingface/safetensors
[[nodiscard]] StateDict readSafetensors(const std::filesystem::path& path);
/// The same from memory that `owner` keeps alive. place: for errors.
[[nodiscard]] StateDict readSafetensorsBytes(
    ByteView bytes, std::shared_ptr<const void> owner, const std::string& place);

/// Writes tensors in the given order, header padded with spaces to 8 bytes, temporary name +
/// rename. Throws Error(BadInput) on duplicate names, on a byte count that does not fit the shape,
/// or when the file cannot be written.
void writeSafetensors(const std::filesystem::path& path, const StateDict& state,
    const std::map<std::string, std::string>& metadata = {});

} // namespace crossiter
