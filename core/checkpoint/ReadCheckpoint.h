#pragma once

#include "core/checkpoint/StateDict.h"
#include "core/checkpoint/WeightNames.h"

#include <filesystem>
#include <string>

namespace crossiter {

enum class CheckpointFormat
{
    Safetensors,
    Pth, ///< torch.save, legacy or zip; or a pickle of arrays
    Arrays, ///< an .npy file of pickled arrays
    TensorFlow, ///< V1 file, V2 index with its shards, or a .tar.gz that holds one of them
    TorchScript ///< a program: never read as weights
};

[[nodiscard]] const char* nameOf(CheckpointFormat format) noexcept; ///< for people

/// What can be said of the file without reading the weights in it: the header of a safetensors
/// file, the pickle and the sizes of a state dict, the frame of a table, the first member of a
/// .tar.gz. Some milliseconds and megabytes, whatever the file's size: to be called before it is
/// hashed or copied. Returns the format, told by content, not by name. A TensorFlow checkpoint may
/// be named by any file of it or by its folder (weightsFile). Throws Error(BadInput) as
/// readCheckpoint() does: missing, damaged, or none of the four, then with what it is and what to
/// give instead (OtherFiles.h).
CheckpointFormat checkHeader(const std::filesystem::path& path);

/// What is chosen where a file holds a network more than once; empty: the only one.
struct WeightsChoice
{
    std::string scope; ///< of a TensorFlow checkpoint: "model/InceptionV3"
    std::string key; ///< of a state dict's wrapper: PthDict::key, "." for the file's own dict
};

/// How the file's tensors are the network's; no value is converted or copied, but V1 checkpoints of
/// TensorFlow are. What is missing or left over is in the answer; of TensorFlow checkpoints it is
/// an error. Throws Error(BadInput) as readCheckpoint() does.
[[nodiscard]] Recognition recogniseWeights(const std::filesystem::path& path,
    const std::string& architecture, const WeightsChoice& choice = {});

/// What a file is to one network.
struct NetworkMatch
{
    std::string architecture;
    Recognition how;
    std::string problem; ///< of a TensorFlow checkpoint: why it is not this network; else empty
};

/// For a preview: of each architecture the dicts that fit, or the nearest where none does; of a
/// TensorFlow checkpoint those that TF-Slim names. Throws Error(BadInput) as readCheckpoint() does.
[[nodiscard]] std::vector<NetworkMatch> matchNetworks(
    const std::filesystem::path& path, const std::vector<std::string>& architectures);

/// The weights of one network, under the member names of `architecture`; executes nothing.
/// TensorFlow variables are mapped by KeyMap.h, others by WeightNames.h; what is left over keeps
/// its name. Where several dicts of tensors lie in a file, the one that fits is taken. how: gets
/// what was recognised. Throws Error(BadInput): several fit (they are named), no such one,
/// TorchScript, a choice where the file has none.
[[nodiscard]] StateDict readCheckpoint(const std::filesystem::path& path,
    const std::string& architecture, const WeightsChoice& choice = {}, Recognition* how = nullptr);

} // namespace crossiter
