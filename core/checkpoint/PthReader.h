#pragma once

#include "core/checkpoint/StateDict.h"

#include <filesystem>

namespace crossiter {

/// Reads a state dict saved by torch.save, in the legacy format (magic number, five pickles, raw
/// storages: PyTorch before 1.6) or the zip format (data.pkl + data/KEY, stored or deflated).
///
/// Nothing is executed: the pickle is interpreted by a small machine that knows an allow-list of
/// opcodes and of globals (collections.OrderedDict, torch._utils._rebuild_tensor_v2,
/// torch._utils._rebuild_parameter, torch.*Storage); anything else is refused by name. Every
/// length, stride and offset is checked against the bytes that are there before it is used.
/// Non-contiguous tensors are copied into C order.
/// Throws Error(BadInput) naming the file, what was expected and what was found.
[[nodiscard]] StateDict readPth(const std::filesystem::path& path);
/// The same from memory that `owner` keeps alive. place: for errors.
[[nodiscard]] StateDict readPthBytes(std::span<const std::uint8_t> bytes,
    std::shared_ptr<const void> owner, const std::string& place);

/// The list of a zip's members, the pickle and the sizes of what it names: no tensor's bytes are
/// read. Throws as readPth() does.
void checkPthHeader(const std::filesystem::path& path);

} // namespace crossiter
