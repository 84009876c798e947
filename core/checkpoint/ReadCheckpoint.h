#pragma once

#include "core/checkpoint/StateDict.h"

#include <filesystem>
#include <string>

namespace crossiter {

enum class CheckpointFormat
{
    Safetensors,
    Pth, ///< torch.save, legacy or zip
    TensorFlow, ///< V1 file, V2 index with its shards, or a .tar.gz that holds one of them
    TorchScript ///< a program: never read as weights
};

[[nodiscard]] const char* nameOf(CheckpointFormat format) noexcept; ///< for people

/// What can be said of the file without reading the weights in it: the header of a safetensors
/// file, the pickle and the sizes of a state dict, the frame of a table, the first member of a
/// .tar.gz. Some milliseconds and megabytes, whatever the file's size: to be called before it is
/// hashed or copied. Returns the format, told by content, not by name. For TensorFlow V2 `path` is
/// the .index file or the prefix that the index and the shards share. Throws Error(BadInput) as
/// readCheckpoint() does: missing, damaged, or none of the four, then with what it is and what to
/// give instead (OtherFiles.h).
CheckpointFormat checkHeader(const std::filesystem::path& path);

/// The weights of one network, under the member names of `architecture`; executes nothing.
/// TensorFlow variables are mapped by KeyMap.h, timm's EfficientNet-Lite keys by TimmNames.h.
/// scope: of a TensorFlow checkpoint that holds the network more than once, which one is meant;
/// empty: the only one. Throws Error(BadInput), for TorchScript too, and for a scope where the file
/// has none.
[[nodiscard]] StateDict readCheckpoint(const std::filesystem::path& path,
    const std::string& architecture, const std::string& scope = {});

} // namespace crossiter
